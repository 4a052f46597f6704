# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.entry_authentication_test

import data.sealock.config.identity.entry_authentication as rule
import data.sealock.lib.samples_test as samples

https := {"port": {"number": 443, "protocol": "HTTPS"}, "tls": {"mode": "SIMPLE"}, "hosts": ["shop.example.com"]}

gateway(servers, selector) := samples.item(1, "networking.istio.io/v1", "Gateway", "shop", {"spec": {"selector": selector, "servers": servers}}, "istio-ingress")

in_front := gateway([https], {"istio": "ingress"})

request(namespace, spec) := samples.item(2, "security.istio.io/v1", "RequestAuthentication", "jwt", {"spec": object.union({"jwtRules": [{"issuer": "https://shop.example.com"}]}, spec)}, namespace)

test_nothing_asks if {
	samples.marks(rule.finding) == {"spec/selector"} with input as samples.kube([in_front])
}

test_it_is_for_another_workload if {
	samples.items(rule.finding) == {1} with input as samples.kube([in_front, request("istio-ingress", {"selector": {"matchLabels": {"app": "other"}}})])
}

test_of_another_namespace if {
	samples.items(rule.finding) == {1} with input as samples.kube([in_front, request("shop", {})])
}

test_a_gateway_of_the_gateway_api if {
	g := samples.item(1, "gateway.networking.k8s.io/v1", "Gateway", "shop", {"spec": {"gatewayClassName": "istio"}}, "shop")
	samples.items(rule.finding) == {1} with input as samples.kube([g, request("shop", {"targetRefs": [{"kind": "Gateway", "name": "other"}]})])
	rule.finding == set() with input as samples.kube([g, request("shop", {"targetRefs": [{"kind": "Gateway", "name": "shop"}]})])
}

test_asked_at_the_gateway if {
	rule.finding == set() with input as samples.kube([in_front, request("istio-ingress", {"selector": {"matchLabels": {"istio": "ingress"}}})])
	rule.finding == set() with input as samples.kube([in_front, request("istio-system", {})])
}

test_asked_by_the_services_behind if {
	v := samples.item(3, "networking.istio.io/v1", "VirtualService", "shop", {"spec": {"gateways": ["istio-ingress/shop"]}}, "shop")
	rule.finding == set() with input as samples.kube([in_front, v, request("shop", {"selector": {"matchLabels": {"app": "payments"}}})])
}

test_clients_with_certificates_and_ways_out if {
	mutual := object.union(https, {"tls": {"mode": "MUTUAL"}})
	rule.finding == set() with input as samples.kube([gateway([mutual], {"istio": "ingress"})])
	rule.finding == set() with input as samples.kube([gateway([https], {"istio": "egressgateway"})])
}

test_trees_without_a_mesh if {
	rule.finding == set() with input as samples.kube([samples.item(1, "gateway.networking.k8s.io/v1", "Gateway", "shop", {"spec": {"gatewayClassName": "istio"}}, "shop")])
}
