# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.base_pinned_test

import data.sealock.config.dockerfile.base_pinned
import data.sealock.lib.config_dockerfile_test as docker

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in base_pinned.finding] with input as docker.file(lines)
}

# severities(lines) is the severities of these.
severities(lines) := at if {
	at := {f.path[1]: f.severity | some f in base_pinned.finding} with input as docker.file(lines)
}

test_tag if severities(["FROM debian:13"]) == {0: "low"}

test_no_tag if severities(["FROM debian"]) == {0: "medium"}

test_latest if severities(["FROM registry.example.com:5000/team/app:latest"]) == {0: "medium"}

test_port_is_no_tag if severities(["FROM registry.example.com:5000/team/app"]) == {0: "medium"}

test_builder_too if severities(["FROM golang:1.26 AS build", "FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "COPY --from=build /a /a"]) == {0: "low"}

test_copied_from_an_image if severities(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "COPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/"]) == {1: "low"}

test_mounted_from_an_image if severities(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "RUN --mount=type=bind,from=docker/buildx:0.19,target=/x ls /x"]) == {1: "low"}

test_digest_passes if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]) == []

test_scratch_passes if found(["FROM scratch"]) == []

test_earlier_stage_passes if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb AS base", "FROM base"]) == []

test_unknown_passes if found(["FROM ${BASE_IMAGE}"]) == []

test_copied_from_a_stage_passes if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb AS build", "FROM scratch", "COPY --from=build /a /a", "COPY --from=0 /b /b"]) == []

test_copied_from_a_build_context_passes if found(["FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "COPY --from=docs / /docs"]) == []
