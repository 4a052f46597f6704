# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.runtime_socket_test

import data.sealock.config.compose.runtime_socket as rule
import data.sealock.lib.samples_test as samples

test_docker if {
	samples.marks(rule.finding) == {"services/proxy/volumes/1"} with input as samples.compose({"proxy": {"volumes": ["./conf:/conf", "/var/run/docker.sock:/var/run/docker.sock:ro"]}})
}

test_the_long_form if {
	samples.marks(rule.finding) == {"services/ci/volumes/0/source"} with input as samples.compose({"ci": {"volumes": [{"type": "bind", "source": "/run/podman/podman.sock", "target": "/var/run/docker.sock"}]}})
}

test_a_daemon_on_the_network if {
	count(rule.finding) == 1 with input as samples.compose({"dind": {"image": "docker:28-dind", "command": ["dockerd", "-H", "tcp://0.0.0.0:2375"]}})
}

test_other_volumes_are_fine if {
	rule.finding == set() with input as samples.compose({"db": {"volumes": ["data:/var/lib/postgresql/data", "./init.sql:/init.sql:ro", {"type": "volume", "source": "x", "target": "/y"}, null, 5]}})
}

test_none_are_fine if {
	rule.finding == set() with input as samples.compose({"db": {"volumes": null}})
}

test_other_spellings if {
	count(rule.finding) == 4 with input as samples.compose({"web": {"use_api_socket": true, "volumes": [
		"${DOCKER_SOCKET:-/var/run/docker.sock}:/sock", "//./pipe/docker_engine://./pipe/docker_engine", {"type": "npipe", "source": "\\\\.\\pipe\\docker_engine", "target": "x"},
		"./docker-data:/data",
	]}})
}
