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

test_nothing_is_asked if {
	findings := rule.finding with input as t.doc([
		t.res("aws_elasticache_user", {"no_password_required": true, "access_string": "on ~* +@all"}),
		t.res("aws_msk_cluster", {"client_authentication": [{"unauthenticated": true}]}),
		t.res("aws_storagegateway_smb_file_share", {"authentication": "GuestAccess"}),
		t.res("aws_qldb_ledger", {"permissions_mode": "ALLOW_ALL"}),
	])
	t.paths(findings) == {["no_password_required"], ["client_authentication", 0, "unauthenticated"], ["authentication"], ["permissions_mode"]}
	t.severities(findings) == {"high"}
}

test_something_is_asked if {
	findings := rule.finding with input as t.doc([
		t.res("aws_elasticache_user", {"no_password_required": true, "access_string": "off ~* -@all"}),
		t.res("aws_elasticache_user", {"authentication_mode": [{"type": "iam"}]}),
		t.res("aws_msk_cluster", {"client_authentication": [{"unauthenticated": false, "sasl": [{"iam": true}]}]}),
		t.res("aws_mskconnect_connector", {"kafka_cluster_client_authentication": [{"authentication_type": "IAM"}]}),
		t.res("aws_qldb_ledger", {"permissions_mode": "STANDARD"}),
	])
	findings == set()
}

test_cache_without_users if {
	findings := rule.finding with input as t.doc([
		t.res("aws_elasticache_replication_group", {"transit_encryption_enabled": true}),
		t.res("aws_elasticache_replication_group", {"auth_token": "${random_password.cache.result}"}),
		t.res("aws_elasticache_replication_group", {"user_group_ids": ["${aws_elasticache_user_group.app.id}"]}),
		t.res("aws_opensearch_domain", {"advanced_security_options": [{"enabled": true, "anonymous_auth_enabled": true}]}),
	])
	t.paths(findings) == {["auth_token"], ["advanced_security_options", 0, "anonymous_auth_enabled"]}
	count(findings) == 2
}
