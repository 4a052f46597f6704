# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.ingress_redirect_test

import data.sealock.config.transit.ingress_redirect as rule
import data.sealock.lib.samples_test as samples

ingress(annotations) := samples.kube([samples.namespaced(1, "networking.k8s.io/v1", "Ingress", "web", {"metadata": {"annotations": annotations}, "spec": {"tls": [{"secretName": "t"}]}})])

test_nginx if {
	samples.marks(rule.finding) == {"metadata/annotations/nginx.ingress.kubernetes.io/ssl-redirect"} with input as ingress({"nginx.ingress.kubernetes.io/ssl-redirect": "false"})
}

test_a_boolean_instead_of_text if {
	count(rule.finding) == 1 with input as ingress({"kubernetes.io/ingress.allow-http": true})
}

test_a_load_balancer_with_both_ports if {
	count(rule.finding) == 1 with input as ingress({"alb.ingress.kubernetes.io/listen-ports": `[{"HTTP": 80}, {"HTTPS": 443}]`})
	rule.finding == set() with input as ingress({"alb.ingress.kubernetes.io/listen-ports": `[{"HTTP": 80}, {"HTTPS": 443}]`, "alb.ingress.kubernetes.io/ssl-redirect": "443"})
}

test_a_route if {
	samples.items(rule.finding) == {1} with input as samples.kube([samples.namespaced(1, "route.openshift.io/v1", "Route", "web", {"spec": {"tls": {"insecureEdgeTerminationPolicy": "Allow"}}})])
}

test_a_redirect_is_fine if {
	rule.finding == set() with input as ingress({"nginx.ingress.kubernetes.io/ssl-redirect": "true", "kubernetes.io/ingress.allow-http": "false"})
}

test_forced_in_another_way if {
	rule.finding == set() with input as ingress({"nginx.ingress.kubernetes.io/ssl-redirect": "false", "nginx.ingress.kubernetes.io/force-ssl-redirect": "true"})
}

test_without_tls_another_rule_speaks if {
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "networking.k8s.io/v1", "Ingress", "web", {"metadata": {"annotations": {"nginx.ingress.kubernetes.io/ssl-redirect": "false"}}})])
}
