# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_sql_flags_test

import data.sealock.config.cloud_exposure.google_sql_flags as rule
import data.sealock.lib.config_cloud_test as t

server(version, flags) := t.res("google_sql_database_instance", {"database_version": version, "settings": [{"tier": "db-custom-2-7680", "database_flags": flags}]})

test_scripts if {
	findings := rule.finding with input as t.doc([server("SQLSERVER_2019_STANDARD", [{"name": "3625", "value": "on"}, {"name": "remote access", "value": "off"}, {"name": "external scripts enabled", "value": "on"}])])
	t.paths(findings) == {["settings", 0, "database_flags", 2, "value"]}
	t.severities(findings) == {"high"}
}

test_files if {
	findings := rule.finding with input as t.doc([server("MYSQL_8_0", [{"name": "skip_show_database", "value": "on"}, {"name": "local_infile", "value": "on"}])])
	t.paths(findings) == {["settings", 0, "database_flags", 1, "value"]}
}

test_shown_databases if {
	findings := rule.finding with input as t.doc([server("MYSQL_8_0", [{"name": "skip_show_database", "value": "off"}]), server("MYSQL_8_0", [])])
	t.severities(findings) == {"medium", "low"}
}

test_options if {
	findings := rule.finding with input as t.doc([server("SQLSERVER_2022_STANDARD", [{"name": "3625", "value": "on"}, {"name": "remote access", "value": "off"}, {"name": "user options", "value": "32"}, {"name": "user connections", "value": "0"}])])
	t.paths(findings) == {["settings", 0, "database_flags", 2, "value"]}
}

test_hardened if {
	findings := rule.finding with input as t.doc([
		server("SQLSERVER_2022_STANDARD", [{"name": "3625", "value": "on"}, {"name": "remote access", "value": "off"}, {"name": "contained database authentication", "value": "off"}]),
		server("MYSQL_8_0", [{"name": "skip_show_database", "value": "on"}, {"name": "local_infile", "value": "off"}]),
		server("POSTGRES_16", [{"name": "local_infile", "value": "on"}]),
	])
	findings == set()
}

test_copies if {
	clone := t.res("google_sql_database_instance", {"database_version": "MYSQL_8_0", "clone": [{"source_instance_name": "shop"}]})
	replica := t.res("google_sql_database_instance", {"database_version": "MYSQL_8_0", "master_instance_name": "shop"})
	findings := rule.finding with input as t.doc([clone, replica])
	findings == set()
}
