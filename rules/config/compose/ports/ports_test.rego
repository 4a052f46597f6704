# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.ports_test

import data.sealock.config.compose.ports as rule
import data.sealock.lib.samples_test as samples

ports(list) := samples.compose({"db": {"image": "postgres", "ports": list}})

test_short_forms if {
	samples.marks(rule.finding) == {"medium services/db/ports/0", "medium services/db/ports/1", "medium services/db/ports/2"} with input as ports(["5432:5432", 5432, "0.0.0.0:15432:5432/tcp"])
}

test_the_long_form if {
	count(rule.finding) == 1 with input as ports([{"target": 6379, "published": "6379", "protocol": "tcp"}])
}

test_a_variable_for_the_port if {
	count(rule.finding) == 1 with input as ports(["${DB_PORT:-5432}:5432"])
}

test_on_this_machine_only if {
	rule.finding == set() with input as ports(["127.0.0.1:5432:5432", "[::1]:5432:5432", "localhost:5432:5432"])
	rule.finding == set() with input as ports([{"target": 5432, "host_ip": "127.0.0.1"}])
}

test_other_ports_are_fine if {
	rule.finding == set() with input as ports(["8080:80", "443:8443", null])
	rule.finding == set() with input as samples.compose({"db": {"expose": ["5432"]}})
}
