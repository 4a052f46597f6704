# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.ssh_port_test

import data.sealock.config.dockerfile.ssh_port
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in ssh_port.finding] with input as docker.file(lines)
}

test_ssh if found([base, "EXPOSE 22"]) == [1]

test_with_protocol if found([base, "EXPOSE 8080 22/tcp"]) == [1]

test_range if found([base, "EXPOSE 20-25"]) == [1, 1]

test_telnet if found([base, "EXPOSE 23"]) == [1]

test_https_passes if found([base, "EXPOSE 8443"]) == []

test_udp_passes if found([base, "EXPOSE 22/udp"]) == []

test_other_passes if found([base, "EXPOSE 2222 220"]) == []

test_variable_passes if found([base, "EXPOSE $PORT"]) == []
