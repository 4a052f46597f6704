# SPDX-License-Identifier: Apache-2.0

# What the rules about policies for pods share: PodSecurityPolicies of old clusters, and SecurityContextConstraints of OpenShift.
package sealock.lib.config_pod_policy

import data.sealock.lib.config_workload as pods

# policies is each with base, where its fields are.
policies := array.concat(old, constraints)

# old is the PodSecurityPolicies.
old := [{"item": p, "base": ["spec"]} | some p in pods.of_kind({"PodSecurityPolicy"})]

constraints := [{"item": p, "base": []} | some p in pods.of_kind({"SecurityContextConstraints"})]

# field(p, path, otherwise) is what a policy says.
field(p, path, otherwise) := pods.at(p.item.object, array.concat(p.base, path), otherwise)

# items(p, name) is a list in it.
items(p, name) := pods.list(p.item.object, array.concat(p.base, [name]))

# fault(p, path, severity, what, expected) is a finding.
fault(p, path, severity, what, expected) := {
	"item": p.item.id, "path": array.concat(p.base, path), "severity": severity,
	"message": sprintf("the policy %s lets too much through: %s", [p.item.name, what]), "found": what, "expected": expected,
}
