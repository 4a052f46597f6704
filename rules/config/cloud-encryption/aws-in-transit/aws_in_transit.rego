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
