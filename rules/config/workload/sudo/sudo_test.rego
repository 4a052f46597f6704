# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.sudo_test

import data.sealock.config.workload.sudo as rule
import data.sealock.lib.samples_test as samples

test_as_the_program if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/command/0"} with input as samples.one({"command": ["sudo", "/shop/serve"]})
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/command/0"} with input as samples.one({"command": ["/usr/bin/sudo", "-E", "/shop/serve"]})
}

test_in_a_script if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/args/1"} with input as samples.one({"command": ["sh"], "args": ["-c", "cd /shop && sudo -u shop ./serve"]})
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/command/2"} with input as samples.one({"command": ["sh", "-c", "set -e\nsudo ./serve"]})
}

test_no_word_of_a_command if {
	rule.finding == set() with input as samples.one({"command": ["sh", "-c", "grep sudo /etc/group; echo 'use sudo'"]})
	rule.finding == set() with input as samples.one({"command": ["/shop/serve"], "args": ["--without", "sudo"]})
}

test_no_command_at_all if {
	rule.finding == set() with input as samples.one({})
	rule.finding == set() with input as samples.one({"command": "sudo", "args": [5]})
}
