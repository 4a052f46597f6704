# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.add_remote_test

import data.sealock.config.dockerfile.add_remote
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in add_remote.finding] with input as docker.file(lines)
}

# severities(lines) is the severities of these.
severities(lines) := at if {
	at := {f.path[1]: f.severity | some f in add_remote.finding} with input as docker.file(lines)
}

test_https if severities([base, "ADD https://example.com/app.tar.gz /app/"]) == {1: "medium"}

test_http if severities([base, "ADD http://example.com/app.tar.gz /app/"]) == {1: "high"}

test_git_branch if severities([base, "ADD https://github.com/octo-org/app.git#main /app"]) == {1: "medium"}

test_variable if severities([base, "ADD https://example.com/app-${VERSION}.tgz /"]) == {1: "medium"}

test_checksum_passes if found([base, "ADD --checksum=sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc https://example.com/app.tar.gz /app/"]) == []

test_commit_passes if found([base, "ADD https://github.com/octo-org/app.git#dddddddddddddddddddddddddddddddddddddddd /app"]) == []

test_local_passes if found([base, "ADD rootfs.tar.gz /"]) == []

test_copy_passes if found([base, "COPY app /app"]) == []
