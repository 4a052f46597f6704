# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Databases and brokers send their logs away"
# description: "The log of a database tells which account signed in and what it changed; on the machine alone it goes with the machine."
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html
#   description: "AWS Security Hub, RDS.9 and RDS.34; DocumentDB.4, Neptune.2, Redshift.4, ES.5 and MQ.2"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, AU-12 Audit Record Generation"
# custom:
#   id: cloud-logging.aws-database-logs
#   severity: low
#   remediation: "Set enabled_cloudwatch_logs_exports with the audit log (logs of a broker, logging of Redshift, log_publishing_options of OpenSearch)."
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.aws_database_logs

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

exports := "enabled_cloudwatch_logs_exports"

finding contains f if {
	some i in cloud.managed({"aws_db_instance", "aws_rds_cluster"})
	cloud.unset(i.values, exports)
	cloud.get(i.values, "engine_mode", "") != "serverless"
	not replica(i)
	f := cloud.fault(i, [exports], "the database exports no logs", sprintf("no %s", [exports]), "the engine's logs, such as audit or postgresql")
}

replica(i) if not cloud.unset(i.values, "replicate_source_db")

# The logs that these engines can export.
wanted := {"aws_docdb_cluster": {"audit"}, "aws_neptune_cluster": {"audit"}}

finding contains f if {
	some type, logs in wanted
	some i in cloud.managed({type})
	key := log_key(i)
	given := cloud.list(object.get(i.values, key, null))
	every g in given {
		config.known(g)
	}
	missing := logs - {g | some g in given}
	count(missing) > 0
	f := cloud.fault(i, [key], sprintf("the database does not export its logs: %s", [concat(", ", sort([m | some m in missing]))]), cloud.shown(given), json.marshal(sort([l | some l in logs])))
}

log_key(i) := "enable_cloudwatch_logs_exports" if {
	i.type == "aws_neptune_cluster"
} else := exports

finding contains f if {
	some i in cloud.managed({"aws_redshift_cluster"})
	count(cloud.companions(i, {"aws_redshift_logging"}, "cluster_identifier")) == 0
	some s in cloud.settings(i.values, ["logging"], "enable")
	cloud.off_value(s.value)
	f := cloud.fault(i, s.path, "the warehouse keeps no log of connections", "no logging that is on", "an aws_redshift_logging")
}

finding contains f if {
	some i in cloud.managed({"aws_mq_broker"})
	some key in ["general", "audit"]
	able(i, key)
	some s in cloud.settings(i.values, ["logs"], key)
	cloud.off_value(s.value)
	f := cloud.fault(i, s.path, sprintf("the broker keeps no %s log", [key]), sprintf("%s is not true", [key]), "true")
}

# RabbitMQ has no audit log.
able(_, "general")

able(i, "audit") if lower(cloud.text(object.get(i.values, "engine_type", ""))) != "rabbitmq"

finding contains f if {
	some i in cloud.managed({"aws_msk_cluster"})
	places := [p | some kind in ["cloudwatch_logs", "firehose", "s3"]; some p in cloud.at(i.values, ["logging_info", "broker_logs", kind])]
	every p in places {
		cloud.off(p.block, "enabled")
	}
	path := [p.path | some p in places]
	f := cloud.fault(i, array.concat(array.concat([], first(path)), ["enabled"]), "the brokers' logs are not kept", "no log in logging_info that is on", "cloudwatch_logs, firehose or s3 with enabled = true")
}

first(paths) := paths[0] if {
	count(paths) > 0
} else := ["logging_info"]

finding contains f if {
	some i in cloud.managed({"aws_opensearch_domain", "aws_elasticsearch_domain"})
	places := cloud.at(i.values, ["log_publishing_options"])
	every p in places {
		cloud.put_off(p.block, "enabled")
	}
	path := [array.concat(p.path, ["enabled"]) | some p in places]
	f := cloud.fault(i, first_log(path), "the domain publishes no logs", "no log_publishing_options that are on", "AUDIT_LOGS and ES_APPLICATION_LOGS")
}

first_log(paths) := paths[0] if {
	count(paths) > 0
} else := ["log_publishing_options"]
