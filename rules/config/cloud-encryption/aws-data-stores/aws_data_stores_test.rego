# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_data_stores_test

import data.sealock.config.cloud_encryption.aws_data_stores as rule
import data.sealock.lib.config_cloud_test as t

test_database if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"engine": "postgres"})])
	t.paths(findings) == {["storage_encrypted"]}
}

test_cluster if {
	findings := rule.finding with input as t.doc([t.res("aws_rds_cluster", {"storage_encrypted": false})])
	t.paths(findings) == {["storage_encrypted"]}
}

test_warehouse if {
	findings := rule.finding with input as t.doc([t.res("aws_redshift_cluster", {"encrypted": "false"})])
	t.paths(findings) == {["encrypted"]}
}

test_search if {
	findings := rule.finding with input as t.doc([t.res("aws_opensearch_domain", {"encrypt_at_rest": [{"enabled": false}]})])
	t.paths(findings) == {["encrypt_at_rest", 0, "enabled"]}
}

test_search_without_block if {
	findings := rule.finding with input as t.doc([t.res("aws_elasticsearch_domain", {})])
	t.paths(findings) == {["encrypt_at_rest", "enabled"]}
}

test_null_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("aws_db_instance", {"storage_encrypted": null})])
	t.paths(findings) == {["storage_encrypted"]}
}

test_encrypted if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"storage_encrypted": true}), t.res("aws_elasticache_replication_group", {"at_rest_encryption_enabled": true}), t.res("aws_dax_cluster", {"server_side_encryption": [{"enabled": true}]})])
	findings == set()
}

test_results if {
	findings := rule.finding with input as t.doc([t.res("aws_athena_workgroup", {"configuration": [{"result_configuration": [{"output_location": "s3://a"}]}]}), t.res("aws_codebuild_project", {"artifacts": [{"type": "S3", "encryption_disabled": true}]})])
	t.paths(findings) == {["configuration", "result_configuration", "encryption_configuration", "encryption_option"], ["artifacts", 0, "encryption_disabled"]}
}

test_replica if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"replicate_source_db": "${aws_db_instance.a.id}"})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"storage_encrypted": "${var.encrypted}"})])
	findings == set()
}

test_cache_of_an_api if {
	findings := rule.finding with input as t.doc([t.res("aws_api_gateway_method_settings", {"settings": [{"caching_enabled": true}, {"caching_enabled": false}, {"caching_enabled": true, "cache_data_encrypted": true}]})])
	t.paths(findings) == {["settings", 0, "cache_data_encrypted"]}
}

test_catalog if {
	findings := rule.finding with input as t.doc([t.res("aws_glue_data_catalog_encryption_settings", {"data_catalog_encryption_settings": [{"encryption_at_rest": [{"catalog_encryption_mode": "DISABLED"}], "connection_password_encryption": [{"return_connection_password_encrypted": true}]}]})])
	t.paths(findings) == {
		["data_catalog_encryption_settings", 0, "encryption_at_rest", 0, "catalog_encryption_mode"],
		["data_catalog_encryption_settings", 0, "connection_password_encryption", 0, "aws_kms_key_id"],
	}
}

test_jobs if {
	findings := rule.finding with input as t.doc([t.res("aws_glue_security_configuration", {"encryption_configuration": [{"cloudwatch_encryption": [{"cloudwatch_encryption_mode": "SSE-KMS", "kms_key_arn": "k"}], "job_bookmarks_encryption": [{}], "s3_encryption": [{"s3_encryption_mode": "SSE-KMS"}]}]})])
	t.paths(findings) == {["encryption_configuration", 0, "job_bookmarks_encryption", 0, "job_bookmarks_encryption_mode"]}
}

test_clusters_of_emr if {
	findings := rule.finding with input as t.doc([t.res("aws_emr_security_configuration", {"configuration": "{\"EncryptionConfiguration\": {\"EnableAtRestEncryption\": true, \"EnableInTransitEncryption\": false}}"})])
	count(findings) == 1
	t.paths(findings) == {["configuration"]}
}

test_configuration_that_is_not_known if {
	findings := rule.finding with input as t.doc([t.res("aws_emr_security_configuration", {"configuration": "${var.emr}"})])
	findings == set()
}

test_workgroup_that_does_not_insist if {
	findings := rule.finding with input as t.doc([t.res("aws_athena_workgroup", {"configuration": [{"enforce_workgroup_configuration": false, "result_configuration": [{"encryption_configuration": [{"encryption_option": "SSE_KMS"}]}]}]})])
	t.paths(findings) == {["configuration", 0, "enforce_workgroup_configuration"]}
}

test_global_cluster_of_documents if {
	findings := rule.finding with input as t.doc([t.res("aws_docdb_global_cluster", {"global_cluster_identifier": "orders", "engine": "docdb"})])
	t.paths(findings) == {["storage_encrypted"]}
}

test_cache_of_an_api if {
	findings := rule.finding with input as t.doc([t.res("aws_appsync_api_cache", {"type": "SMALL"}), t.res("aws_appsync_api_cache", {"at_rest_encryption_enabled": true})])
	t.paths(findings) == {["at_rest_encryption_enabled"]}
	t.severities(findings) == {"medium"}
}

test_secret_in_a_plain_parameter if {
	findings := rule.finding with input as t.doc([
		t.res("aws_ssm_parameter", {"name": "/shop/orders/db_password", "type": "String"}),
		t.res("aws_ssm_parameter", {"name": "/shop/orders/db_password", "type": "SecureString"}),
		t.res("aws_ssm_parameter", {"name": "/shop/orders/db_host", "type": "String"}),
	])
	t.paths(findings) == {["type"]}
	count(findings) == 1
}
