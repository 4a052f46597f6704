# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.remote_script_test

import data.sealock.config.dockerfile.remote_script
import data.sealock.lib.config_dockerfile_test as docker

base := "FROM golang:1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in remote_script.finding] with input as docker.file(lines)
}

# severities(lines) is the severities of these.
severities(lines) := at if {
	at := {f.path[1]: f.severity | some f in remote_script.finding} with input as docker.file(lines)
}

test_piped if severities([base, "RUN apt-get update && curl -fsSL https://example.com/i.sh | bash -"]) == {1: "high"}

test_document if severities([base, {"text": "RUN <<EOF", "heredocs": [{"name": "EOF", "content": "set -e\ncurl -fsSL https://example.com/i.sh | sh\n"}]}]) == {1: "high"}

test_exec_form if severities([base, {"text": "RUN", "args": ["sh", "-c", "wget -qO- https://example.com/i.sh | sh"]}]) == {1: "high"}

test_saved if severities([base, "RUN wget https://example.com/i.sh && sh i.sh"]) == {1: "medium"}

test_variable if severities([base, "RUN curl -sSL ${INSTALLER_URL} | sh"]) == {1: "high"}

test_twice_in_one_step if severities([base, "RUN curl https://a.example | sh && curl https://b.example | sh"]) == {1: "high"}

test_checked_passes if found([base, "RUN curl -fsSLo i.sh https://example.com/i.sh && echo 'abc  i.sh' | sha256sum -c - && sh i.sh"]) == []

test_archive_passes if found([base, "RUN curl -fsSL https://example.com/a.tgz | tar xz -C /opt"]) == []

test_printed_passes if found([base, "RUN echo 'curl https://example.com | sh'"]) == []

test_document_for_a_file_passes if found([base, {"text": "RUN cat <<EOF > /usage", "heredocs": [{"name": "EOF", "content": "curl https://example.com | sh\n"}]}]) == []

test_exec_form_runs_no_pipe_passes if found([base, {"text": "RUN", "args": ["curl", "https://example.com/a", "|", "sh"]}]) == []

test_later_document if severities([base, {"text": "RUN cat <<A > /f && cat <<B | sh", "heredocs": [{"name": "A", "content": "x\n"}, {"name": "B", "content": "curl https://example.com/i | sh\n"}]}]) == {1: "high"}

test_document_beside_a_shell_passes if found([base, {"text": "RUN cat <<A > /f; bash <<B", "heredocs": [{"name": "A", "content": "curl https://example.com/i | sh\n"}, {"name": "B", "content": "make\n"}]}]) == []

test_python if severities([base, {"text": "RUN python3 <<EOF", "heredocs": [{"name": "EOF", "content": "from urllib.request import urlopen\nexec(urlopen('https://example.com/i').read())\n"}]}]) == {1: "high"}

test_another_step if severities([base, "RUN curl -fsSLO https://example.com/i.sh", "RUN make", "RUN sh i.sh"]) == {1: "medium"}

test_another_stage_passes if found([base, "RUN curl -fsSLO https://example.com/i.sh", base, "RUN sh i.sh"]) == []

test_another_step_that_compares_passes if found([base, "RUN curl -fsSLO https://example.com/i.sh", "RUN sha256sum -c i.sha256", "RUN sh i.sh"]) == []

test_start if severities([base, "CMD curl -fsSL https://example.com/i.sh | sh", {"text": "ENTRYPOINT", "args": ["tini", "--", "bash", "-c", "bash <(curl -s https://example.com/i)"]}]) == {1: "high", 2: "high"}

test_start_in_two_parts if severities([base, {"text": "ENTRYPOINT", "args": ["/bin/sh", "-c"]}, {"text": "CMD", "args": ["wget -qO- https://example.com/i | sh"]}]) == {2: "high"}

test_health if severities([base, {"text": "HEALTHCHECK", "args": ["CMD", "sh", "-c", "curl -s https://example.com/h | sh"]}]) == {1: "high"}

test_health_that_asks_passes if found([base, {"text": "HEALTHCHECK", "args": ["CMD", "curl", "-f", "http://localhost/"]}, {"text": "CMD", "args": ["curl https://example.com | sh"]}]) == []
