# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.insecure_flags_test

import data.sealock.config.transit.insecure_flags as rule
import data.sealock.lib.samples_test as samples

test_a_flag if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/args/1"} with input as samples.one({"args": ["--secure-port=10250", "--kubelet-insecure-tls"]})
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/command/1"} with input as samples.one({"command": ["agent", "--insecure-skip-verify=true"]})
}

test_a_variable if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/env/0/value"} with input as samples.one({"env": [{"name": "NODE_TLS_REJECT_UNAUTHORIZED", "value": "0"}]})
	count(rule.finding) == 1 with input as samples.one({"env": [{"name": "VAULT_SKIP_VERIFY", "value": "true"}]})
}

test_switched_on_again if {
	rule.finding == set() with input as samples.one({"args": ["--insecure-skip-tls-verify=false"], "env": [{"name": "VAULT_SKIP_VERIFY", "value": "false"}]})
}

test_other_flags_are_fine if {
	rule.finding == set() with input as samples.one({"args": ["--tls-verify", "serve", 5], "env": [{"name": "TLS_VERIFY", "value": "true"}, null]})
}
