# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.token_required_test

import data.sealock.config.identity.token_required as rule
import data.sealock.lib.samples_test as samples

request := samples.namespaced(1, "security.istio.io/v1", "RequestAuthentication", "jwt", {"spec": {"selector": {"matchLabels": {"app": "pay"}}, "jwtRules": [{"issuer": "https://shop.example.com"}]}})

policy(spec) := samples.namespaced(2, "security.istio.io/v1", "AuthorizationPolicy", "p", {"spec": object.union({"selector": {"matchLabels": {"app": "pay"}}}, spec)})

test_no_policy if {
	samples.marks(rule.finding) == {"spec/jwtRules"} with input as samples.kube([request])
}

test_a_policy_that_asks_for_something_else if {
	p := policy({"rules": [{"from": [{"source": {"principals": ["cluster.local/ns/shop/sa/web"]}}]}]})
	samples.items(rule.finding) == {1} with input as samples.kube([request, p])
}

test_a_policy_for_another_workload if {
	p := policy({"selector": {"matchLabels": {"app": "web"}}, "action": "DENY", "rules": [{"from": [{"source": {"notRequestPrincipals": ["*"]}}]}]})
	samples.items(rule.finding) == {1} with input as samples.kube([request, p])
}

test_denied_without_one if {
	rule.finding == set() with input as samples.kube([request, policy({"action": "DENY", "rules": [{"from": [{"source": {"notRequestPrincipals": ["*"]}}]}]})])
}

test_allowed_with_one if {
	rule.finding == set() with input as samples.kube([request, policy({"rules": [{"from": [{"source": {"requestPrincipals": ["https://shop.example.com/*"]}}]}]})])
	rule.finding == set() with input as samples.kube([request, policy({"rules": [{"when": [{"key": "request.auth.claims[groups]", "values": ["a"]}]}]})])
}

test_another_service_decides if {
	rule.finding == set() with input as samples.kube([request, policy({"action": "CUSTOM", "provider": {"name": "opa"}, "rules": [{}]})])
}
