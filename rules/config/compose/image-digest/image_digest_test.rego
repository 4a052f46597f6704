# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.image_digest_test

import data.sealock.config.compose.image_digest as rule
import data.sealock.lib.samples_test as samples

image(ref) := samples.compose({"web": {"image": ref}})

test_no_tag_and_latest if {
	samples.marks(rule.finding) == {"medium services/web/image"} with input as image("nginx")
	samples.marks(rule.finding) == {"medium services/web/image"} with input as image("ghcr.io/acme/web:latest")
}

test_a_tag if {
	samples.marks(rule.finding) == {"low services/web/image"} with input as image("postgres:17.2-alpine")
}

test_a_digest_is_fine if {
	rule.finding == set() with input as image("postgres:17@sha256:e45a6ae7c0650e9dded587d9f6e2511eaae1dc9b9c83653ac5258e2af6ba75ee")
}

test_what_is_built_here if {
	rule.finding == set() with input as samples.compose({"web": {"build": ".", "image": "acme/web"}})
}

test_what_is_filled_in_later if {
	rule.finding == set() with input as image("${IMAGE}")
	rule.finding == set() with input as samples.compose({"web": {}})
}
