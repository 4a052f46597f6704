# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.gateway_hosts_test

import data.sealock.config.exposure.gateway_hosts as rule
import data.sealock.lib.samples_test as samples

istio(selector, server) := samples.kube([samples.namespaced(1, "networking.istio.io/v1", "Gateway", "shop", {"spec": {"selector": selector, "servers": [server]}})])

listener(l) := samples.kube([samples.namespaced(1, "gateway.networking.k8s.io/v1", "Gateway", "shop", {"spec": {"listeners": [l]}})])

test_every_host if {
	samples.marks(rule.finding) == {"spec/servers/0/hosts/0"} with input as istio({"istio": "ingressgateway"}, {"hosts": ["*"]})
	samples.marks(rule.finding) == {"spec/servers/0/hosts/1"} with input as istio({"istio": "ingressgateway"}, {"hosts": ["a.example.com", "shop/*"]})
}

test_routes_of_every_namespace if {
	samples.marks(rule.finding) == {"medium spec/listeners/0/allowedRoutes/namespaces/from"} with input as listener({"allowedRoutes": {"namespaces": {"from": "All"}}})
	samples.marks(rule.finding) == {"low spec/listeners/0/allowedRoutes/namespaces/from"} with input as listener({"hostname": "shop.example.com", "allowedRoutes": {"namespaces": {"from": "All"}}})
}

test_named_hosts_are_fine if {
	rule.finding == set() with input as istio({"istio": "ingressgateway"}, {"hosts": ["shop/shop.example.com", "*.shop.example.com"]})
}

test_redirects_and_ways_out if {
	rule.finding == set() with input as istio({"istio": "ingressgateway"}, {"hosts": ["*"], "tls": {"httpsRedirect": true}})
	rule.finding == set() with input as istio({"istio": "egressgateway"}, {"hosts": ["*"]})
}

test_routes_of_the_same_namespace if {
	rule.finding == set() with input as listener({"name": "https"})
	rule.finding == set() with input as listener({"allowedRoutes": {"namespaces": {"from": "Selector"}}})
}
