# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.update_alone_test

import data.sealock.config.dockerfile.update_alone
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in update_alone.finding] with input as docker.file(lines)
}

test_apt if found([base, "RUN apt-get update", "RUN apt-get install -y curl"]) == [1]

test_apk if found([base, "RUN apk update"]) == [1]

test_together_passes if found([base, "RUN apt-get update && apt-get install -y curl"]) == []

test_upgrade_passes if found([base, "RUN apt-get update && apt-get upgrade -y"]) == []

test_document_passes if found([base, {"text": "RUN <<EOF", "heredocs": [{"name": "EOF", "content": "apt-get update\napt-get install -y curl\n"}]}]) == []

test_other_passes if found([base, "RUN npm update"]) == []
