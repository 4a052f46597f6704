# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.google_sql_tls_test

import data.sealock.config.cloud_encryption.google_sql_tls as rule
import data.sealock.lib.config_cloud_test as t

test_default if {
	findings := rule.finding with input as t.doc([t.res("google_sql_database_instance", {"settings": [{"tier": "a"}]})])
	t.paths(findings) == {["settings", "ip_configuration", "ssl_mode"]}
}

test_allowed if {
	findings := rule.finding with input as t.doc([t.res("google_sql_database_instance", {"settings": [{"ip_configuration": [{"ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}]}]})])
	t.paths(findings) == {["settings", 0, "ip_configuration", 0, "ssl_mode"]}
}

test_not_required if {
	findings := rule.finding with input as t.doc([t.planned("google_sql_database_instance", {"settings": [{"ip_configuration": [{"ssl_mode": null, "require_ssl": false}]}]})])
	t.paths(findings) == {["settings", 0, "ip_configuration", 0, "ssl_mode"]}
}

test_required if {
	findings := rule.finding with input as t.doc([t.res("google_sql_database_instance", {"settings": [{"ip_configuration": [{"require_ssl": true}]}]}), t.res("google_sql_database_instance", {"settings": [{"ip_configuration": [{"ssl_mode": "ENCRYPTED_ONLY"}]}]})])
	findings == set()
}
