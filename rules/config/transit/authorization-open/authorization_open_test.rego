# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.authorization_open_test

import data.sealock.config.transit.authorization_open as rule
import data.sealock.lib.samples_test as samples

policy(spec) := samples.kube([samples.namespaced(1, "security.istio.io/v1", "AuthorizationPolicy", "web", {"spec": spec})])

from_gateway := {"source": {"principals": ["cluster.local/ns/istio-ingress/sa/gateway"]}}

test_an_empty_rule if {
	samples.marks(rule.finding) == {"spec/rules/0"} with input as policy({"rules": [{}]})
	samples.marks(rule.finding) == {"spec/rules/1"} with input as policy({"action": "ALLOW", "rules": [{"from": [from_gateway]}, {}]})
}

test_every_principal if {
	samples.marks(rule.finding) == {"medium spec/rules/0/from/0/source/principals/0"} with input as policy({"rules": [{"from": [{"source": {"principals": ["*"]}}], "to": [{"operation": {"methods": ["GET"]}}]}]})
}

test_an_empty_source if {
	samples.marks(rule.finding) == {"spec/rules/0/from/0"} with input as policy({"rules": [{"from": [{"source": {}}]}]})
}

test_nobody_named if {
	samples.marks(rule.finding) == {"low spec/rules/0"} with input as policy({"selector": {"matchLabels": {"app": "web"}}, "rules": [{"to": [{"operation": {"methods": ["POST"]}}]}]})
}

test_nothing_allowed_is_fine if {
	rule.finding == set() with input as policy({})
	rule.finding == set() with input as policy({"action": "ALLOW", "rules": []})
}

test_callers_by_name_are_fine if {
	rule.finding == set() with input as policy({"rules": [{"from": [from_gateway], "to": [{"operation": {"methods": ["GET"], "paths": ["/v1/*"]}}]}]})
	rule.finding == set() with input as policy({"rules": [{"from": [{"source": {"namespaces": ["*"], "requestPrincipals": ["https://issuer.example.com/*"]}}]}]})
}

test_an_empty_rule_that_denies_is_fine if {
	rule.finding == set() with input as policy({"action": "DENY", "rules": [{}]})
}

test_probes_and_gateways_are_for_everyone if {
	rule.finding == set() with input as policy({"rules": [{"to": [{"operation": {"paths": ["/healthz"], "methods": ["GET"]}}]}]})
	rule.finding == set() with input as policy({"selector": {"matchLabels": {"istio": "ingressgateway"}}, "rules": [{"to": [{"operation": {"hosts": ["shop.example.com"]}}]}]})
}
