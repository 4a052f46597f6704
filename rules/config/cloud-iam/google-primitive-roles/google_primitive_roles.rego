# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Members are not given owner or editor
# description: Owner and editor hold thousands of permissions over every service of a project, among them changing who may do what.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 1.5 (no admin privileges for service accounts)
# - ref: https://cloud.google.com/iam/docs/using-iam-securely
#   description: Using IAM securely, least privilege
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.google-primitive-roles
#   severity: high
#   remediation: Give the predefined role of the service that is used, on the resource that is used.
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.google_primitive_roles

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some g in cloud.google_grants
	g.role in {"roles/owner", "roles/editor"}
	f := cloud.fault(g.item, config.child(g.path, ["role"]), sprintf("%s is given to %s", [g.role, concat(", ", array.slice(g.members, 0, 3))]), g.role, "a predefined role of one service")
}
