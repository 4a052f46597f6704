# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.tls_verification_test

import data.sealock.config.dockerfile.tls_verification
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in tls_verification.finding] with input as docker.file(lines)
}

# severities(lines) is the severities of these.
severities(lines) := at if {
	at := {f.path[1]: f.severity | some f in tls_verification.finding} with input as docker.file(lines)
}

test_curl if severities([base, "RUN curl -k https://example.com/a -o a"]) == {1: "high"}

test_curl_cluster if severities([base, "RUN curl -fsSLk https://example.com/a"]) == {1: "high"}

test_curl_long if severities([base, "RUN curl --insecure https://example.com/a"]) == {1: "high"}

test_wget if severities([base, "RUN wget --no-check-certificate https://example.com/a"]) == {1: "high"}

test_git if severities([base, "RUN git config --global http.sslVerify false"]) == {1: "high"}

test_git_once if severities([base, "RUN git -c http.sslVerify=false clone https://example.com/x"]) == {1: "high"}

test_npm if severities([base, "RUN npm config set strict-ssl false"]) == {1: "high"}

test_variable if found([base, "ENV NODE_TLS_REJECT_UNAUTHORIZED=0"]) == [1]

test_variable_of_command if severities([base, "RUN GIT_SSL_NO_VERIFY=1 git clone https://example.com/x"]) == {1: "high"}

test_yum if severities([base, "RUN yum install -y --setopt=sslverify=0 x"]) == {1: "high"}

test_ssh if severities([base, "RUN ssh -o StrictHostKeyChecking=no git@example.com true"]) == {1: "medium"}

test_curl_checked_passes if found([base, "RUN curl -fsSL https://example.com/a -o k"]) == []

test_wget_checked_passes if found([base, "RUN wget -q https://example.com/a"]) == []

test_git_on_passes if found([base, "RUN git config --global http.sslVerify true"]) == []

test_variable_on_passes if found([base, "ENV NODE_TLS_REJECT_UNAUTHORIZED=1"]) == []

test_name_with_k_passes if found([base, "RUN curl -fsSL -o kubectl https://example.com/kubectl && curl -okubectl https://example.com"]) == []

test_printed_passes if found([base, "RUN echo 'curl -k is bad'"]) == []

test_settings_of_tools if {
	found([base, "RUN conda config --set ssl_verify false"]) == [1]
	found([base, "RUN composer config -g disable-tls true"]) == [1]
	found([base, "RUN bundle config ssl_verify_mode 0"]) == [1]
	found([base, "RUN yarn config set enableStrictSsl false"]) == [1]
	found([base, "RUN gcloud config set auth/disable_ssl_validation True"]) == [1]
	found([base, "RUN conda config --set ssl_verify /etc/ssl/own.pem && yarn config set enableStrictSsl true"]) == []
}

test_options_of_tools if {
	found([base, "RUN helm repo add shop https://charts.example.com --insecure-skip-tls-verify"]) == [1]
	found([base, "RUN skopeo copy --src-tls-verify=false docker://r.example.com/a dir:/a"]) == [1]
	found([base, "RUN mvn -B -Dmaven.wagon.http.ssl.insecure=true package"]) == [1]
	found([base, "RUN aws s3 cp s3://shop/a . --no-verify-ssl"]) == [1]
	found([base, "RUN helm repo add shop https://charts.example.com --insecure-skip-tls-verify=false && skopeo copy --src-tls-verify=true a b"]) == []
}

test_variables_of_tools if {
	found([base, "ENV VAULT_SKIP_VERIFY=true"]) == [1]
	found([base, "ENV CONDA_SSL_VERIFY=false"]) == [1]
	found([base, "ENV CURL_CA_BUNDLE="]) == [1]
	found([base, "ENV CURL_CA_BUNDLE=/etc/ssl/certs/ca.pem", "ENV VAULT_SKIP_VERIFY=false"]) == []
}
