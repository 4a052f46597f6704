# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.image_latest_test

import data.sealock.config.workload.image_latest as rule
import data.sealock.lib.samples_test as samples

test_latest if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/image"} with input as samples.one({"image": "registry.example.com/web:latest"})
}

test_no_tag if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/image"} with input as samples.one({"image": "registry.example.com:5000/web"})
}

test_a_version if {
	rule.finding == set() with input as samples.one({"image": "registry.example.com/web:1.4.2"})
}

test_a_digest if {
	ref := "registry.example.com/web@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
	rule.finding == set() with input as samples.one({"image": ref})
}

test_filled_in_later if {
	rule.finding == set() with input as samples.one({"image": "${var.image}"})
	rule.finding == set() with input as samples.one({"image": null})
}
