# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.ssh_port_test

import data.sealock.config.exposure.ssh_port as rule
import data.sealock.lib.samples_test as samples

test_ssh if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/ports/0/containerPort"} with input as samples.one({"ports": [{"containerPort": 22}]})
}

test_telnet if {
	count(rule.finding) == 1 with input as samples.one({"ports": [{"containerPort": 8080}, {"containerPort": 23}]})
}

test_other_ports_are_fine if {
	rule.finding == set() with input as samples.one({"ports": [{"containerPort": 8022}, null]})
}

test_none_are_fine if {
	rule.finding == set() with input as samples.one({})
}
