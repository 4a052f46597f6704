# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.package_signatures_test

import data.sealock.config.dockerfile.package_signatures
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in package_signatures.finding] with input as docker.file(lines)
}

test_apt if found([base, "RUN apt-get install -y --allow-unauthenticated curl"]) == [1]

test_apt_force if found([base, "RUN apt-get update && apt-get install --force-yes curl"]) == [1]

test_apk if found([base, "RUN apk add --allow-untrusted ./x.apk"]) == [1]

test_yum if found([base, "RUN yum install -y --nogpgcheck httpd"]) == [1]

test_dnf_option if found([base, "RUN dnf install -y --setopt=gpgcheck=0 httpd"]) == [1]

test_rpm if found([base, "RUN rpm -i --nosignature x.rpm"]) == [1]

test_trusted_source if found([base, "RUN echo \"deb [trusted=yes] https://deb.example.com stable main\" > /etc/apt/sources.list.d/x.list"]) == [1]

test_zypper if found([base, "RUN zypper --no-gpg-checks install -y vim"]) == [1]

test_repository_file if found([base, {"text": "COPY <<EOF /etc/yum.repos.d/x.repo", "heredocs": [{"name": "EOF", "content": "[x]\nbaseurl=https://example.com\ngpgcheck=0\n"}]}]) == [1]

test_option_of_apt if found([base, "RUN apt-get -o Acquire::AllowInsecureRepositories=true update"]) == [1]

test_apt_checked_passes if found([base, "RUN apt-get update && apt-get install -y --no-install-recommends curl=8.5.0-2"]) == []

test_key_passes if found([base, "RUN echo \"deb [signed-by=/etc/apt/keyrings/x.gpg] https://deb.example.com stable main\" > /etc/apt/sources.list.d/x.list"]) == []

test_printed_passes if found([base, "RUN echo 'never use --allow-unauthenticated'"]) == []

test_gpgcheck_on_passes if found([base, {"text": "COPY <<EOF /etc/yum.repos.d/x.repo", "heredocs": [{"name": "EOF", "content": "[x]\ngpgcheck=1\n"}]}]) == []

test_dnf_of_fedora if found([base, "RUN dnf --no-gpgchecks -y install httpd"]) == [1]

test_go_modules_without_their_log if {
	found([base, "ENV GOSUMDB=off"]) == [1]
	found([base, "ENV GONOSUMDB=*"]) == [1]
	found([base, "ENV GONOSUMCHECK=1"]) == [1]
}

test_own_go_modules_pass if found([base, "ENV GONOSUMDB=git.example.com/*", "ENV GOSUMDB=sum.golang.org", "ENV GOFLAGS=-mod=vendor"]) == []

severities(lines) := at if {
	at := [f.severity | some f in package_signatures.finding] with input as docker.file(lines)
}

test_files_of_the_build_are_low if severities([base, "COPY app*.apk /tmp/", "RUN apk add --allow-untrusted /tmp/app_*.apk"]) == ["low"]

test_files_from_elsewhere_are_high if {
	severities([base, "RUN wget https://example.com/x.apk && apk add --allow-untrusted x.apk"]) == ["high"]
	severities([base, "ADD https://example.com/x.apk /tmp/", "RUN apk add --allow-untrusted /tmp/x.apk"]) == ["high"]
	severities([base, "RUN apk add --allow-untrusted app"]) == ["high"]
}
