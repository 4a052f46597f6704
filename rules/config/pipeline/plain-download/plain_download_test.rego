# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.plain_download_test

import data.sealock.config.pipeline.plain_download
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(text) is how many findings a step with this script gives.
found(text) := n if {
	n := count(plain_download.finding) with input as github.steps([{"run": text}])
}

test_curl if found("curl -fsSL -o tool.tgz http://dl.example.com/tool.tgz") == 1

test_wget if found("wget ftp://dl.example.com/tool.tgz && tar xf tool.tgz") == 1

test_clone if found("git clone --depth 1 http://git.example.com/team/lib.git") == 1

test_git_protocol if found("git clone git://git.example.com/team/lib.git") == 1

test_gitlab if {
	count(plain_download.finding) == 1 with input as gitlab.pipeline({"a": {"script": ["wget http://dl.example.com/tool.tgz"]}})
}

test_https_passes if found("wget https://dl.example.com/tool.tgz") == 0

test_digest_passes if found("curl -o t.tgz http://dl.example.com/t.tgz\necho \"$SUM  t.tgz\" | sha256sum -c") == 0

test_local_passes if found("curl -o out.json http://localhost:8080/x") == 0

test_request_passes if found("curl -sS http://app.example.com/healthz") == 0

test_service_passes if found("wget -O out.json http://backend:8080/x") == 0
