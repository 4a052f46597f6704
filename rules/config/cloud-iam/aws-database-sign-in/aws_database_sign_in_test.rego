# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_database_sign_in_test

import data.sealock.config.cloud_iam.aws_database_sign_in as rule
import data.sealock.lib.config_cloud_test as t

test_off if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"engine": "postgres", "iam_database_authentication_enabled": false})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["iam_database_authentication_enabled"]}
}

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.res("aws_rds_cluster", {"engine": "aurora-postgresql"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["iam_database_authentication_enabled"]}
}

test_on if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"engine": "mysql", "iam_database_authentication_enabled": true})])
	findings == set()
}

test_cannot if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"engine": "sqlserver-se"}), t.res("aws_db_instance", {"replicate_source_db": "a"})])
	findings == set()
}

test_engines_that_can_not if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"engine": "mariadb", "engine_version": "10.5.12"}), t.res("aws_db_instance", {"engine": "oracle-ee"})])
	findings == set()
}

test_mariadb_of_today if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"engine": "mariadb", "engine_version": "10.11"})])
	count(findings) == 1
}
