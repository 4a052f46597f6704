# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Caches, brokers, search domains and databases take encrypted connections only
# description: "Inside a network too, whoever gets on one machine can listen to what others send: passwords, tokens and data."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-8(1) Cryptographic Protection in transit
# - ref: https://csrc.nist.gov/pubs/sp/800/207/final
#   description: NIST SP 800-207, section 2.1 (all communication is secured regardless of network location)
# custom:
#   id: cloud-encryption.aws-in-transit
#   severity: high
#   remediation: "Switch on encryption in transit: transit_encryption_enabled, client_broker = \"TLS\", enforce_https, node_to_node_encryption, rds.force_ssl."
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_in_transit

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Switches that are off by default: types, blocks, attribute.
off := [
	[{"aws_elasticache_replication_group"}, [], "transit_encryption_enabled"],
	[{"aws_opensearch_domain", "aws_elasticsearch_domain"}, ["node_to_node_encryption"], "enabled"],
	[{"aws_opensearch_domain", "aws_elasticsearch_domain"}, ["domain_endpoint_options"], "enforce_https"],
	[{"aws_cloudsearch_domain"}, ["endpoint_options"], "enforce_https"],
]

finding contains f if {
	some w in off
	some i in cloud.managed(w[0])
	some s in cloud.settings(i.values, w[1], w[2])
	cloud.off_value(s.value)
	f := cloud.fault(i, s.path, sprintf("%s is not on", [switch_name(w)]), sprintf("%s is %s", [w[2], cloud.shown(s.value)]), sprintf("%s = true", [w[2]]))
}

switch_name(w) := w[1][0] if {
	w[2] == "enabled"
} else := w[2]

# A task's file system is mounted without encryption unless it is said.
finding contains f if {
	some i in cloud.managed({"aws_ecs_task_definition"})
	some p in cloud.at(i.values, ["volume", "efs_volume_configuration"])
	object.get(p.block, "transit_encryption", null) in {null, "", "DISABLED"}
	f := cloud.fault(i, config.child(p.path, ["transit_encryption"]), "the file system is mounted without encryption", sprintf("transit_encryption is %s", [cloud.shown(object.get(p.block, "transit_encryption", null))]), "ENABLED")
}

# Values that are wrong if they are said: types, blocks, attribute, wrong values.
said := [
	[{"aws_memorydb_cluster"}, [], "tls_enabled", {false, "false"}],
	[{"aws_dax_cluster"}, [], "cluster_endpoint_encryption_type", {"NONE"}],
	[{"aws_msk_cluster"}, ["encryption_info", "encryption_in_transit"], "client_broker", {"PLAINTEXT", "TLS_PLAINTEXT"}],
	[{"aws_msk_cluster"}, ["encryption_info", "encryption_in_transit"], "in_cluster", {false, "false"}],
	[{"aws_opensearch_domain", "aws_elasticsearch_domain"}, ["domain_endpoint_options"], "tls_security_policy", {"Policy-Min-TLS-1-0-2019-07"}],
	[{"aws_elasticache_replication_group"}, [], "transit_encryption_mode", {"preferred"}],
	[{"aws_dms_endpoint"}, [], "ssl_mode", {"none"}],
	[{"aws_db_proxy"}, [], "require_tls", {false, "false"}],
	[{"aws_cloudsearch_domain"}, ["endpoint_options"], "tls_security_policy", {"Policy-Min-TLS-1-0-2019-07"}],
	[{"aws_mskconnect_connector"}, ["kafka_cluster_encryption_in_transit"], "encryption_type", {null, "PLAINTEXT"}],
	[{"aws_datasync_location_object_storage"}, [], "server_protocol", {"HTTP"}],
]

finding contains f if {
	some w in said
	some i in cloud.managed(w[0])
	some s in cloud.settings(i.values, w[1], w[2])
	s.value in w[3]
	f := cloud.fault(i, s.path, "connections may be unencrypted or of an old version", sprintf("%s = %s", [w[2], cloud.shown(s.value)]), "TLS 1.2 or later only")
}

# Parameters of databases.
parameters := {"rds.force_ssl": {"0", "off", "false"}, "require_secure_transport": {"0", "off", "false"}, "require_ssl": {"0", "off", "false"}, "ssl_min_protocol_version": {"tlsv1", "tlsv1.1"}, "tls_version": {"tlsv1", "tlsv1.1"}, "tls": {"disabled"}, "neptune_enforce_ssl": {"0"}}

finding contains f if {
	some i in cloud.managed({"aws_db_parameter_group", "aws_rds_cluster_parameter_group", "aws_redshift_parameter_group", "aws_docdb_cluster_parameter_group", "aws_neptune_cluster_parameter_group"})
	some p in cloud.at(i.values, ["parameter"])
	wrong := parameters[p.block.name]
	lower(sprintf("%v", [object.get(p.block, "value", "")])) in wrong
	f := cloud.fault(i, config.child(p.path, ["value"]), "the database takes unencrypted connections, or old versions of TLS", sprintf("%s = %v", [p.block.name, p.block.value]), "encrypted connections of TLS 1.2 or later only")
}

