# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.build_sandbox_test

import data.sealock.config.compose.build_sandbox as rule
import data.sealock.lib.samples_test as samples

build(settings) := samples.compose({"web": {"build": object.union({"context": "."}, settings)}})

test_entitlements if {
	samples.marks(rule.finding) == {"high services/web/build/entitlements/1", "medium services/web/build/entitlements/0"} with input as build({"entitlements": ["network.host", "security.insecure"]})
}

test_privileged if {
	samples.marks(rule.finding) == {"high services/web/build/privileged"} with input as build({"privileged": true})
}

test_network if {
	samples.marks(rule.finding) == {"medium services/web/build/network"} with input as build({"network": "host"})
}

test_sandbox if {
	rule.finding == set() with input as build({"privileged": false, "network": "none", "entitlements": []})
	rule.finding == set() with input as samples.compose({"web": {"build": "."}})
}
