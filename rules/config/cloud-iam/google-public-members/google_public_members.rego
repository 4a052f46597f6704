# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Nothing is shared with allUsers or allAuthenticatedUsers
# description: allUsers is the whole internet, and allAuthenticatedUsers is everybody who has a Google account.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 5.1 and 7.1 (no anonymous or public access)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-iam.google-public-members
#   severity: high
#   remediation: Name users, groups or service accounts; for entry from the internet put a load balancer with Identity-Aware Proxy before it.
#   zeroTrust: [Z13, Z10]
#   kinds: [terraform]
package sealock.config.cloud_iam.google_public_members

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

public := {"allusers", "allauthenticatedusers"}

finding contains f if {
	some g in cloud.google_grants
	some n, m in g.members
	lower(m) in public
	f := cloud.rated(cloud.fault(g.item, member_path(g, n), sprintf("%s has %s", [m, g.role]), m, "named members"), severity(g.role))
}

finding contains f if {
	some i in cloud.managed({"google_storage_bucket_access_control", "google_storage_default_object_access_control", "google_storage_object_access_control"})
	who := cloud.text(object.get(i.values, "entity", ""))
	lower(who) in public
	f := cloud.fault(i, ["entity"], sprintf("%s has access to the bucket's objects", [who]), who, "named members")
}

finding contains f if {
	some i in cloud.managed({"google_storage_bucket_acl", "google_storage_object_acl", "google_storage_default_object_acl"})
	some n, entry in cloud.list(object.get(i.values, "role_entity", null))
	some who in public
	endswith(lower(cloud.text(entry)), sprintf(":%s", [who]))
	f := cloud.fault(i, ["role_entity", n], sprintf("%s is in the access list", [entry]), entry, "named members")
}

finding contains f if {
	some i in cloud.managed({"google_storage_bucket_acl", "google_storage_object_acl", "google_storage_default_object_acl"})
	acl := cloud.text(object.get(i.values, "predefined_acl", ""))
	lower(acl) in {"publicread", "publicreadwrite", "authenticatedread"}
	f := cloud.fault(i, ["predefined_acl"], sprintf("the access list is %s", [acl]), acl, "private or projectPrivate")
}

finding contains f if {
	some place in [["google_bigquery_dataset", ["access"]], ["google_bigquery_dataset_access", []]]
	some i in cloud.managed({place[0]})
	some p in cloud.at(i.values, place[1])
	some key in ["special_group", "iam_member"]
	who := lower(cloud.text(object.get(p.block, key, "")))
	who in public
	f := cloud.fault(i, config.child(p.path, [key]), sprintf("the dataset is shared with %s", [who]), who, "named members")
}

member_path(g, n) := array.concat(g.path, ["members", n]) if {
	g.several
} else := array.concat(g.path, ["member"])

# To call a service is less than to read or change what it stores.
severity(role) := "medium" if {
	role in {"roles/run.invoker", "roles/cloudfunctions.invoker", "roles/cloudbuild.builds.viewer"}
} else := "critical" if {
	regex.match(`(?i)(owner|editor|admin|writer|objectcreator|serviceaccountuser|tokencreator)$`, role)
} else := "high"

# A service that asks nobody is as open as one that allUsers may call.
finding contains f if {
	some i in cloud.managed({"google_cloud_run_v2_service"})
	cloud.put_on(i.values, "invoker_iam_disabled")
	f := cloud.rated(cloud.fault(i, ["invoker_iam_disabled"], "everybody may call the service", "invoker_iam_disabled = true", "false, and named members"), "medium")
}
