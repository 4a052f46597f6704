# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.secret_copied_test

import data.sealock.config.dockerfile.secret_copied
import data.sealock.lib.config_dockerfile_test as docker

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in secret_copied.finding] with input as docker.file(lines)
}

# severities(lines) is the severities of these.
severities(lines) := at if {
	at := {f.path[1]: f.severity | some f in secret_copied.finding} with input as docker.file(lines)
}

test_key if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY id_rsa /root/.ssh/id_rsa"]) == [1]
}

test_environment if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY .env /app/"]) == [1]
}

test_environment_of_production if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ADD config/.env.production /app/.env"]) == [1]
}

test_tls_key if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY certs/server.key /etc/tls/"]) == [1]
}

test_pem_key if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY private-key.pem /etc/tls/"]) == [1]
}

test_folder if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY .aws /root/.aws"]) == [1]
}

test_npmrc if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY package.json .npmrc ./"]) == [1]
}

test_history if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY .git /src/.git"]) == [1]
}

test_state if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY terraform.tfstate /"]) == [1]
}

test_in_a_build_stage if {
	severities(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AS build", "COPY .npmrc .", "FROM scratch", "COPY --from=build /a /a"]) == {1: "medium"}
}

test_service_account if {
	found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY service-account.json /app/"]) == [1]
}

test_everything_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY . ."]) == []

test_example_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY .env.example /app/"]) == []

test_public_key_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY id_rsa.pub /root/.ssh/authorized_keys"]) == []

test_certificates_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY ca.pem cert.pem /etc/ssl/"]) == []

test_known_hosts_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY .ssh/known_hosts /root/.ssh/"]) == []

test_signing_key_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY apt-repo.key /etc/apt/keyrings/"]) == []

test_sources_passes if found(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "COPY keys.go environment.ts secret.go ./"]) == []
