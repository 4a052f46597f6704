# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.ingress_host_test

import data.sealock.config.exposure.ingress_host as rule
import data.sealock.lib.samples_test as samples

ingress(spec) := samples.kube([samples.namespaced(1, "networking.k8s.io/v1", "Ingress", "web", {"spec": spec})])

test_no_host if {
	samples.marks(rule.finding) == {"spec/rules/0/host"} with input as ingress({"rules": [{"http": {"paths": []}}, {"host": "shop.example.com"}]})
}

test_a_wildcard if {
	samples.marks(rule.finding) == {"spec/rules/0/host"} with input as ingress({"rules": [{"host": "*.example.com"}]})
}

test_a_default_backend_only if {
	samples.marks(rule.finding) == {"spec/defaultBackend"} with input as ingress({"defaultBackend": {"service": {"name": "web"}}})
}

test_named_hosts_are_fine if {
	rule.finding == set() with input as ingress({"rules": [{"host": "shop.example.com"}]})
}

test_other_kinds_of_that_name if {
	rule.finding == set() with input as samples.kube([samples.global(1, "config.openshift.io/v1", "Ingress", "cluster", {"spec": {"rules": [{}], "domain": "apps.example.com"}})])
}
