# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.ingress_snippets_test

import data.sealock.config.exposure.ingress_snippets as rule
import data.sealock.lib.samples_test as samples

ingress(annotations) := samples.kube([samples.namespaced(1, "networking.k8s.io/v1", "Ingress", "web", {"metadata": {"annotations": annotations}})])

test_a_snippet if {
	samples.marks(rule.finding) == {"medium metadata/annotations/nginx.ingress.kubernetes.io/configuration-snippet"} with input as ingress({"nginx.ingress.kubernetes.io/configuration-snippet": "more_set_headers \"X-Frame-Options: DENY\";"})
}

test_an_attack if {
	samples.marks(rule.finding) == {"critical metadata/annotations/nginx.ingress.kubernetes.io/server-snippet"} with input as ingress({"nginx.ingress.kubernetes.io/server-snippet": "location /x { alias /var/run/secrets/; }"})
}

test_configuration_in_an_address if {
	key := "nginx.ingress.kubernetes.io/auth-url"
	samples.marks(rule.finding) == {"critical metadata/annotations/nginx.ingress.kubernetes.io/auth-url"} with input as ingress({key: "http://auth.example.com/#;\nssl_engine x"})
	rule.finding == set() with input as ingress({key: "https://auth.example.com/check?from=$escaped_request_uri&next=a"})
}

test_configuration_in_a_pattern if {
	key := "nginx.ingress.kubernetes.io/auth-tls-match-cn"
	samples.marks(rule.finding) == {"critical metadata/annotations/nginx.ingress.kubernetes.io/auth-tls-match-cn"} with input as ingress({key: "CN=shop #;\nalias /etc"})
	rule.finding == set() with input as ingress({key: "CN=(shop|stock){1}"})
}

test_the_proxy_allows_them if {
	samples.marks(rule.finding) == {"data/allow-snippet-annotations"} with input as samples.kube([samples.namespaced(1, "v1", "ConfigMap", "ingress-nginx-controller", {"data": {"allow-snippet-annotations": "true"}})])
}

test_other_annotations_are_fine if {
	rule.finding == set() with input as ingress({"nginx.ingress.kubernetes.io/rewrite-target": "/$1"})
}

test_not_allowed_is_fine if {
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "v1", "ConfigMap", "ingress-nginx-controller", {"data": {"allow-snippet-annotations": "false"}})])
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "v1", "ConfigMap", "ingress-nginx-controller", {})])
}
