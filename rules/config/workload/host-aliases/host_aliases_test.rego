# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.host_aliases_test

import data.sealock.config.workload.host_aliases as rule
import data.sealock.lib.samples_test as samples

test_names if {
	doc := samples.pod({"hostAliases": [{"ip": "10.0.0.7", "hostnames": ["db"]}], "containers": [{"name": "web"}]})
	samples.marks(rule.finding) == {"spec/hostAliases"} with input as doc
}

test_in_a_deployment if {
	count(rule.finding) == 1 with input as samples.deployment({"hostAliases": [{"ip": "10.0.0.7"}], "containers": [{"name": "web"}]})
}

test_none if {
	rule.finding == set() with input as samples.one({})
}

test_empty if {
	rule.finding == set() with input as samples.pod({"hostAliases": [], "containers": [{"name": "web"}]})
	rule.finding == set() with input as samples.pod({"hostAliases": null, "containers": [{"name": "web"}]})
}
