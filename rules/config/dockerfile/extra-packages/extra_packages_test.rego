# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.extra_packages_test

import data.sealock.config.dockerfile.extra_packages
import data.sealock.lib.config_dockerfile_test as docker

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in extra_packages.finding] with input as docker.file(lines)
}

test_apt if found(["FROM debian:13", "RUN apt-get update && apt-get install -y curl"]) == [1]

test_zypper if found(["FROM opensuse/leap:15", "RUN zypper -n install nginx"]) == [1]

test_one_of_two if found(["FROM debian:13", "RUN apt-get install -y --no-install-recommends curl && apt install -y git"]) == [1]

test_option_passes if found(["FROM debian:13", "RUN apt-get --no-install-recommends install -y curl", "RUN apt-get install -y -o APT::Install-Recommends=false git"]) == []

test_settings_pass if found(["FROM debian:13", "RUN echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf.d/00", "RUN apt-get install -y curl"]) == []

test_build_stage_passes if found(["FROM debian:13 AS build", "RUN apt-get install -y gcc", "FROM scratch", "COPY --from=build /app /app"]) == []

test_other_manager_passes if found(["FROM alpine:3.22", "RUN apk add curl"]) == []

test_no_package_passes if found(["FROM debian:13", "RUN apt-get install -y --no-install-recommends curl && apt-get clean"]) == []
