# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.tiller_test

import data.sealock.config.workload.tiller as rule
import data.sealock.lib.samples_test as samples

test_a_deployment if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/image"} with input as samples.one({"image": "gcr.io/kubernetes-helm/tiller:v2.16.0"})
}

test_a_service if {
	doc := samples.kube([samples.namespaced(1, "v1", "Service", "tiller-deploy", {"spec": {"selector": {"app": "helm", "name": "tiller"}}})])
	samples.marks(rule.finding) == {"spec/selector/name"} with input as doc
}

test_other_images if {
	rule.finding == set() with input as samples.one({"image": "registry.example.com/garden/tiller-app:1"})
}

test_other_services if {
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "v1", "Service", "web", {"spec": {"selector": {"app": "web"}}})])
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "v1", "Service", "web", {"spec": null})])
}
