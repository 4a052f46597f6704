# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.image_digest_test

import data.sealock.config.workload.image_digest as rule
import data.sealock.lib.samples_test as samples

image(ref) := samples.one({"image": ref})

hex := "e45a6ae7c0650e9dded587d9f6e2511eaae1dc9b9c83653ac5258e2af6ba75ee"

test_no_tag_and_latest if {
	samples.marks(rule.finding) == {"low spec/template/spec/containers/0/image"} with input as image("nginx")
	samples.marks(rule.finding) == {"low spec/template/spec/containers/0/image"} with input as image("localhost:5000/nginx")
	samples.marks(rule.finding) == {"low spec/template/spec/containers/0/image"} with input as image("ghcr.io/acme/web:latest")
}

test_a_tag if {
	samples.marks(rule.finding) == {"low spec/template/spec/containers/0/image"} with input as image("nginx:1.27.3")
}

test_a_digest_that_is_none if {
	samples.marks(rule.finding) == {"medium spec/template/spec/containers/0/image"} with input as image("nginx@sha256:abc")
	samples.marks(rule.finding) == {"medium spec/template/spec/containers/0/image"} with input as image("nginx@1.27")
}

test_init_containers_too if {
	doc := samples.pod({"containers": [{"name": "web", "image": concat("", ["web@sha256:", hex])}], "initContainers": [{"name": "copy", "image": "busybox"}]})
	samples.marks(rule.finding) == {"low spec/initContainers/0/image"} with input as doc
}

test_digests_are_fine if {
	rule.finding == set() with input as image(concat("", ["registry.example.com/shop/auth@sha256:", hex]))
	rule.finding == set() with input as image(concat("", ["registry.example.com:5000/shop/auth:1.2@sha256:", hex]))
}

test_what_is_filled_in_later if {
	rule.finding == set() with input as image("${IMAGE}")
	rule.finding == set() with input as image("ko://example.com/cmd/web")
	rule.finding == set() with input as image("auto")
}

test_no_image if {
	rule.finding == set() with input as samples.deployment({"containers": [{"name": "web"}]})
	rule.finding == set() with input as image(12)
}
