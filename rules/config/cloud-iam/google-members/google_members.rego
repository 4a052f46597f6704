# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Roles go to groups and accounts of the organization, and duties are apart
# description: Private accounts stay when a person leaves and follow no rule of the company; who manages keys and also uses them is watched by nobody.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 1.1, 1.8 and 1.11 (corporate credentials, separation of duties)
# - ref: https://cloud.google.com/iam/docs/using-iam-securely
#   description: Using IAM securely, grant roles to groups
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-5 Separation of Duties
# custom:
#   id: cloud-iam.google-members
#   severity: medium
#   remediation: Grant roles to groups of the organization, and give the administration of keys or accounts to others than those who use them.
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.google_members

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some g in cloud.google_grants
	some n, m in g.members
	regex.match(`(?i)^user:.*@(gmail|googlemail)\.com$`, m)
	f := cloud.fault(g.item, array.concat(g.path, member_path(g, n)), sprintf("a private account has %s", [g.role]), m, "an account of the organization, in a group")
}

finding contains f if {
	some g in cloud.google_grants
	people := [m | some m in g.members; startswith(m, "user:"); not regex.match(`(?i)@(gmail|googlemail)\.com$`, m)]
	count(people) > 0
	f := cloud.rated(cloud.fault(g.item, config.child(g.path, ["role"]), sprintf("%s is given to single persons", [g.role]), concat(", ", array.slice(people, 0, 3)), "a group"), "low")
}

member_path(g, n) := ["members", n] if {
	g.several
} else := ["member"]

# Pairs of duties that nobody has both of.
duties := [
	{"manages": {"roles/cloudkms.admin"}, "uses": {"roles/cloudkms.cryptoKeyEncrypterDecrypter", "roles/cloudkms.cryptoKeyEncrypter", "roles/cloudkms.cryptoKeyDecrypter"}, "of": "keys"},
	{"manages": {"roles/iam.serviceAccountAdmin"}, "uses": {"roles/iam.serviceAccountUser"}, "of": "service accounts"},
]

holders := {role: members |
	some role in relevant
	members := {m: true | some g in cloud.google_grants; g.role == role; some m in g.members}
}

relevant := {r | some d in duties; some r in (d.manages | d.uses)}

finding contains f if {
	some d in duties
	some g in cloud.google_grants
	g.role in d.uses
	both := [m | some m in g.members; some r in d.manages; holders[r][m]]
	count(both) > 0
	f := cloud.fault(g.item, config.child(g.path, ["role"]), sprintf("the same members manage and use %s", [d.of]), concat(", ", array.slice(both, 0, 3)), "two groups")
}
