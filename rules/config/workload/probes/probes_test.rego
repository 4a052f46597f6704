# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.probes_test

import data.sealock.config.workload.probes as rule
import data.sealock.lib.samples_test as samples

probe := {"httpGet": {"path": "/healthz", "port": 8080}}

test_none if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/livenessProbe"} with input as samples.one({})
}

test_one_of_two if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/readinessProbe"} with input as samples.one({"livenessProbe": probe, "startupProbe": probe, "readinessProbe": {}})
}

test_both if {
	rule.finding == set() with input as samples.one({"livenessProbe": probe, "readinessProbe": {"grpc": {"port": 9000}}})
}

test_jobs_need_none if {
	rule.finding == set() with input as samples.kube([samples.workload(1, "CronJob", "clean", {"containers": [{"name": "clean"}]}), samples.workload(2, "Job", "once", {"containers": [{"name": "once"}]})])
	rule.finding == set() with input as samples.pod({"restartPolicy": "Never", "containers": [{"name": "once"}]})
}

test_init_containers_need_none if {
	rule.finding == set() with input as samples.pod({"containers": [{"name": "web", "livenessProbe": probe, "readinessProbe": probe}], "initContainers": [{"name": "copy"}]})
}
