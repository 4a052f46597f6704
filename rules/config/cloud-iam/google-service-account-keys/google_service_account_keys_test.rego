# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.google_service_account_keys_test

import data.sealock.config.cloud_iam.google_service_account_keys as rule
import data.sealock.lib.config_cloud_test as t

test_key if {
	findings := rule.finding with input as t.doc([t.res("google_service_account_key", {"service_account_id": "${google_service_account.ci.name}"})])
	t.paths(findings) == {["service_account_id"]}
}

test_hmac if {
	findings := rule.finding with input as t.doc([t.res("google_storage_hmac_key", {"service_account_email": "a@shop.iam.gserviceaccount.com"})])
	t.paths(findings) == {["service_account_id"]}
}

test_account_only if {
	findings := rule.finding with input as t.doc([t.res("google_service_account", {"account_id": "ci"})])
	findings == set()
}

test_data_source if {
	findings := rule.finding with input as t.doc([t.item("data", "google_service_account_key", "this", {})])
	findings == set()
}
