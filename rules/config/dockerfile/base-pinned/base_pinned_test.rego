# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.base_pinned_test

import data.sealock.config.dockerfile.base_pinned
import data.sealock.lib.config_dockerfile_test as docker

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in base_pinned.finding] with input as docker.file(lines)
}

test_tag if found(["FROM debian:13"]) == [0]

test_port_and_tag if found(["FROM registry.example.com:5000/team/app:2.1"]) == [0]

test_builder_too if found(["FROM golang:1.26 AS build", "FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "COPY --from=build /a /a"]) == [0]

test_copied_from_an_image if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "COPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/"]) == [1]

test_mounted_from_an_image if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "RUN --mount=type=bind,from=docker/buildx:0.19,target=/x ls /x"]) == [1]

test_digest_passes if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]) == []

test_scratch_passes if found(["FROM scratch"]) == []

test_earlier_stage_passes if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb AS base", "FROM base"]) == []

test_unknown_passes if found(["FROM ${BASE_IMAGE}"]) == []

test_copied_from_a_stage_passes if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb AS build", "FROM scratch", "COPY --from=build /a /a", "COPY --from=0 /b /b"]) == []

test_copied_from_a_build_context_passes if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "COPY --from=docs / /docs"]) == []

# That is a finding of another rule.
test_latest_passes if found(["FROM debian:latest"]) == []
