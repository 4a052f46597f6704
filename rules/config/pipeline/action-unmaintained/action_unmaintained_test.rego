# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.action_unmaintained_test

import data.sealock.config.pipeline.action_unmaintained
import data.sealock.lib.config_github_test as github

# found(uses) is how many findings a step with this action gives.
found(uses) := n if {
	n := count(action_unmaintained.finding) with input as github.steps([{"uses": uses}])
		with data.params as {"pipeline.action-unmaintained": {"archived": ["actions/create-release", "actions-rs/"]}}
}

test_archived if found("actions/create-release@v1") == 1

test_owner if found("Actions-RS/toolchain@v1") == 1

test_maintained_passes if found("actions/checkout@v4") == 0

test_name_that_begins_alike_passes if found("actions/create-release-notes@v1") == 0

test_local_passes if found("./actions/create-release") == 0
