# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.google_gke_secrets_test

import data.sealock.config.cloud_encryption.google_gke_secrets as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"name": "shop"})])
	t.paths(findings) == {["database_encryption", "state"]}
}

test_off if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"database_encryption": [{"state": "DECRYPTED"}]})])
	t.paths(findings) == {["database_encryption", 0, "state"]}
}

test_on if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"database_encryption": [{"state": "ENCRYPTED", "key_name": "a"}]})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"database_encryption": [{"state": "${var.state}"}]})])
	findings == set()
}
