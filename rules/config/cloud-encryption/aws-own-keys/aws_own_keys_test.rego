# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_own_keys_test

import data.sealock.config.cloud_encryption.aws_own_keys as rule
import data.sealock.lib.config_cloud_test as t

test_table if {
	findings := rule.finding with input as t.doc([t.res("aws_dynamodb_table", {"name": "orders"})])
	t.paths(findings) == {["server_side_encryption", "kms_key_arn"]}
}

test_secret if {
	findings := rule.finding with input as t.doc([t.res("aws_secretsmanager_secret", {"name": "orders"})])
	t.paths(findings) == {["kms_key_id"]}
}

test_images if {
	findings := rule.finding with input as t.doc([t.res("aws_ecr_repository", {"encryption_configuration": [{"encryption_type": "AES256"}]})])
	t.paths(findings) == {["encryption_configuration", 0, "kms_key"]}
}

test_function if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_function", {"environment": [{"variables": {"A": "b"}}]})])
	t.paths(findings) == {["kms_key_arn"]}
}

test_null_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("aws_cloudwatch_log_group", {"kms_key_id": null})])
	t.paths(findings) == {["kms_key_id"]}
}

test_own if {
	findings := rule.finding with input as t.doc([t.res("aws_dynamodb_table", {"server_side_encryption": [{"enabled": true, "kms_key_arn": "${aws_kms_key.a.arn}"}]}), t.res("aws_cloudwatch_log_group", {"kms_key_id": "${aws_kms_key.a.arn}"}), t.res("aws_lambda_function", {})])
	findings == set()
}

test_alias_of_the_service if {
	findings := rule.finding with input as t.doc([t.res("aws_sns_topic", {"kms_master_key_id": "alias/aws/sns"})])
	t.paths(findings) == {["kms_master_key_id"]}
}

test_looked_up_key_of_the_service if {
	key := object.union(t.item("data", "aws_kms_key", "sm", {"key_id": "alias/aws/secretsmanager"}), {"address": "data.aws_kms_key.sm"})
	findings := rule.finding with input as t.doc([key, t.res_refs("aws_secretsmanager_secret", {"kms_key_id": "${data.aws_kms_key.sm.arn}"}, ["data.aws_kms_key.sm"])])
	t.paths(findings) == {["kms_key_id"]}
}

test_files_with_and_without_encryption if {
	findings := rule.finding with input as t.doc([t.res("aws_efs_file_system", {"encrypted": true}), t.res("aws_redshift_cluster", {"encrypted": false})])
	t.paths(findings) == {["kms_key_id"]}
}

test_tables_that_do_not_use_the_key if {
	off := t.res("aws_dynamodb_table", {"server_side_encryption": [{"enabled": false, "kms_key_arn": "${aws_kms_key.a.arn}"}]})
	alias := t.res("aws_dynamodb_table", {"server_side_encryption": [{"enabled": true, "kms_key_arn": "alias/aws/dynamodb"}]})
	findings := rule.finding with input as t.doc([off, alias])
	t.paths(findings) == {["server_side_encryption", 0, "enabled"], ["server_side_encryption", 0, "kms_key_arn"]}
}

test_encrypted_without_a_key_of_one_s_own if {
	findings := rule.finding with input as t.doc([
		t.res("aws_ebs_volume", {"encrypted": true}),
		t.res("aws_rds_cluster", {"storage_encrypted": true}),
		t.res("aws_opensearch_domain", {"encrypt_at_rest": [{"enabled": true}]}),
		t.res("aws_rds_cluster_instance", {"performance_insights_enabled": true}),
		t.res("aws_codeartifact_domain", {"domain": "shop"}),
	])
	t.paths(findings) == {["kms_key_id"], ["encrypt_at_rest", 0, "kms_key_id"], ["performance_insights_kms_key_id"], ["encryption_key"]}
}

test_not_encrypted_or_copied if {
	findings := rule.finding with input as t.doc([
		t.res("aws_ebs_volume", {"size": 10}),
		t.res("aws_db_instance", {"storage_encrypted": true, "replicate_source_db": "${aws_db_instance.orders.arn}"}),
		t.res("aws_opensearch_domain", {"encrypt_at_rest": [{"enabled": false}]}),
		t.res("aws_rds_cluster_instance", {"performance_insights_enabled": false}),
		t.res("aws_mwaa_environment", {"kms_key": "${aws_kms_key.airflow.arn}"}),
	])
	findings == set()
}
