# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.image_pull_policy_test

import data.sealock.config.workload.image_pull_policy as rule
import data.sealock.lib.samples_test as samples

test_if_not_present if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/imagePullPolicy"} with input as samples.one({"imagePullPolicy": "IfNotPresent"})
}

test_never if {
	count(rule.finding) == 1 with input as samples.one({"image": "web", "imagePullPolicy": "Never"})
}

test_always_is_fine if {
	rule.finding == set() with input as samples.one({"imagePullPolicy": "Always"})
}

test_a_digest_is_fine if {
	rule.finding == set() with input as samples.one({"image": "web@sha256:e45a6ae7c0650e9dded587d9f6e2511eaae1dc9b9c83653ac5258e2af6ba75ee", "imagePullPolicy": "IfNotPresent"})
}

test_nothing_said_is_the_business_of_image_digest if {
	rule.finding == set() with input as samples.one({})
}
