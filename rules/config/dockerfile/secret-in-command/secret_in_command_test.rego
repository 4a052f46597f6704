# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.secret_in_command_test

import data.sealock.config.dockerfile.secret_in_command
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in secret_in_command.finding] with input as docker.file(lines)
}

test_url if found([base, "RUN git clone https://alice:hunter2hunter2@git.example.com/x.git"]) == [1]

test_root_password if found([base, "RUN echo 'root:toor' | chpasswd"]) == [1]

test_login if found([base, "RUN docker login -u alice -p s3cr3tpw9 registry.example.com"]) == [1]

test_export if found([base, "RUN export API_TOKEN=0a1b2c3d4e5f && make"]) == [1]

test_option if found([base, "RUN ./setup --password=Tr0ub4dor9 --yes"]) == [1]

test_option_and_value if found([base, "RUN ./setup --token Tr0ub4dor9"]) == [1]

test_header if found([base, "RUN curl -H \"Authorization: Bearer abcdefghijklmnop1234\" https://example.com/x"]) == [1]

test_key_in_script if found([base, {"text": "RUN <<EOF", "heredocs": [{"name": "EOF", "content": "aws configure set aws_access_key_id AKIA2E0A8F3B244C9986\n"}]}]) == [1]

test_entry_point if found([base, {"text": "CMD", "args": ["/app", "--key", "AKIA2E0A8F3B244C9986"]}]) == [1]

test_user if found([base, "RUN useradd -m -p abc123x alice"]) == [1]

test_mounted_passes if found([base, "RUN --mount=type=secret,id=token TOKEN=$(cat /run/secrets/token) make"]) == []

test_variable_passes if found([base, "RUN curl -H \"Authorization: Bearer $TOKEN\" https://example.com/x"]) == []

test_locked_passes if found([base, "RUN passwd -l root && useradd -r app"]) == []

test_comment_passes if found([base, "RUN # password=Tr0ub4dor9"]) == []

test_documentation_passes if found([base, "RUN echo 'set --password=value'"]) == []

test_token_file_passes if found([base, "RUN ./setup --token-file=/run/token"]) == []

test_password_from_a_text if found([base, "RUN chpasswd <<< 'root:toor'"]) == [1]

test_password_from_a_variable_passes if found([base, "RUN chpasswd <<< \"root:$PW\""]) == []
