# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.api_service_test

import data.sealock.config.transit.api_service as rule
import data.sealock.lib.samples_test as samples

service(spec) := samples.kube([samples.global(1, "apiregistration.k8s.io/v1", "APIService", "v1beta1.metrics.k8s.io", {"spec": spec})])

test_not_verified if {
	samples.marks(rule.finding) == {"spec/insecureSkipTLSVerify"} with input as service({"insecureSkipTLSVerify": true, "service": {"name": "metrics-server"}})
}

test_a_kubeconfig if {
	doc := samples.kube([samples.global(1, "v1", "Config", "", {"clusters": [{"name": "c", "cluster": {"server": "https://10.0.0.1", "insecure-skip-tls-verify": true}}]})])
	samples.marks(rule.finding) == {"clusters/0/cluster/insecure-skip-tls-verify"} with input as doc
}

test_verified if {
	rule.finding == set() with input as service({"caBundle": "LS0tLS1CRUdJTg==", "service": {"name": "metrics-server"}})
}

test_local_ones if {
	rule.finding == set() with input as service({"insecureSkipTLSVerify": false})
	rule.finding == set() with input as samples.kube([samples.global(1, "v1", "Config", "", {"clusters": [{"cluster": {"server": "https://10.0.0.1"}}]})])
}
