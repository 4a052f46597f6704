# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.remote_script_test

import data.sealock.config.pipeline.remote_script
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab
import data.sealock.lib.config_jenkins_test as jenkins

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in remote_script.finding} with input as document
}

test_g12_piped if found(github.steps([{"run": "curl -fsSL https://example.com/i.sh | sudo bash"}])) == {"jobs/build/steps/0/run": "high"}

test_several_lines if found(github.steps([{"run": "set -e\ncurl -sSLO https://example.com/get.sh\nbash get.sh"}])) == {"jobs/build/steps/0/run": "medium"}

test_action if found(github.action([{"run": "bash <(curl -s https://example.com/x)", "shell": "bash"}])) == {"runs/steps/0/run": "high"}

test_gitlab if found(gitlab.pipeline({"a": {"before_script": ["apt-get update", "curl https://example.com/i | sh"], "script": ["make"]}})) == {"a/before_script/1": "high"}

test_gitlab_two_lines if found(gitlab.pipeline({"a": {"script": ["curl -o i.sh https://example.com/i.sh", "sh i.sh"]}})) == {"a/script/0": "medium"}

test_checked_passes if found(github.steps([{"run": "curl -sSLO https://example.com/get.sh\necho 'abc get.sh' | sha256sum -c\nbash get.sh"}])) == {}

test_read_passes if found(github.steps([{"run": "curl -s https://example.com/v | jq .x"}])) == {}

test_comment_passes if found(github.steps([{"run": "# curl https://example.com | sh\nmake"}])) == {}

test_gitlab_checked_passes if found(gitlab.pipeline({"a": {"script": ["curl -o i.sh https://example.com/i.sh", "sha256sum -c i.sha256", "sh i.sh"]}})) == {}

test_jenkins if found(jenkins.sh("curl -fsSL https://example.com/install.sh | sh", [])) == {"steps/0": "high"}

test_jenkins_that_compares_passes if found(jenkins.sh("curl -fsSLO https://example.com/i.sh && echo \"$SUM  i.sh\" | sha256sum -c && sh i.sh", [])) == {}

test_several_steps if found(github.steps([{"uses": "actions/checkout@v6"}, {"run": "curl -fsSLo i.sh https://example.com/i.sh"}, {"run": "bash i.sh"}])) == {"jobs/build/steps/1/run": "medium"}

test_several_steps_that_compare_pass if found(github.steps([{"run": "curl -fsSLo i.sh https://example.com/i.sh"}, {"run": "sha256sum -c i.sha256"}, {"run": "bash i.sh"}])) == {}

test_given_to_an_action if found(github.steps([{"uses": "nick-fields/retry@v3", "with": {"command": "curl -s https://example.com/i | sh"}}])) == {"jobs/build/steps/0/with/command": "high"}

test_python if found(github.steps([{"run": "exec(__import__('urllib.request').request.urlopen('https://example.com/i').read())", "shell": "python"}])) == {"jobs/build/steps/0/run": "high"}

test_powershell if found(github.steps([{"run": "$i = irm https://example.com/i.ps1\niex $i", "shell": "pwsh"}])) == {"jobs/build/steps/0/run": "high"}
