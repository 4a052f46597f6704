# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Impersonation is granted on one service account, not on a project
# description: Who may use or mint tokens for every service account of a project has the rights of the strongest of them.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 1.6 (no service account user or token creator at project level)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.google-impersonation
#   severity: high
#   remediation: Use google_service_account_iam_member on the one account that is meant.
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.google_impersonation

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some g in cloud.google_grants
	regex.match(`^google_(project|folder|organization)_iam_(member|binding)$`, g.item.type)
	g.role in {"roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator", "roles/iam.serviceAccountKeyAdmin", "roles/iam.workloadIdentityUser", "roles/iam.serviceAccountOpenIdTokenCreator"}
	f := cloud.fault(g.item, config.child(g.path, ["role"]), sprintf("%s holds for every service account", [g.role]), g.item.type, "google_service_account_iam_member")
}
