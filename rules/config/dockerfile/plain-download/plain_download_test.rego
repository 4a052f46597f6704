# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.plain_download_test

import data.sealock.config.dockerfile.plain_download
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in plain_download.finding] with input as docker.file(lines)
}

test_curl if found([base, "RUN curl -fsSL http://example.com/a.tgz | tar xz"]) == [1]

test_wget if found([base, "RUN wget http://example.com/a.tgz && tar xzf a.tgz"]) == [1]

test_https_passes if found([base, "RUN curl -fsSL https://example.com/a.tgz | tar xz"]) == []

test_checked_passes if found([base, "RUN curl -fsSLo a http://example.com/a && echo 'abc a' | sha256sum -c"]) == []

test_local_passes if found([base, "RUN curl http://localhost:8080/health"]) == []

test_mirror_passes if found([base, "RUN sed -i 's|http://deb.debian.org|https://deb.debian.org|' /etc/apt/sources.list && curl https://example.com/x"]) == []
