# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_privileged_containers_test

import data.sealock.config.cloud_iam.aws_privileged_containers as rule
import data.sealock.lib.config_cloud_test as t

test_task if {
	findings := rule.finding with input as t.doc([t.res("aws_ecs_task_definition", {"container_definitions": "[{\"name\": \"a\"}, {\"name\": \"b\", \"privileged\": true}]"})])
	t.paths(findings) == {["container_definitions", 1, "privileged"]}
}

test_batch if {
	findings := rule.finding with input as t.doc([t.res("aws_batch_job_definition", {"container_properties": "{\"image\": \"${var.image}\", \"privileged\": true}"})])
	t.paths(findings) == {["container_properties", "privileged"]}
}

test_capabilities_and_namespaces if {
	findings := rule.finding with input as t.doc([t.res("aws_ecs_task_definition", {"network_mode": "host", "container_definitions": "[{\"linuxParameters\": {\"capabilities\": {\"add\": [\"SYS_ADMIN\"]}}}]"})])
	t.paths(findings) == {["network_mode"], ["container_definitions", 0, "linuxParameters"]}
}

test_host_paths if {
	findings := rule.finding with input as t.doc([t.res("aws_ecs_task_definition", {"volume": [{"name": "s", "host_path": "/var/run/docker.sock"}, {"name": "d", "host_path": "/srv/data"}]})])
	t.paths(findings) == {["volume", 0, "host_path"]}
}

test_build if {
	findings := rule.finding with input as t.doc([t.res("aws_codebuild_project", {"environment": [{"privileged_mode": true}]})])
	t.severities(findings) == {"low"}
}

test_plain if {
	findings := rule.finding with input as t.doc([
		t.res("aws_ecs_task_definition", {"network_mode": "awsvpc", "container_definitions": "[{\"privileged\": false}]"}),
		t.res("aws_ecs_task_definition", {"container_definitions": "${file(var.path)}"}),
		t.res("aws_batch_job_definition", {"container_properties": "{\"image\": \"a\"}"}),
	])
	findings == set()
}
