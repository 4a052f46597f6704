# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.sudo_test

import data.sealock.config.dockerfile.sudo
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in sudo.finding] with input as docker.file(lines)
}

# severities(lines) is the severities of these.
severities(lines) := at if {
	at := {f.path[1]: f.severity | some f in sudo.finding} with input as docker.file(lines)
}

test_used if found([base, "RUN sudo apt-get update"]) == [1]

test_later if found([base, "RUN id && sudo -E make install"]) == [1]

test_no_password if severities([base, "RUN echo 'app ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers"]) == {1: "high"}

test_installed if severities([base, "RUN apt-get install -y sudo curl"]) == {1: "low"}

test_none_passes if found([base, "USER root", "RUN apt-get update", "USER 1000"]) == []

test_printed_passes if found([base, "RUN echo 'run sudo make'"]) == []

test_in_build_stage_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AS build", "RUN apt-get install -y sudo", "FROM scratch", "COPY --from=build /a /a"]) == []

test_removed_passes if found([base, "RUN apt-get remove -y sudo"]) == []

test_group_with_all_rights if {
	found([base, "RUN usermod -aG docker,sudo app"]) == [1]
	found([base, "RUN adduser app wheel"]) == [1]
}

test_other_groups_pass if found([base, "RUN usermod -aG www-data app && addgroup sudo && echo wheel"]) == []
