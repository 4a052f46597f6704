# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.aws_database_logs_test

import data.sealock.config.cloud_logging.aws_database_logs as rule
import data.sealock.lib.config_cloud_test as t

test_relational if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"engine": "postgres"}), t.res("aws_db_instance", {"replicate_source_db": "a"}), t.res("aws_rds_cluster", {"enabled_cloudwatch_logs_exports": ["audit"]})])
	count(findings) == 1
	t.paths(findings) == {["enabled_cloudwatch_logs_exports"]}
}

test_documents_and_graphs if {
	findings := rule.finding with input as t.doc([t.res("aws_docdb_cluster", {"enabled_cloudwatch_logs_exports": ["profiler"]}), t.res("aws_neptune_cluster", {})])
	t.paths(findings) == {["enabled_cloudwatch_logs_exports"], ["enable_cloudwatch_logs_exports"]}
}

test_warehouse if {
	findings := rule.finding with input as t.doc([t.res("aws_redshift_cluster", {"logging": [{"enable": false}]})])
	t.paths(findings) == {["logging", 0, "enable"]}
}

test_brokers if {
	findings := rule.finding with input as t.doc([t.res("aws_mq_broker", {"engine_type": "RabbitMQ", "logs": [{"general": true}]}), t.res("aws_mq_broker", {"engine_type": "ActiveMQ", "logs": [{"general": true}]}), t.res("aws_msk_cluster", {"logging_info": [{"broker_logs": [{"s3": [{"enabled": false}]}]}]})])
	t.paths(findings) == {["logs", 0, "audit"], ["logging_info", 0, "broker_logs", 0, "s3", 0, "enabled"]}
}

test_search if {
	findings := rule.finding with input as t.doc([t.res("aws_opensearch_domain", {}), t.res("aws_elasticsearch_domain", {"log_publishing_options": [{"log_type": "AUDIT_LOGS"}]})])
	count(findings) == 1
	t.paths(findings) == {["log_publishing_options"]}
}

test_kept if {
	findings := rule.finding with input as t.doc([
		t.res("aws_docdb_cluster", {"enabled_cloudwatch_logs_exports": ["audit"]}),
		t.res("aws_neptune_cluster", {"enable_cloudwatch_logs_exports": ["audit"]}),
		t.res("aws_msk_cluster", {"logging_info": [{"broker_logs": [{"s3": [{"enabled": true}]}]}]}),
		t.res("aws_mq_broker", {"logs": [{"general": true, "audit": true}]}),
		t.res("aws_redshift_cluster", {"logging": [{"enable": true}]}),
	])
	findings == set()
}
