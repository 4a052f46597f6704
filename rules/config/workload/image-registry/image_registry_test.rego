# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.image_registry_test

import data.sealock.config.workload.image_registry as rule
import data.sealock.lib.samples_test as samples

only(list) := {"workload.image-registry": {"registries": list}}

test_another_registry if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/image"} with input as samples.one({"image": "quay.io/acme/web:1"}) with data.params as only(["registry.example.com"])
}

test_docker_hub_by_its_short_name if {
	some f in rule.finding with input as samples.one({"image": "nginx"}) with data.params as only(["registry.example.com"])
	f.found == "docker.io/library/nginx"
}

test_p19_segments_are_whole if {
	count(rule.finding) == 1 with input as samples.one({"image": "registry.example.com/shop2/web"}) with data.params as only(["registry.example.com/shop"])
	count(rule.finding) == 1 with input as samples.one({"image": "registry.example.com.evil.example/web"}) with data.params as only(["registry.example.com"])
}

test_listed if {
	rule.finding == set() with input as samples.one({"image": "registry.example.com/shop/web:1"}) with data.params as only(["registry.example.com/shop/"])
	rule.finding == set() with input as samples.one({"image": "nginx:1"}) with data.params as only(["docker.io/library"])
	rule.finding == set() with input as samples.one({"image": "index.docker.io/library/nginx:1"}) with data.params as only(["docker.io/library/nginx"])
}

test_off_without_a_list if {
	rule.finding == set() with input as samples.one({"image": "quay.io/acme/web"}) with data.params as only([])
}
