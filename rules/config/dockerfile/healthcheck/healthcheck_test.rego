# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.healthcheck_test

import data.sealock.config.dockerfile.healthcheck
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in healthcheck.finding] with input as docker.file(lines) with data.params as {"dockerfile.healthcheck": {"required": false}}
}

test_none if found([base, "HEALTHCHECK NONE"]) == [1]

test_none_in_base if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AS base", "HEALTHCHECK NONE", "FROM base"]) == [1]

test_missing_passes if found([base, "CMD /app"]) == []

test_command_passes if found([base, "HEALTHCHECK CMD /app health"]) == []

test_other_stage_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AS build", "HEALTHCHECK NONE", "FROM scratch"]) == []
