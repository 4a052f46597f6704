# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Custom roles of Google Cloud hold no permission that gives all others
# description: Who may change the policy of a project, act as its service accounts, or make keys for them has every permission in it.
# related_resources:
# - ref: https://cloud.google.com/iam/docs/understanding-custom-roles
#   description: Understanding IAM custom roles
# - ref: https://cloud.google.com/iam/docs/best-practices-service-accounts
#   description: Best practices for using service accounts, avoid lateral movement and privilege escalation
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.google-custom-roles
#   severity: high
#   remediation: Leave these permissions out; grant them on the one service account that is meant, to a group of administrators.
#   zeroTrust: [Z13, Z20]
#   kinds: [terraform]
package sealock.config.cloud_iam.google_custom_roles

import data.sealock.lib.config_cloud as cloud

escalating := {
	"resourcemanager.projects.setIamPolicy", "resourcemanager.folders.setIamPolicy", "resourcemanager.organizations.setIamPolicy",
	"iam.serviceAccounts.actAs", "iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.getOpenIdToken", "iam.serviceAccounts.implicitDelegation",
	"iam.serviceAccounts.signBlob", "iam.serviceAccounts.signJwt", "iam.serviceAccounts.setIamPolicy", "iam.serviceAccountKeys.create",
	"iam.roles.update", "orgpolicy.policy.set", "deploymentmanager.deployments.create", "storage.hmacKeys.create",
}

finding contains f if {
	some i in cloud.managed({"google_project_iam_custom_role", "google_organization_iam_custom_role"})
	some n, permission in cloud.list(object.get(i.values, "permissions", null))
	dangerous(permission)
	f := cloud.fault(i, ["permissions", n], sprintf("the role has %s", [permission]), permission, "the permissions that are needed")
}

dangerous(permission) if permission in escalating

dangerous(permission) if contains(cloud.text(permission), "*")

# One's own policy, on one service only, is a smaller matter.
finding contains f if {
	some i in cloud.managed({"google_project_iam_custom_role", "google_organization_iam_custom_role"})
	some n, permission in cloud.list(object.get(i.values, "permissions", null))
	endswith(cloud.text(permission), ".setIamPolicy")
	not dangerous(permission)
	f := cloud.rated(cloud.fault(i, ["permissions", n], sprintf("the role has %s", [permission]), permission, "the permissions that are needed"), "medium")
}
