# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Roles for federated tokens say whose tokens
# description: "The provider signs tokens for all of its users: without a condition on sub, or with one that any repository meets, strangers can assume the role."
# related_resources:
# - ref: https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
#   description: GitHub Actions, OpenID Connect in AWS, trust policy
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-9 Service Identification and Authentication
# custom:
#   id: cloud-iam.aws-oidc-trust
#   severity: high
#   remediation: Compare sub with the repository and branch or environment, or the namespace and service account, and aud with sts.amazonaws.com.
#   zeroTrust: [Z28, Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_oidc_trust

import data.sealock.lib.config_cloud as cloud

federated contains g if {
	some g in cloud.offered
	some a in g.s.actions
	lower(a) in {"sts:assumerolewithwebidentity", "sts:*", "*"}
	some p in g.s.principals
	p.type == "Federated"
}

# Identity pools of Cognito and apps of Amazon, Facebook and Google tell their users apart by aud and amr.
consumer(g) if {
	some p in g.s.principals
	some v in p.identifiers
	v in {"cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"}
}

on(s, ends) := [c |
	some c in s.conditions
	regex.match(`^(ForAnyValue:)?(StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike)$`, c.test)
	some e in ends
	endswith(lower(c.variable), e)
]

# A key that is wholly unknown may be any.
blurred(s) if {
	some c in s.conditions
	contains(c.variable, "${")
	not contains(c.variable, "}:")
	not regex.match(`:[a-z_]+$`, c.variable)
}

finding contains f if {
	some g in federated
	not consumer(g)
	not blurred(g.s)
	count(on(g.s, [":sub", ":repository", ":repository_id", ":job_workflow_ref", ":repository_owner_id", ":project_path", ":namespace_id", ":project_id", ":email", ":oid"])) == 0
	f := cloud.fault(g.item, cloud.part(g, "condition"), "any subject of the identity provider can assume the role", "no condition on sub", "a condition on sub")
}

finding contains f if {
	some g in federated
	consumer(g)
	not blurred(g.s)
	count(on(g.s, [":aud", ":app_id", ":sub", ":oaud"])) == 0
	f := cloud.fault(g.item, cloud.part(g, "condition"), "users of any application can assume the role", "no condition on aud", "a condition on aud")
}

finding contains f if {
	some g in federated
	some c in on(g.s, [":sub"])
	some v in c.values
	matches_strangers(v)
	f := cloud.fault(g.item, cloud.part(g, "condition"), "a repository of somebody else meets the condition on sub", sprintf("%s %s", [c.test, v]), "one repository: repo:owner/name:ref:refs/heads/main")
}

finding contains f if {
	some g in federated
	not consumer(g)
	not blurred(g.s)
	subject := on(g.s, [":sub"])
	count(subject) > 0
	count(on(g.s, [":aud", ":client_id"])) == 0
	f := cloud.rated(cloud.fault(g.item, cloud.part(g, "condition"), "tokens for other audiences are accepted", "no condition on aud", "a condition on aud"), "low")
}

matches_strangers(v) if regex.match(`^[*?:/]+$`, v)

matches_strangers(v) if regex.match(`^(repo|project_path|organization|system:serviceaccount|spiffe):?[*?]`, v)

matches_strangers(v) if regex.match(`^repo:[^/$:]*[*?][^/]*/`, v)

matches_strangers(v) if regex.match(`^repo:[^/]+/[*]+(:.*)?$`, v)

matches_strangers(v) if regex.match(`^repo:[^/]*[*]$`, v)
