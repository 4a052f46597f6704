# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.base_version_test

import data.sealock.config.dockerfile.base_version
import data.sealock.lib.config_dockerfile_test as docker

digest := "@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in base_version.finding] with input as docker.file(lines)
}

test_no_tag if found(["FROM debian"]) == [0]

test_latest if found(["FROM registry.example.com:5000/team/app:latest"]) == [0]

test_port_is_no_tag if found(["FROM registry.example.com:5000/team/app"]) == [0]

test_each_stage if found(["FROM golang AS build", "FROM debian:13", "FROM nginx:mainline"]) == [0, 2]

test_name_of_no_stage if found(["FROM debian:13 AS build", "FROM builder"]) == [1]

test_copied_from_an_image if found(["FROM debian:13", "COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/"]) == [1]

test_version_passes if found(["FROM debian:13", "FROM node:22-slim"]) == []

test_digest_passes if found([concat("", ["FROM debian", digest])]) == []

test_latest_with_digest_passes if found([concat("", ["FROM debian:latest", digest])]) == []

test_scratch_passes if found(["FROM scratch"]) == []

test_earlier_stage_passes if found(["FROM debian:13 AS base", "FROM base"]) == []

test_unknown_passes if found(["FROM ${BASE_IMAGE}"]) == []
