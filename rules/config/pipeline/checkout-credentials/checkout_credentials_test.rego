# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.checkout_credentials_test

import data.sealock.config.pipeline.checkout_credentials
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in checkout_credentials.finding} with input as document
}

test_kept if found(github.steps([{"uses": "actions/checkout@v4"}])) == {"jobs/build/steps/0/with/persist-credentials": "low"}

test_g08_uploaded if found(github.steps([{"uses": "actions/checkout@v4"}, {"uses": "actions/upload-artifact@v3", "with": {"path": "."}}])) == {"jobs/build/steps/0/with/persist-credentials": "high"}

test_uploaded_with_hidden_files if found(github.steps([{"uses": "actions/checkout@v4"}, {"uses": "actions/upload-artifact@v4", "with": {"path": "${{ github.workspace }}", "include-hidden-files": true}}])) == {"jobs/build/steps/0/with/persist-credentials": "high"}

test_one_of_several_paths if found(github.steps([{"uses": "actions/checkout@v4"}, {"uses": "actions/upload-artifact@v3", "with": {"path": "out\n.git"}}])) == {"jobs/build/steps/0/with/persist-credentials": "high"}

test_not_kept_passes if found(github.steps([{"uses": "actions/checkout@v4", "with": {"persist-credentials": false}}, {"uses": "actions/upload-artifact@v3", "with": {"path": "."}}])) == {}

test_text_passes if found(github.steps([{"uses": "actions/checkout@v4", "with": {"persist-credentials": "false"}}])) == {}

test_needed_to_push_passes if found(github.steps([{"uses": "actions/checkout@v4"}, {"run": "git commit -am x && git push"}])) == {}

test_other_passes if found(github.steps([{"uses": "octo-org/checkout@v4"}])) == {}
