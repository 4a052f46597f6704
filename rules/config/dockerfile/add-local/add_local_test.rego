# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.add_local_test

import data.sealock.config.dockerfile.add_local
import data.sealock.lib.config_dockerfile_test as docker

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in add_local.finding] with input as docker.file(lines)
}

test_folder if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ADD . /app"]) == [1]
}

test_file if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ADD --chown=1000:1000 config.yaml /etc/"]) == [1]
}

test_files if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ADD a.txt b.txt /"]) == [1]
}

test_archive_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ADD rootfs.tar.gz /"]) == []

test_remote_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ADD https://example.com/x /x"]) == []

test_variable_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ADD $ROOTFS /"]) == []

test_document_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", {"text": "ADD <<EOF /x", "heredocs": [{"name": "EOF", "content": "text"}]}]) == []

test_copy_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY . /app"]) == []

test_archives_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ADD layers/*.tar.xz /"]) == []
