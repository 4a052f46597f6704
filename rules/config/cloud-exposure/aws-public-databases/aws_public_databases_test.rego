# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_public_databases_test

import data.sealock.config.cloud_exposure.aws_public_databases as rule
import data.sealock.lib.config_cloud_test as t

test_database if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"publicly_accessible": true})])
	t.paths(findings) == {["publicly_accessible"]}
}

test_as_text if {
	findings := rule.finding with input as t.doc([t.res("aws_redshift_cluster", {"publicly_accessible": "true"})])
	t.paths(findings) == {["publicly_accessible"]}
}

test_kafka if {
	findings := rule.finding with input as t.doc([t.res("aws_msk_cluster", {"broker_node_group_info": [{"connectivity_info": [{"public_access": [{"type": "SERVICE_PROVIDED_EIPS"}]}]}]})])
	t.paths(findings) == {["broker_node_group_info", 0, "connectivity_info", 0, "public_access", 0, "type"]}
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"publicly_accessible": false}), t.res("aws_db_instance", {}), t.res("aws_mq_broker", {"publicly_accessible": "${var.public}"})])
	findings == set()
}

test_airflow if {
	findings := rule.finding with input as t.doc([t.res("aws_mwaa_environment", {"webserver_access_mode": "PUBLIC_ONLY"}), t.res("aws_mwaa_environment", {"webserver_access_mode": "PRIVATE_ONLY"})])
	t.paths(findings) == {["webserver_access_mode"]}
}
