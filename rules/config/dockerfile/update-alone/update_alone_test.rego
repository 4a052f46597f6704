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

test_upgrade_before_an_install if found([base, "RUN dnf -y update", "RUN dnf -y install httpd"]) == [1]

test_upgrade_with_an_install_passes if found([base, "RUN dnf -y update && dnf -y install httpd", "RUN yum install -y tar"]) == []

test_upgrade_and_nothing_more_passes if found([base, "RUN dnf -y update && dnf clean all"]) == []
