# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_in_transit_test

import data.sealock.config.cloud_encryption.aws_in_transit as rule
import data.sealock.lib.config_cloud_test as t

test_cache if {
	findings := rule.finding with input as t.doc([t.res("aws_elasticache_replication_group", {"at_rest_encryption_enabled": true})])
	t.paths(findings) == {["transit_encryption_enabled"]}
}

test_search if {
	findings := rule.finding with input as t.doc([t.res("aws_opensearch_domain", {"domain_endpoint_options": [{"enforce_https": false, "tls_security_policy": "Policy-Min-TLS-1-0-2019-07"}]})])
	t.paths(findings) == {["node_to_node_encryption", "enabled"], ["domain_endpoint_options", 0, "enforce_https"], ["domain_endpoint_options", 0, "tls_security_policy"]}
}

test_kafka if {
	findings := rule.finding with input as t.doc([t.res("aws_msk_cluster", {"encryption_info": [{"encryption_in_transit": [{"client_broker": "TLS_PLAINTEXT", "in_cluster": true}]}]})])
	t.paths(findings) == {["encryption_info", 0, "encryption_in_transit", 0, "client_broker"]}
}

test_database if {
	findings := rule.finding with input as t.doc([t.res("aws_db_parameter_group", {"parameter": [{"name": "log_connections", "value": "1"}, {"name": "rds.force_ssl", "value": 0}, {"name": "ssl_min_protocol_version", "value": "TLSv1"}]})])
	t.paths(findings) == {["parameter", 1, "value"], ["parameter", 2, "value"]}
}

test_mounted if {
	findings := rule.finding with input as t.doc([t.res("aws_ecs_task_definition", {"volume": [{"efs_volume_configuration": [{"file_system_id": "a"}]}]})])
	t.paths(findings) == {["volume", 0, "efs_volume_configuration", 0, "transit_encryption"]}
}

test_tls if {
	findings := rule.finding with input as t.doc([t.res("aws_elasticache_replication_group", {"transit_encryption_enabled": true}), t.res("aws_msk_cluster", {}), t.res("aws_db_parameter_group", {"parameter": [{"name": "rds.force_ssl", "value": "1"}]}), t.res("aws_opensearch_domain", {"node_to_node_encryption": [{"enabled": true}], "domain_endpoint_options": [{"enforce_https": true, "tls_security_policy": "Policy-Min-TLS-1-2-PFS-2023-10"}]})])
	findings == set()
}

test_expired_authority if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"ca_cert_identifier": "rds-ca-2015"}), t.res("aws_db_instance", {"ca_cert_identifier": "rds-ca-rsa2048-g1"})])
	t.paths(findings) == {["ca_cert_identifier"]}
}

test_sessions if {
	with_key := t.res("aws_ssm_document", {"document_type": "Session", "content": "{\"inputs\": {\"kmsKeyId\": \"${aws_kms_key.a.arn}\"}}"})
	without := t.res("aws_ssm_document", {"document_type": "Session", "content": "{\"schemaVersion\": \"1.0\", \"inputs\": {}}"})
	command := t.res("aws_ssm_document", {"document_type": "Command", "content": "{\"schemaVersion\": \"2.2\"}"})
	findings := rule.finding with input as t.doc([with_key, command])
	findings == set()
	others := rule.finding with input as t.doc([without])
	t.paths(others) == {["content"]}
}

test_stage_without_certificate if {
	findings := rule.finding with input as t.doc([t.res("aws_api_gateway_stage", {"stage_name": "live"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["client_certificate_id"]}
}

test_plain_ftp if {
	findings := rule.finding with input as t.doc([t.res("aws_transfer_server", {"protocols": ["SFTP", "FTP"], "security_policy_name": "TransferSecurityPolicy-2024-01"}), t.res("aws_transfer_server", {"security_policy_name": "TransferSecurityPolicy-2024-01"})])
	t.paths(findings) == {["protocols"]}
}

test_search_and_connectors if {
	findings := rule.finding with input as t.doc([
		t.res("aws_cloudsearch_domain", {"name": "catalog"}),
		t.res("aws_mskconnect_connector", {"kafka_cluster_encryption_in_transit": [{"encryption_type": "PLAINTEXT"}]}),
		t.res("aws_datasync_location_object_storage", {"server_protocol": "HTTP"}),
	])
	t.paths(findings) == {["endpoint_options", "enforce_https"], ["kafka_cluster_encryption_in_transit", 0, "encryption_type"], ["server_protocol"]}
}

test_parts_of_the_way if {
	findings := rule.finding with input as t.doc([
		t.res("aws_appsync_api_cache", {"type": "SMALL"}),
		t.res("aws_ses_configuration_set", {"name": "mail"}),
		t.res("aws_lb_target_group", {"protocol": "HTTP", "port": 8080}),
		t.res("aws_elasticache_cluster", {"engine": "memcached"}),
		t.res("aws_dms_endpoint", {"engine_name": "postgres"}),
	])
	t.paths(findings) == {["transit_encryption_enabled"], ["delivery_options", "tls_policy"], ["protocol"], ["ssl_mode"]}
	t.severities(findings) == {"medium", "low"}
}

test_passed_on_by_http if {
	findings := rule.finding with input as t.doc([
		t.res("aws_apigatewayv2_integration", {"integration_uri": "http://orders.example.com/{proxy}"}),
		t.res("aws_api_gateway_integration", {"uri": "http://orders.internal/", "connection_type": "VPC_LINK"}),
		t.res("aws_sns_topic_subscription", {"protocol": "https", "endpoint": "https://hooks.example.com/x"}),
	])
	t.paths(findings) == {["integration_uri"], ["uri"]}
}

test_whole_way if {
	findings := rule.finding with input as t.doc([
		t.res("aws_cloudsearch_domain", {"endpoint_options": [{"enforce_https": true, "tls_security_policy": "Policy-Min-TLS-1-2-2019-07"}]}),
		t.res("aws_mskconnect_connector", {"kafka_cluster_encryption_in_transit": [{"encryption_type": "TLS"}]}),
		t.res("aws_sesv2_configuration_set", {"delivery_options": [{"tls_policy": "REQUIRE"}]}),
		t.res("aws_lb_target_group", {"protocol": "HTTPS"}),
		t.res("aws_lb_target_group", {"target_type": "lambda"}),
		t.res("aws_elasticache_cluster", {"replication_group_id": "${aws_elasticache_replication_group.a.id}"}),
		t.res("aws_dms_endpoint", {"engine_name": "s3"}),
	])
	findings == set()
}

test_transfer if {
	findings := rule.finding with input as t.doc([
		t.res("aws_transfer_server", {"protocols": ["SFTP"], "security_policy_name": "TransferSecurityPolicy-2018-11"}),
		t.res("aws_transfer_server", {"protocols": ["SFTP"], "security_policy_name": "TransferSecurityPolicy-2024-01"}),
	])
	t.paths(findings) == {["security_policy_name"]}
}
