# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.gateway_tls_test

import data.sealock.config.transit.gateway_tls as rule
import data.sealock.lib.samples_test as samples

gateway(selector, servers) := samples.kube([samples.namespaced(1, "networking.istio.io/v1", "Gateway", "shop", {"spec": {"selector": selector, "servers": servers}})])

http := {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["shop.example.com"]}

https := {"port": {"number": 443, "protocol": "HTTPS"}, "tls": {"mode": "SIMPLE", "credentialName": "t"}, "hosts": ["shop.example.com"]}

test_http if {
	samples.marks(rule.finding) == {"spec/servers/1/port/protocol"} with input as gateway({"istio": "ingressgateway"}, [https, http])
}

test_a_redirect_that_is_none if {
	count(rule.finding) == 1 with input as gateway({"istio": "ingressgateway"}, [object.union(http, {"tls": {"httpsRedirect": false}})])
	count(rule.finding) == 1 with input as gateway({"istio": "ingressgateway"}, [{"port": {"number": 80, "protocol": "http2"}}])
}

test_https_is_fine if {
	rule.finding == set() with input as gateway({"istio": "ingressgateway"}, [https])
}

test_a_redirect_is_fine if {
	rule.finding == set() with input as gateway({"istio": "ingressgateway"}, [object.union(http, {"tls": {"httpsRedirect": true}}), https])
}

test_ways_out_of_the_mesh if {
	rule.finding == set() with input as gateway({"istio": "egressgateway"}, [http])
}
