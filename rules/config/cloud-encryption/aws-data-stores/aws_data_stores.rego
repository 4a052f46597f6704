# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Databases and other stores of data are encrypted at rest
# description: "An unencrypted database leaves its backups and snapshots readable for whoever gets hold of them, and can't be encrypted later without a copy."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 2.3.1 (encryption at rest of RDS)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-28(1) Cryptographic Protection of information at rest
# custom:
#   id: cloud-encryption.aws-data-stores
#   severity: high
#   remediation: Set storage_encrypted (encrypted) = true and kms_key_id.
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_data_stores

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Where the switch is: type, blocks, attribute.
switches := [
	[{"aws_db_instance", "aws_rds_cluster", "aws_rds_global_cluster", "aws_neptune_cluster", "aws_docdb_cluster", "aws_docdb_global_cluster"}, [], "storage_encrypted"],
	[{"aws_redshift_cluster"}, [], "encrypted"],
	[{"aws_dax_cluster"}, ["server_side_encryption"], "enabled"],
	[{"aws_elasticache_replication_group"}, [], "at_rest_encryption_enabled"],
	[{"aws_opensearch_domain", "aws_elasticsearch_domain"}, ["encrypt_at_rest"], "enabled"],
]

# What Athena and CodeBuild write is stored in S3, which encrypts with keys of its own at least.
finding contains f if {
	some w in [[{"aws_athena_workgroup"}, ["configuration", "result_configuration", "encryption_configuration"]], [{"aws_athena_database"}, ["encryption_configuration"]]]
	some i in cloud.managed(w[0])
	some s in cloud.settings(i.values, w[1], "encryption_option")
	cloud.off_value(s.value)
	f := cloud.rated(cloud.fault(i, s.path, "results are not encrypted with a key of one's own", "encryption_option is not set", "SSE_KMS"), "medium")
}

finding contains f if {
	some i in cloud.managed({"aws_athena_workgroup"})
	some p in cloud.at(i.values, ["configuration"])
	cloud.put_off(p.block, "enforce_workgroup_configuration")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["enforce_workgroup_configuration"]), "clients may choose not to encrypt results", "enforce_workgroup_configuration = false", "true"), "medium")
}

finding contains f if {
	some i in cloud.managed({"aws_codebuild_project"})
	some name in ["artifacts", "secondary_artifacts"]
	some p in cloud.at(i.values, [name])
	cloud.put_on(p.block, "encryption_disabled")
	f := cloud.fault(i, config.child(p.path, ["encryption_disabled"]), "what is built is stored unencrypted", "encryption_disabled = true", "false")
}

finding contains f if {
	some w in switches
	some i in cloud.managed(w[0])
	some s in cloud.settings(i.values, w[1], w[2])
	cloud.off_value(s.value)
	not inherited(i)
	f := cloud.fault(i, s.path, "it is not encrypted at rest", sprintf("%s is %s", [w[2], cloud.shown(s.value)]), sprintf("%s = true", [w[2]]))
}

# Copies and members have the encryption of what they are made from.
inherited(i) if {
	some key in ["replicate_source_db", "global_cluster_identifier", "source_db_cluster_identifier", "global_replication_group_id", "replication_source_identifier", "snapshot_identifier", "db_cluster_snapshot_identifier"]
	not object.get(i.values, key, null) in {null, ""}
	not names_itself(i, key)
	not explicitly_off(i)
}

names_itself(i, "global_cluster_identifier") if i.type in {"aws_rds_global_cluster", "aws_docdb_global_cluster"}

explicitly_off(i) if {
	some key in ["storage_encrypted", "at_rest_encryption_enabled"]
	cloud.put_off(i.values, key)
}

# Serverless clusters of the first generation are always encrypted.
inherited(i) if {
	i.type == "aws_rds_cluster"
	object.get(i.values, "engine_mode", "") == "serverless"
}

finding contains f if {
	some i in cloud.managed({"aws_api_gateway_method_settings"})
	some p in cloud.at(i.values, ["settings"])
	cloud.put_on(p.block, "caching_enabled")
	cloud.off(p.block, "cache_data_encrypted")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["cache_data_encrypted"]), "cached answers are stored unencrypted", "cache_data_encrypted is not true", "true"), "medium")
}

