# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.jenkins_image_pin_test

import data.sealock.config.pipeline.jenkins_image_pin
import data.sealock.lib.config_jenkins_test as jenkins

# found(names) is the severities of the findings about these images.
found(names) := [f.severity | some n, _ in names; some f in findings(names); f.path == ["images", n]]

findings(names) := fs if {
	fs := jenkins_image_pin.finding with input as jenkins.pipeline({"images": [{"name": name, "expressions": []} | some name in names]})
}

test_tags if found(["maven:3.9", "node", "registry.example.com:5000/build:latest"]) == ["low", "medium", "medium"]

test_digest_of_nothing if found(["maven:3.9@sha256:bbbb"]) == ["low"]

test_digest_passes if found(["maven:3.9@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]) == []

test_unknown_passes if found(["${expression}", "maven:${VERSION}"]) == []
