# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.ingress_tls_test

import data.sealock.config.transit.ingress_tls as rule
import data.sealock.lib.samples_test as samples

ingress(metadata, spec) := samples.kube([samples.namespaced(1, "networking.k8s.io/v1", "Ingress", "web", {"metadata": metadata, "spec": spec})])

hosts := [{"host": "shop.example.com"}, {"host": "api.shop.example.com"}]

test_no_tls if {
	samples.marks(rule.finding) == {"spec/tls"} with input as ingress({}, {"rules": hosts})
	samples.marks(rule.finding) == {"spec/tls"} with input as ingress({}, {"defaultBackend": {"service": {"name": "web"}}, "tls": []})
}

test_one_host_has_no_certificate if {
	samples.marks(rule.finding) == {"spec/rules/1/host"} with input as ingress({}, {"rules": hosts, "tls": [{"hosts": ["shop.example.com"], "secretName": "t"}]})
}

test_a_route_and_a_proxy if {
	doc := samples.kube([
		samples.namespaced(1, "route.openshift.io/v1", "Route", "web", {"spec": {"host": "x"}}),
		samples.namespaced(2, "projectcontour.io/v1", "HTTPProxy", "web", {"spec": {"virtualhost": {"fqdn": "x"}}}),
	])
	samples.items(rule.finding) == {1, 2} with input as doc
}

test_all_hosts if {
	rule.finding == set() with input as ingress({}, {"rules": hosts, "tls": [{"hosts": ["shop.example.com", "*.shop.example.com"], "secretName": "t"}]})
	rule.finding == set() with input as ingress({}, {"rules": hosts, "tls": [{"secretName": "t"}]})
}

test_the_certificate_is_the_load_balancers if {
	rule.finding == set() with input as ingress({"annotations": {"alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:eu-central-1:111122223333:certificate/x"}}, {"rules": hosts})
	rule.finding == set() with input as ingress({"annotations": {"traefik.ingress.kubernetes.io/router.tls": "true"}}, {"rules": hosts})
}

test_a_route_and_a_proxy_with_tls if {
	doc := samples.kube([
		samples.namespaced(1, "route.openshift.io/v1", "Route", "web", {"spec": {"tls": {"termination": "edge"}}}),
		samples.namespaced(2, "projectcontour.io/v1", "HTTPProxy", "web", {"spec": {"routes": []}}),
	])
	rule.finding == set() with input as doc
}

route(spec) := samples.kube([samples.namespaced(1, "traefik.io/v1alpha1", "IngressRoute", "web", {"spec": spec})])

test_a_route_of_traefik if {
	samples.marks(rule.finding) == {"spec/entryPoints/0"} with input as route({"entryPoints": ["web"], "routes": [{"match": "Host(`shop.example.com`)"}]})
}

test_routes_of_traefik_with_tls if {
	rule.finding == set() with input as route({"entryPoints": ["websecure"], "routes": [{"match": "Host(`shop.example.com`)"}]})
	rule.finding == set() with input as route({"entryPoints": ["web"], "tls": {}, "routes": []})
	rule.finding == set() with input as route({"entryPoints": ["web"], "routes": [{"middlewares": [{"name": "redirect-to-https"}]}]})
}
