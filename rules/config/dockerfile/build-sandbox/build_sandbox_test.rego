# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.build_sandbox_test

import data.sealock.config.dockerfile.build_sandbox
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in build_sandbox.finding] with input as docker.file(lines)
}

# severities(lines) is the severities of these.
severities(lines) := at if {
	at := {f.path[1]: f.severity | some f in build_sandbox.finding} with input as docker.file(lines)
}

test_security if severities([base, "RUN --security=insecure make"]) == {1: "high"}

test_network if severities([base, "RUN --network=host make"]) == {1: "medium"}

test_plain_passes if found([base, "RUN make"]) == []

test_no_network_passes if found([base, "RUN --network=none make"]) == []

test_mount_passes if found([base, "RUN --mount=type=cache,target=/x make"]) == []
