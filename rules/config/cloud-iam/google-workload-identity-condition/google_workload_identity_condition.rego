# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Federation accepts the tokens of one's own repositories and workloads only"
# description: "An identity provider such as GitHub signs tokens for everybody: without an attribute condition any repository can sign in."
# related_resources:
# - ref: https://cloud.google.com/iam/docs/best-practices-for-using-workload-identity-federation
#   description: Best practices for using workload identity federation
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-9 Service Identification and Authentication
# custom:
#   id: cloud-iam.google-workload-identity-condition
#   severity: high
#   remediation: "Set attribute_condition, such as assertion.repository_owner_id == '1234567', and bind roles to a principal or to an attribute, not to the whole pool."
#   zeroTrust: [Z28, Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.google_workload_identity_condition

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_iam_workload_identity_pool_provider"})
	every kind in ["saml", "x509"] {
		count(cloud.at(i.values, [kind])) == 0
	}
	open(i)
	f := cloud.fault(i, ["attribute_condition"], "tokens of anybody at the identity provider are accepted", cloud.shown(object.get(i.values, "attribute_condition", null)), "a condition on the repository, its owner, or the subject")
}

finding contains f if {
	some g in cloud.google_grants
	some m in g.members
	regex.match(`^principalSet://iam\.googleapis\.com/.*/\*$`, m)
	not contains(m, "/attribute.")
	f := cloud.rated(cloud.fault(g.item, config.child(g.path, ["role"]), "the role is given to every identity of the pool", m, "principal://… of one subject, or principalSet://…/attribute.NAME/VALUE"), "medium")
}

open(i) if cloud.unset(i.values, "attribute_condition")

open(i) if object.get(i.values, "attribute_condition", "") == "true"
