# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.tls_version_test

import data.sealock.config.transit.tls_version as rule
import data.sealock.lib.samples_test as samples

gateway(version) := samples.kube([samples.namespaced(1, "networking.istio.io/v1", "Gateway", "shop", {"spec": {"servers": [{"tls": {"minProtocolVersion": version}}]}})])

annotated(kind, key, value) := samples.kube([samples.namespaced(1, "v1", kind, "web", {"metadata": {"annotations": {key: value}}})])

test_a_gateway if {
	samples.marks(rule.finding) == {"spec/servers/0/tls/minProtocolVersion"} with input as gateway("TLSV1_1")
}

test_lists_of_versions if {
	count(rule.finding) == 1 with input as annotated("Ingress", "nginx.ingress.kubernetes.io/ssl-protocols", "TLSv1 TLSv1.2")
	count(rule.finding) == 1 with input as samples.kube([samples.namespaced(1, "v1", "ConfigMap", "nginx", {"data": {"ssl-protocols": "TLSv1.2 TLSv1.1"}})])
}

test_policies_of_load_balancers if {
	count(rule.finding) == 1 with input as annotated("Service", "service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy", "ELBSecurityPolicy-2016-08")
	count(rule.finding) == 1 with input as annotated("Ingress", "alb.ingress.kubernetes.io/ssl-policy", "ELBSecurityPolicy-TLS-1-0-2015-04")
}

test_a_flag if {
	count(rule.finding) == 1 with input as samples.one({"args": ["--tls-min-version=VersionTLS11"]})
	count(rule.finding) == 1 with input as samples.one({"args": ["--tls-min-version", "VersionTLS10"]})
}

test_new_versions_are_fine if {
	rule.finding == set() with input as gateway("TLSV1_3")
	rule.finding == set() with input as annotated("Ingress", "nginx.ingress.kubernetes.io/ssl-protocols", "TLSv1.2 TLSv1.3")
	rule.finding == set() with input as annotated("Ingress", "alb.ingress.kubernetes.io/ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06")
	rule.finding == set() with input as samples.one({"args": ["--tls-min-version=VersionTLS12"]})
}

test_nothing_said_is_fine if {
	rule.finding == set() with input as gateway("TLS_AUTO")
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "v1", "ConfigMap", "nginx", {"data": {"ssl-protocols": null}})])
}