finding contains f if {
	some i in cloud.managed({"aws_appsync_api_cache"})
	cloud.off(i.values, "at_rest_encryption_enabled")
	f := cloud.rated(cloud.fault(i, ["at_rest_encryption_enabled"], "cached answers are stored unencrypted", "at_rest_encryption_enabled is not true", "true"), "medium")
}

# A parameter whose name says that it is a secret is one that everybody reads who may list parameters.
finding contains f if {
	some i in cloud.managed({"aws_ssm_parameter"})
	object.get(i.values, "type", "") in {"String", "StringList"}
	parts := split(cloud.text(object.get(i.values, "name", null)), "/")
	name := parts[count(parts) - 1]
	cloud.secret_name(name)
	not cloud.vague(name)
	f := cloud.rated(cloud.fault(i, ["type"], "the secret is stored unencrypted", sprintf("type = %s", [i.values.type]), "SecureString"), "medium")
}

# What Glue encrypts: types, blocks, attribute, and what is encryption.
glue := [
	["aws_glue_data_catalog_encryption_settings", ["data_catalog_encryption_settings", "encryption_at_rest"], "catalog_encryption_mode", "^SSE-KMS"],
	["aws_glue_data_catalog_encryption_settings", ["data_catalog_encryption_settings", "connection_password_encryption"], "return_connection_password_encrypted", "^true$"],
	["aws_glue_security_configuration", ["encryption_configuration", "cloudwatch_encryption"], "cloudwatch_encryption_mode", "^SSE-KMS$"],
	["aws_glue_security_configuration", ["encryption_configuration", "job_bookmarks_encryption"], "job_bookmarks_encryption_mode", "^CSE-KMS$"],
	["aws_glue_security_configuration", ["encryption_configuration", "s3_encryption"], "s3_encryption_mode", "^SSE-(KMS|S3)$"],
]

finding contains f if {
	some g in glue
	some i in cloud.managed({g[0]})
	some s in cloud.settings(i.values, g[1], g[2])
	config.known(s.value)
	not regex.match(g[3], sprintf("%v", [s.value]))
	f := cloud.fault(i, s.path, "Glue does not encrypt it", sprintf("%s is %s", [g[2], cloud.shown(s.value)]), "encryption with KMS")
}

# Encryption that was put on without a key.
keyless := [
	["aws_glue_data_catalog_encryption_settings", ["data_catalog_encryption_settings", "encryption_at_rest"], "catalog_encryption_mode", "sse_aws_kms_key_id"],
	["aws_glue_data_catalog_encryption_settings", ["data_catalog_encryption_settings", "connection_password_encryption"], "return_connection_password_encrypted", "aws_kms_key_id"],
	["aws_glue_security_configuration", ["encryption_configuration", "cloudwatch_encryption"], "cloudwatch_encryption_mode", "kms_key_arn"],
	["aws_glue_security_configuration", ["encryption_configuration", "job_bookmarks_encryption"], "job_bookmarks_encryption_mode", "kms_key_arn"],
]

finding contains f if {
	some g in keyless
	some i in cloud.managed({g[0]})
	some p in cloud.at(i.values, g[1])
	object.get(p.block, g[2], null) in {true, "true", "SSE-KMS", "SSE-KMS-WITH-SERVICE-ROLE", "CSE-KMS"}
	cloud.unset(p.block, g[3])
	f := cloud.rated(cloud.fault(i, config.child(p.path, [g[3]]), "it is encrypted with a key of the provider", sprintf("no %s", [g[3]]), "a KMS key of one's own"), "low")
}

# EMR takes its encryption as JSON.
finding contains f if {
	some i in cloud.managed({"aws_emr_security_configuration"})
	text := object.get(i.values, "configuration", null)
	json.is_valid(text)
	configured := object.get(json.unmarshal(text), ["EncryptionConfiguration"], {})
	some switch in ["EnableAtRestEncryption", "EnableInTransitEncryption"]
	cloud.off(configured, switch)
	f := cloud.fault(i, ["configuration"], sprintf("the cluster's data is not encrypted: %s", [switch]), sprintf("%s is not true", [switch]), "true")
}
