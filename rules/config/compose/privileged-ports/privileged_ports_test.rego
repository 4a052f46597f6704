# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.privileged_ports_test

import data.sealock.config.compose.privileged_ports as rule
import data.sealock.lib.samples_test as samples

ports(list) := samples.compose({"web": {"image": "web", "ports": list}})

test_short_forms if {
	count(rule.finding) == 3 with input as ports(["67:67/udp", "127.0.0.1:25:2525", "90-91:8080-8081"])
}

test_the_long_form if {
	samples.marks(rule.finding) == {"services/web/ports/0"} with input as ports([{"target": 8053, "published": "53", "protocol": "udp"}])
}

test_higher_ports if {
	rule.finding == set() with input as ports(["8080:80", "127.0.0.1:2222:22", "${PORT}:25"])
}

test_ports_of_the_web_and_of_dockers_choice if {
	rule.finding == set() with input as ports(["80:8080", "443:8443", "25", 25])
}
