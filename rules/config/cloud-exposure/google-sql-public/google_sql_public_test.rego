# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_sql_public_test

import data.sealock.config.cloud_exposure.google_sql_public as rule
import data.sealock.lib.config_cloud_test as t

test_open if {
	findings := rule.finding with input as t.doc([t.res("google_sql_database_instance", {"settings": [{"ip_configuration": [{"ipv4_enabled": true, "authorized_networks": [{"value": "198.51.100.0/24"}, {"value": "0.0.0.0/0"}]}]}]})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["settings", 0, "ip_configuration", 0, "authorized_networks", 1, "value"]}
}

test_address if {
	findings := rule.finding with input as t.doc([t.res("google_sql_database_instance", {"settings": [{"ip_configuration": [{"ipv4_enabled": true}]}]})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["settings", 0, "ip_configuration", 0, "ipv4_enabled"]}
}

test_default if {
	findings := rule.finding with input as t.doc([t.res("google_sql_database_instance", {"settings": [{"tier": "db-f1-micro"}]})])
	t.paths(findings) == {["settings", "ip_configuration", "ipv4_enabled"]}
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("google_sql_database_instance", {"settings": [{"ip_configuration": [{"ipv4_enabled": false, "private_network": "${google_compute_network.shop.id}"}]}]})])
	findings == set()
}
