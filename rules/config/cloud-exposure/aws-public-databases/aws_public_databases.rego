# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Databases and brokers have no public address
# description: A database with an address on the internet stands one stolen password or one flaw away from everybody.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 2.3.3 (no public access to RDS)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.aws-public-databases
#   severity: critical
#   remediation: Set publicly_accessible = false and put it in private subnets.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_public_databases

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

types := {
	"aws_db_instance", "aws_rds_cluster_instance", "aws_redshift_cluster", "aws_dms_replication_instance", "aws_mq_broker",
	"aws_neptune_cluster_instance", "aws_redshiftserverless_workgroup", "aws_lightsail_database", "aws_docdb_cluster_instance",
}

# Where nothing is said, Redshift's cluster was public in older providers, and nothing else is.
finding contains f if {
	some i in cloud.managed(types)
	cloud.put_on(i.values, "publicly_accessible")
	f := cloud.fault(i, ["publicly_accessible"], "it has a public address", "publicly_accessible = true", "publicly_accessible = false")
}

finding contains f if {
	some i in cloud.managed({"aws_msk_cluster"})
	some p in cloud.at(i.values, ["broker_node_group_info", "connectivity_info", "public_access"])
	object.get(p.block, "type", "DISABLED") != "DISABLED"
	f := cloud.fault(i, config.child(p.path, ["type"]), "the brokers have public addresses", sprintf("type = %v", [p.block.type]), "DISABLED")
}

# Pages from which whoever signs in runs what they like.
finding contains f if {
	some i in cloud.managed({"aws_mwaa_environment"})
	object.get(i.values, "webserver_access_mode", "") == "PUBLIC_ONLY"
	f := cloud.rated(cloud.fault(i, ["webserver_access_mode"], "Airflow's pages are on the internet", "webserver_access_mode = PUBLIC_ONLY", "PRIVATE_ONLY"), "medium")
}
