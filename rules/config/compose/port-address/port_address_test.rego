# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.port_address_test

import data.sealock.config.compose.port_address as rule
import data.sealock.lib.samples_test as samples

ports(list) := samples.compose({"web": {"image": "web", "ports": list}})

test_short_forms if {
	count(rule.finding) == 4 with input as ports(["8080:8080", 3000, "0.0.0.0:9000:9000", "[::]:9001:9001/udp"])
}

test_the_long_form if {
	samples.marks(rule.finding) == {"services/web/ports/0"} with input as ports([{"target": 8080, "published": 8080, "mode": "host"}])
}

test_a_variable_for_the_port if {
	count(rule.finding) == 1 with input as ports(["${PORT:-8080}:8080"])
}

test_an_address if {
	rule.finding == set() with input as ports(["127.0.0.1:8080:8080", "10.0.0.5:5000-5010:5000-5010", "${ADDRESS}:8080:8080", "127.0.0.1::5000"])
	rule.finding == set() with input as ports([{"target": 8080, "published": "8080", "host_ip": "127.0.0.1"}])
}

test_ports_of_the_web if {
	rule.finding == set() with input as ports(["80:8080", "443:8443", {"target": 8443, "published": "443"}])
}

test_databases_are_another_finding if {
	rule.finding == set() with input as ports(["5432:5432"])
}
