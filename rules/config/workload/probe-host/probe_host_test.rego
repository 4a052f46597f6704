# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.probe_host_test

import data.sealock.config.workload.probe_host as rule
import data.sealock.lib.samples_test as samples

test_a_probe_of_another_host if {
	samples.marks(rule.finding) == {"medium spec/template/spec/containers/0/livenessProbe/httpGet/host"} with input as samples.one({"livenessProbe": {"httpGet": {"host": "169.254.169.254", "path": "/", "port": 80}}})
}

test_a_hook_and_a_tcp_probe if {
	doc := samples.one({"lifecycle": {"postStart": {"httpGet": {"host": "10.0.0.1", "port": 80}}}, "readinessProbe": {"tcpSocket": {"host": "127.0.0.1", "port": 80}}})
	count(rule.finding) == 2 with input as doc
}

test_no_host_is_fine if {
	rule.finding == set() with input as samples.one({"livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}}, "readinessProbe": {"grpc": {"port": 9000}}})
}

test_an_empty_host_is_fine if {
	rule.finding == set() with input as samples.one({"startupProbe": {"tcpSocket": {"host": "", "port": 80}}, "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}}})
}
