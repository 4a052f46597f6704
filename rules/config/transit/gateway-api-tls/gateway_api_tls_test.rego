# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.gateway_api_tls_test

import data.sealock.config.transit.gateway_api_tls as rule
import data.sealock.lib.samples_test as samples

gateway := samples.namespaced(1, "gateway.networking.k8s.io/v1", "Gateway", "shop", {"spec": {"gatewayClassName": "x", "listeners": [
	{"name": "http", "protocol": "HTTP", "port": 80},
	{"name": "https", "protocol": "HTTPS", "port": 443, "tls": {"certificateRefs": [{"name": "t"}]}},
]}})

route(id, parent, rules) := samples.namespaced(id, "gateway.networking.k8s.io/v1", "HTTPRoute", sprintf("r%d", [id]), {"spec": {"parentRefs": [object.union({"name": "shop"}, parent)], "rules": rules}})

redirect := {"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}]}

test_http if {
	samples.marks(rule.finding) == {"spec/listeners/0/protocol"} with input as samples.kube([gateway])
}

test_one_route_does_more_than_redirect if {
	doc := samples.kube([gateway, route(2, {"sectionName": "http"}, [redirect]), route(3, {}, [{"backendRefs": [{"name": "web"}]}])])
	samples.items(rule.finding) == {1} with input as doc
}

test_all_routes_redirect if {
	doc := samples.kube([gateway, route(2, {"sectionName": "http"}, [redirect]), route(3, {"sectionName": "https"}, [{"backendRefs": [{"name": "web"}]}])])
	rule.finding == set() with input as doc
}

test_tls_is_fine if {
	doc := samples.kube([samples.namespaced(1, "gateway.networking.k8s.io/v1", "Gateway", "shop", {"spec": {"listeners": [{"name": "a", "protocol": "HTTPS"}, {"name": "b", "protocol": "TLS", "tls": {"mode": "Passthrough"}}]}})])
	rule.finding == set() with input as doc
}

callers(spec) := samples.kube([samples.namespaced(1, "gateway.networking.k8s.io/v1", "Gateway", "shop", {"spec": spec})])

test_callers_without_a_certificate if {
	open := {"mode": "AllowInsecureFallback", "caCertificateRefs": [{"kind": "ConfigMap", "name": "ca"}]}
	samples.marks(rule.finding) == {"spec/tls/frontend/default/validation/mode"} with input as callers({"tls": {"frontend": {"default": {"validation": open}}}})
	samples.marks(rule.finding) == {"spec/tls/frontend/perPort/0/tls/validation/mode"} with input as callers({"tls": {"frontend": {"perPort": [{"port": 443, "tls": {"validation": open}}]}}})
	samples.marks(rule.finding) == {"spec/listeners/0/tls/frontendValidation/mode"} with input as callers({"listeners": [{"protocol": "HTTPS", "tls": {"frontendValidation": open}}]})
}

test_callers_with_a_certificate_are_fine if {
	rule.finding == set() with input as callers({"tls": {"frontend": {"default": {"validation": {"mode": "AllowValidOnly"}}}}, "listeners": [{"protocol": "HTTPS", "tls": {"frontendValidation": {}}}]})
}
