# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Members are not given owner, editor, or the administration of others' rights"
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

# Who may change rights gives them to himself.
changing := {
	"roles/resourcemanager.projectIamAdmin", "roles/resourcemanager.folderIamAdmin", "roles/resourcemanager.folderAdmin",
	"roles/resourcemanager.organizationAdmin", "roles/iam.securityAdmin", "roles/iam.organizationRoleAdmin", "roles/iam.roleAdmin",
	"roles/iam.serviceAccountAdmin", "roles/iam.workloadIdentityPoolAdmin", "roles/orgpolicy.policyAdmin", "roles/admin",
}

finding contains f if {
	some g in cloud.google_grants
	wide(g.item)
	g.role in changing
	f := cloud.fault(g.item, config.child(g.path, ["role"]), sprintf("%s can give any other role", [g.role]), concat(", ", array.slice(g.members, 0, 3)), "a narrower role, or a custom role of the permissions that are needed")
}

# A workload that administers a service is taken over with the workload.
finding contains f if {
	some g in cloud.google_grants
	wide(g.item)
	regex.match(`^roles/[a-zA-Z]+(\.[a-zA-Z]+)*\.[a-zA-Z]*[aA]dmin$`, g.role)
	not g.role in changing
	not g.role in impersonation
	accounts := [m | some m in g.members; regex.match(`^(serviceAccount:|principal(Set)?://)`, m); not of_google(m)]
	count(accounts) > 0
	f := cloud.rated(cloud.fault(g.item, config.child(g.path, ["role"]), sprintf("a workload has %s", [g.role]), concat(", ", array.slice(accounts, 0, 3)), "the role of what it does, on the resource that it uses"), "medium")
}

# Reported by google-impersonation.
impersonation := {"roles/iam.serviceAccountKeyAdmin"}

# Agents of Google's own services have the roles that these services need.
of_google(m) if regex.match(`@(gcp-sa-[a-z0-9-]+|cloudservices|container-engine-robot|compute-system|cloudbuild)\.(iam\.)?gserviceaccount\.com$`, m)

# Over a whole project or more. A policy that a data source makes is that of a project, as far as nothing else uses it.
wide(item) if regex.match(`^google_(project|folder|organization)_iam_`, item.type)

wide(item) if {
	item.type == "google_iam_policy"
	every type in cloud.users(item) {
		regex.match(`^google_(project|folder|organization)_iam_`, type)
	}
}
