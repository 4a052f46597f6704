# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.privileged_docker_test

import data.sealock.config.pipeline.privileged_docker
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab
import data.sealock.lib.config_jenkins_test as jenkins

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in privileged_docker.finding} with input as document
}

test_g06_socket if found(github.workflow({"on": "push", "jobs": {"a": {"container": {"image": "x", "volumes": ["cache:/cache", "/var/run/docker.sock:/var/run/docker.sock"]}, "steps": []}}})) == {"jobs/a/container/volumes/1": ""}

test_volume_passes if found(github.workflow({"on": "push", "jobs": {"a": {"container": {"image": "x", "volumes": ["cache:/cache", "/tmp/x:/x"]}, "steps": []}}})) == {}

test_service if found(gitlab.pipeline({"a": {"services": ["docker:27-dind"], "script": ["x"]}})) == {"a/services/0": ""}

test_no_tls if found(gitlab.pipeline({"variables": {"DOCKER_TLS_CERTDIR": ""}, "a": {"script": ["x"]}})) == {"variables/DOCKER_TLS_CERTDIR": "high"}

test_plain_port if found(gitlab.pipeline({"variables": {"DOCKER_HOST": "tcp://docker:2375"}, "a": {"script": ["x"]}})) == {"variables/DOCKER_HOST": "high"}

test_one_fault if found(gitlab.pipeline({"variables": {"DOCKER_HOST": "tcp://docker:2375", "DOCKER_TLS_CERTDIR": ""}, "a": {"script": ["x"]}})) == {"variables/DOCKER_TLS_CERTDIR": "high"}

test_container if found(github.workflow({"on": "push", "jobs": {"a": {"container": {"image": "x", "options": "--privileged"}, "steps": []}}})) == {"jobs/a/container/options": ""}

test_run if found(gitlab.pipeline({"a": {"script": ["docker run --privileged x"]}})) == {"a/script/0": ""}

test_tls_passes if found(gitlab.pipeline({"variables": {"DOCKER_TLS_CERTDIR": "/certs", "DOCKER_HOST": "tcp://docker:2376"}, "a": {"script": ["x"]}})) == {}

test_rootless_passes if found(gitlab.pipeline({"a": {"services": ["docker:dind-rootless"], "script": ["x"]}})) == {}

test_database_passes if found(gitlab.pipeline({"a": {"services": ["postgres:17"], "script": ["x"]}})) == {}

test_emulation_passes if found(gitlab.pipeline({"a": {"script": ["docker run --privileged tonistiigi/binfmt --install all"]}})) == {}

test_jenkins if {
	found(jenkins.pipeline({"options": [{"text": "-u root"}, {"text": "--privileged -v /x:/x"}]})) == {"options/1": ""}
	found(jenkins.pipeline({"options": [{"text": "-v /var/run/docker.sock:/var/run/docker.sock"}]})) == {"options/0": ""}
	found(jenkins.sh("docker run --privileged builder", [])) == {"steps/0": ""}
}

test_jenkins_plain_passes if found(jenkins.pipeline({"options": [{"text": "-u 1000:1000 --network ci"}]})) == {}
