# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.tls_verification_test

import data.sealock.config.pipeline.tls_verification
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab
import data.sealock.lib.config_jenkins_test as jenkins

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in tls_verification.finding} with input as document
}

test_curl if found(github.steps([{"run": "curl -fskL https://example.com/tool.tgz | tar xz"}])) == {"jobs/build/steps/0/run": "high"}

test_variable if found(github.steps([{"env": {"NODE_TLS_REJECT_UNAUTHORIZED": 0}, "run": "npm ci"}])) == {"jobs/build/steps/0/env/NODE_TLS_REJECT_UNAUTHORIZED": "high"}

test_settings_of_git if found(gitlab.pipeline({"a": {"script": ["git config --global http.sslVerify false"]}})) == {"a/script/0": "high"}

test_variable_of_gitlab if found(gitlab.pipeline({"variables": {"GIT_SSL_NO_VERIFY": "true"}, "a": {"script": ["make"]}})) == {"variables/GIT_SSL_NO_VERIFY": "high"}

test_hosts_of_ssh if found(gitlab.pipeline({"a": {"script": ["ssh -o StrictHostKeyChecking=no deploy@example.com ./deploy"]}})) == {"a/script/0": "medium"}

test_jenkins if {
	found(jenkins.sh("wget --no-check-certificate https://example.com/a", [])) == {"steps/0": "high"}
	found(jenkins.pipeline({"environment": [{"name": "GIT_SSL_NO_VERIFY", "value": "1"}]})) == {"environment/0": "high"}
}

test_checked_passes if found(github.steps([{"run": "curl -fsSL --cacert ca.pem https://example.com/a -o a; git config http.sslCAInfo ca.pem"}])) == {}

test_own_server_passes if found(github.steps([{"run": "curl -k https://localhost:8443/healthz"}])) == {}

test_variable_that_is_off_passes if found(gitlab.pipeline({"variables": {"GIT_SSL_NO_VERIFY": "false"}, "a": {"script": ["make"]}})) == {}

test_credentials_without_encryption if {
	every line in [
		"curl -H \"PRIVATE-TOKEN: $TOKEN\" http://gitlab.example.com/api/v4/projects", "curl -u ci:$PASSWORD -T a.tgz http://repo.example.com/a.tgz",
		"curl http://ci:$PASSWORD@repo.example.com/a", "wget --header=\"Authorization: Bearer $T\" http://example.com/a", "curl --oauth2-bearer $T http://example.com/a",
	] {
		found(gitlab.pipeline({"a": {"script": [line]}})) == {"a/script/0": "high"}
	}
}

test_credentials_within_the_job_pass if {
	every line in [
		"curl -u elastic:changeme http://elasticsearch:9200/_cat", "curl -H 'Authorization: Bearer x' http://localhost:8080/", "curl -u a:b http://$HOST/x",
		"curl -u a:b https://repo.example.com/a", "curl -H 'Accept: text/plain' http://example.com/a", "curl -H 'X-Api-Key: x' http://10.0.0.7/a",
	] {
		found(gitlab.pipeline({"a": {"script": [line]}})) == {}
	}
}
