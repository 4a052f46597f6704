# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.action_lookalike_test

import data.sealock.config.pipeline.action_lookalike
import data.sealock.lib.config_github_test as github

# found(uses, accepted) is how many findings a step with this action gives.
found(uses, accepted) := n if {
	n := count(action_lookalike.finding) with input as github.steps([{"uses": uses}])
		with data.params as {"pipeline.action-lookalike": {"accepted": accepted}}
}

test_letter_missing if found("actons/checkout@v4", []) == 1

test_letter_more if found("dockerr/login-action@v3", []) == 1

test_letter_other if found("hashicurp/setup-terraform@v3", []) == 1

test_letters_swapped if found("githbu/codeql-action/init@v3", []) == 1

test_dash_missing if found("awsactions/configure-aws-credentials@v4", []) == 1

test_right_name_passes if found("Actions/Checkout@v4", []) == 0

test_fork_passes if found("octo-org/checkout@v4", []) == 0

test_other_repository_passes if found("action/greet@v1", []) == 0

test_accepted_passes if found("actons/checkout@v4", ["actons"]) == 0

test_local_passes if found("./actons/checkout", []) == 0
