# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.add_local_test

import data.sealock.config.dockerfile.add_local
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in add_local.finding] with input as docker.file(lines)
}

test_folder if found([base, "ADD . /app"]) == [1]

test_file if found([base, "ADD --chown=1000:1000 config.yaml /etc/"]) == [1]

test_files if found([base, "ADD a.txt b.txt /"]) == [1]

test_archive_passes if found([base, "ADD rootfs.tar.gz /"]) == []

test_remote_passes if found([base, "ADD https://example.com/x /x"]) == []

test_variable_passes if found([base, "ADD $ROOTFS /"]) == []

test_document_passes if found([base, {"text": "ADD <<EOF /x", "heredocs": [{"name": "EOF", "content": "text"}]}]) == []

test_copy_passes if found([base, "COPY . /app"]) == []

test_archives_passes if found([base, "ADD layers/*.tar.xz /"]) == []

test_variable_with_a_file_name if found([base, "ADD ${JAR_FILE} app.jar"]) == [1]
