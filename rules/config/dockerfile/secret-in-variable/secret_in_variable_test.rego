# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.secret_in_variable_test

import data.sealock.config.dockerfile.secret_in_variable
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in secret_in_variable.finding] with input as docker.file(lines)
}

# severities(lines) is the severities of these.
severities(lines) := at if {
	at := {f.path[1]: f.severity | some f in secret_in_variable.finding} with input as docker.file(lines)
}

test_env if found([base, "ENV DB_PASSWORD=s3cr3t!x"]) == [1]

test_env_known_default if found([base, "ENV MYSQL_ROOT_PASSWORD=root"]) == [1]

test_arg_with_value if found([base, "ARG API_TOKEN=0123456789abcdef"]) == [1]

test_arg if severities([base, "ARG NPM_TOKEN"]) == {1: "medium"}

test_env_from_arg if severities([base, "ARG NPM_TOKEN", "ENV NPM_TOKEN=$NPM_TOKEN"]) == {1: "medium", 2: "medium"}

test_key_of_aws_anywhere if found([base, "ENV SETTINGS=AKIA2E0A8F3B244C9986"]) == [1]

test_before_the_first_stage if severities(["ARG GITHUB_TOKEN", "FROM debian:13@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]) == {0: "medium"}

test_token_in_label if found([base, "LABEL note=ghp_0123456789abcdefghijABCDEFGHIJ012345"]) == [1]

test_camel_case if found([base, "ENV dbPassword=hunter2hunter2"]) == [1]

test_file_passes if found([base, "ENV DB_PASSWORD_FILE=/run/secrets/db"]) == []

test_empty_passes if found([base, "ENV DB_PASSWORD="]) == []

test_fingerprint_passes if found([base, "ENV GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568"]) == []

test_switch_passes if found([base, "ENV ALLOW_EMPTY_PASSWORD=yes"]) == []

test_path_passes if found([base, "ENV TOKEN=/var/run/token"]) == []

test_version_passes if found([base, "ARG TOKENIZER_VERSION=1.2.3"]) == []

test_plain_passes if found([base, "ENV PATH=/app/bin:$PATH", "ARG VERSION", "ENV GOFLAGS=-mod=readonly"]) == []

test_public_key_passes if found([base, "ENV SSH_PUBLIC_KEY=abcdef"]) == []

test_placeholder_passes if found([base, "ARG SECRET_KEY=dummy"]) == []
