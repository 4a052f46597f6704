# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.control_plane_test

import data.sealock.config.exposure.control_plane as rule
import data.sealock.lib.samples_test as samples

component(name, args) := samples.pod({"containers": [{"name": name, "command": array.concat([name], args)}]})

test_an_open_address if {
	samples.marks(rule.finding) == {"low spec/containers/0/command/1"} with input as component("kube-controller-manager", ["--bind-address=0.0.0.0"])
}

test_a_dashboard_without_a_login if {
	doc := samples.pod({"containers": [{"name": "d", "image": "kubernetesui/dashboard:v2.7.0", "args": ["--auto-generate-certificates", "--enable-skip-login"]}]})
	samples.marks(rule.finding) == {"high spec/containers/0/args/1"} with input as doc
}

test_by_default if {
	samples.marks(rule.finding) == {"low spec/containers/0/command"} with input as component("kube-scheduler", ["--v=2"])
}

test_on_the_node_only if {
	rule.finding == set() with input as component("kube-scheduler", ["--bind-address=127.0.0.1"])
}

test_other_programs if {
	rule.finding == set() with input as component("web", ["--bind-address=0.0.0.0"])
	rule.finding == set() with input as component("kube-apiserver", ["--bind-address=0.0.0.0"])
}
