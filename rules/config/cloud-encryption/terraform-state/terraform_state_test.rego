# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.terraform_state_test

import data.sealock.config.cloud_encryption.terraform_state as rule
import data.sealock.lib.config_cloud_test as t

test_off if {
	findings := rule.finding with input as t.doc([t.item("terraform", "", "", {"backend": [{"type": "s3", "bucket": "state", "encrypt": false}]})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["backend", 0, "encrypt"]}
}

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.item("terraform", "", "", {"backend": [{"type": "s3", "bucket": "state"}]})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["backend", 0, "encrypt"]}
}

test_on if {
	findings := rule.finding with input as t.doc([t.item("terraform", "", "", {"backend": [{"type": "s3", "encrypt": true}]})])
	findings == set()
}

test_other if {
	findings := rule.finding with input as t.doc([t.item("terraform", "", "", {"backend": [{"type": "gcs", "bucket": "state"}]}), t.item("terraform", "", "", {"required_version": ">= 1.9"})])
	findings == set()
}