# Certificates of RDS whose authority has expired.
finding contains f if {
	some i in cloud.managed({"aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance", "aws_docdb_cluster_instance"})
	some key in ["ca_cert_identifier", "ca_certificate_identifier"]
	v := object.get(i.values, key, null)
	v in {"rds-ca-2010", "rds-ca-2015", "rds-ca-2019"}
	f := cloud.rated(cloud.fault(i, [key], "the server's certificate is of an authority that has expired", v, "rds-ca-rsa2048-g1 or a later one"), "medium")
}

# Sessions are encrypted from end to end if a key is named in the session document.
finding contains f if {
	some i in cloud.managed({"aws_ssm_document"})
	i.values.document_type == "Session"
	text := object.get(i.values, "content", null)
	json.is_valid(text)
	key := object.get(json.unmarshal(text), ["inputs", "kmsKeyId"], "")
	key in {null, ""}
	f := cloud.rated(cloud.fault(i, ["content"], "sessions are not encrypted with a key of one's own", "inputs has no kmsKeyId", "kmsKeyId"), "medium")
}

# The API's requests to what is behind it carry no certificate.
finding contains f if {
	some i in cloud.managed({"aws_api_gateway_stage"})
	cloud.unset(i.values, "client_certificate_id")
	f := cloud.rated(cloud.fault(i, ["client_certificate_id"], "what is behind the API can't tell its requests from others", "no client_certificate_id", "an aws_api_gateway_client_certificate"), "low")
}

finding contains f if {
	some i in cloud.managed({"aws_transfer_server"})
	"FTP" in cloud.list(object.get(i.values, "protocols", null))
	f := cloud.fault(i, ["protocols"], "files and passwords are sent in clear text", "protocols has FTP", "SFTP, FTPS or AS2")
}

# Where it weighs less: types, blocks, attribute, wrong values, severity.
less := [
	[{"aws_appsync_api_cache"}, [], "transit_encryption_enabled", {null, false, "false"}, "medium"],
	[{"aws_ses_configuration_set", "aws_sesv2_configuration_set"}, ["delivery_options"], "tls_policy", {null, "Optional", "OPTIONAL"}, "low"],
	[{"aws_transfer_server"}, [], "security_policy_name", {null, "TransferSecurityPolicy-2018-11", "TransferSecurityPolicy-2020-06"}, "low"],
	[{"aws_lb_target_group", "aws_alb_target_group"}, [], "protocol", {"HTTP"}, "low"],
]

finding contains f if {
	some w in less
	some i in cloud.managed(w[0])
	some s in cloud.settings(i.values, w[1], w[2])
	s.value in w[3]
	f := cloud.rated(cloud.fault(i, s.path, "a part of the way may be unencrypted, or by old ciphers", sprintf("%s is %s", [w[2], cloud.shown(s.value)]), "TLS, or SSH, of today's versions on the whole way"), w[4])
}

# A single node takes no encrypted connections unless it is said.
finding contains f if {
	some i in cloud.managed({"aws_elasticache_cluster"})
	cloud.unset(i.values, "replication_group_id")
	cloud.off(i.values, "transit_encryption_enabled")
	f := cloud.rated(cloud.fault(i, ["transit_encryption_enabled"], "the cache takes unencrypted connections", sprintf("transit_encryption_enabled is %s", [cloud.shown(object.get(i.values, "transit_encryption_enabled", null))]), "true, or an aws_elasticache_replication_group with it"), "medium")
}

# Databases that are copied from or to, over connections of the default, which is none of TLS.
finding contains f if {
	some i in cloud.managed({"aws_dms_endpoint"})
	cloud.unset(i.values, "ssl_mode")
	cloud.text(object.get(i.values, "engine_name", null)) in {"mysql", "mariadb", "aurora", "aurora-postgresql", "postgres", "oracle", "sqlserver", "db2", "sybase", "mongodb", "docdb"}
	f := cloud.rated(cloud.fault(i, ["ssl_mode"], "connections may be unencrypted or of an old version", "ssl_mode is not set", "require or verify-full"), "medium")
}

# Addresses that requests are passed on to.
onward := [
	[{"aws_api_gateway_integration"}, "uri"],
	[{"aws_apigatewayv2_integration"}, "integration_uri"],
	[{"aws_sns_topic_subscription"}, "endpoint"],
	[{"aws_cloudwatch_event_api_destination"}, "invocation_endpoint"],
]

finding contains f if {
	some o in onward
	some i in cloud.managed(o[0])
	address := lower(cloud.text(object.get(i.values, o[1], null)))
	startswith(address, "http://")
	f := cloud.rated(cloud.fault(i, [o[1]], "requests are passed on by plain HTTP", sprintf("%s begins with http://", [o[1]]), "https://"), rate(i))
}

rate(i) := "low" if {
	object.get(i.values, "connection_type", null) == "VPC_LINK"
} else := "medium"
