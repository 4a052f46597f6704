# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.audit_policy_test

import data.sealock.config.identity.audit_policy as rule
import data.sealock.lib.samples_test as samples

policy(rules) := samples.kube([samples.global(1, "audit.k8s.io/v1", "Policy", "", {"rules": rules})])

core(level, resources) := {"level": level, "resources": [{"group": "", "resources": resources}]}

everything := {"level": "Metadata"}

test_no_rules if {
	samples.marks(rule.finding) == {"rules"} with input as policy([])
}

test_what_is_not_recorded if {
	rules := [core("Metadata", ["secrets", "configmaps", "pods"]), core("None", ["pods/exec"])]
	some f in rule.finding with input as policy(rules)
	contains(f.message, "pods/exec")
	not contains(f.message, "configmaps")
}

test_contents_of_secrets if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0/resources/1"} with input as policy([core("RequestResponse", ["pods", "secrets"]), everything])
}

test_a_good_one if {
	rules := [
		{"level": "None", "users": ["system:kube-proxy"], "verbs": ["watch"], "resources": [{"group": "", "resources": ["endpoints"]}]},
		core("Metadata", ["secrets", "configmaps"]), core("RequestResponse", ["*"]), everything,
	]
	rule.finding == set() with input as policy(rules)
}

test_other_policies if {
	rule.finding == set() with input as samples.kube([samples.global(1, "kyverno.io/v1", "Policy", "names", {"rules": []})])
}
