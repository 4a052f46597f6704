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
