# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies for pods admit no root"
# description: "A policy that lets a pod run as any user or group lets it run as root, and root in a container is root on the node as soon as anything else gives way."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-policy/
#   description: "Kubernetes, PodSecurityPolicy and what came after it"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted"
# custom:
#   id: workload.policy-users
#   severity: medium
#   remediation: "Say runAsUser: {rule: MustRunAsNonRoot}, and ranges that start at 1 for groups."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.policy_users

import data.sealock.lib.config_pod_policy as policy
import data.sealock.lib.config_workload as pods

# from_zero(p, field) if the range of a rule MustRunAs starts with root.
from_zero(p, field) if {
	some r in array.concat(pods.list(policy.field(p, [field], {}), ["ranges"]), [{"min": policy.field(p, [field, "uidRangeMin"], 1)}])
	pods.at(r, ["min"], 1) in {0, "0"}
}

rule_of(p, field) := policy.field(p, [field, "rule"], policy.field(p, [field, "type"], ""))

finding contains f if {
	some p in policy.policies
	some field, severity in {"runAsUser": "medium", "runAsGroup": "low", "supplementalGroups": "low", "fsGroup": "low"}
	what := wrong(p, field)
	f := policy.fault(p, array.concat([field], key(p, field)), severity, what, "MustRunAsNonRoot, or MustRunAs with ranges from 1")
}

# key(p, field) is where RunAsAny is said.
key(p, field) := [name] if {
	some name in ["rule", "type"]
	policy.field(p, [field, name], "") == "RunAsAny"
} else := []

wrong(p, field) := sprintf("%s: RunAsAny", [field]) if {
	rule_of(p, field) == "RunAsAny"
} else := sprintf("%s has a range that starts with root", [field]) if {
	rule_of(p, field) == "MustRunAs"
	from_zero(p, field)
}
