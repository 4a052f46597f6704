# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.secret_copied_test

import data.sealock.config.dockerfile.secret_copied
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in secret_copied.finding] with input as docker.file(lines)
}

# severities(lines) is the severities of these.
severities(lines) := at if {
	at := {f.path[1]: f.severity | some f in secret_copied.finding} with input as docker.file(lines)
}

test_key if found([base, "COPY id_rsa /root/.ssh/id_rsa"]) == [1]

test_environment if found([base, "COPY .env /app/"]) == [1]

test_environment_of_production if found([base, "ADD config/.env.production /app/.env"]) == [1]

test_tls_key if found([base, "COPY certs/server.key /etc/tls/"]) == [1]

test_pem_key if found([base, "COPY private-key.pem /etc/tls/"]) == [1]

test_folder if found([base, "COPY .aws /root/.aws"]) == [1]

test_npmrc if found([base, "COPY package.json .npmrc ./"]) == [1]

test_history if found([base, "COPY .git /src/.git"]) == [1]

test_state if found([base, "COPY terraform.tfstate /"]) == [1]

test_in_a_build_stage if severities(["FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AS build", "COPY .npmrc .", "FROM scratch", "COPY --from=build /a /a"]) == {1: "medium"}

test_service_account if found([base, "COPY service-account.json /app/"]) == [1]

test_everything_passes if found([base, "COPY . ."]) == []

test_example_passes if found([base, "COPY .env.example /app/"]) == []

test_public_key_passes if found([base, "COPY id_rsa.pub /root/.ssh/authorized_keys"]) == []

test_certificates_passes if found([base, "COPY ca.pem cert.pem /etc/ssl/"]) == []

test_known_hosts_passes if found([base, "COPY .ssh/known_hosts /root/.ssh/"]) == []

test_signing_key_passes if found([base, "COPY apt-repo.key /etc/apt/keyrings/"]) == []

test_sources_passes if found([base, "COPY keys.go environment.ts secret.go ./"]) == []
