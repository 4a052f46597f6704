# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_buckets_test

import data.sealock.config.cloud_exposure.google_buckets as rule
import data.sealock.lib.config_cloud_test as t

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket", {"name": "shop"})])
	t.paths(findings) == {["uniform_bucket_level_access"], ["public_access_prevention"]}
}

test_lists if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket", {"uniform_bucket_level_access": false, "public_access_prevention": "enforced"})])
	t.paths(findings) == {["uniform_bucket_level_access"]}
}

test_inherited if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket", {"uniform_bucket_level_access": true, "public_access_prevention": "inherited"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["public_access_prevention"]}
}

test_hardened if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket", {"uniform_bucket_level_access": true, "public_access_prevention": "enforced"})])
	findings == set()
}
