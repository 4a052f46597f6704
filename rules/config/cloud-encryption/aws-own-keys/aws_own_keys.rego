# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "What is stored is encrypted with keys of one's own"
# description: "Data under the provider's default key opens to whoever may read it; a key of one's own has a policy, a log, and can be taken away."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-12 Cryptographic Key Establishment and Management
# - ref: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html
#   description: AWS KMS concepts, customer managed keys
# custom:
#   id: cloud-encryption.aws-own-keys
#   severity: low
#   remediation: Set the KMS key of an aws_kms_key with rotation.
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_own_keys

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Where the key is named: types, blocks, attribute.
keys := [
	[{"aws_dynamodb_table"}, ["server_side_encryption"], "kms_key_arn"],
	[{"aws_secretsmanager_secret", "aws_cloudtrail", "aws_cloudwatch_log_group"}, [], "kms_key_id"],
	[{"aws_ecr_repository"}, ["encryption_configuration"], "kms_key"],
	[{"aws_backup_vault", "aws_sagemaker_endpoint_configuration"}, [], "kms_key_arn"],
	[{"aws_docdb_cluster", "aws_redshift_cluster", "aws_efs_file_system", "aws_sagemaker_domain"}, [], "kms_key_id"],
	[{"aws_neptune_cluster"}, [], "kms_key_arn"],
	[{"aws_msk_cluster"}, ["encryption_info"], "encryption_at_rest_kms_key_arn"],
	[{"aws_mq_broker"}, ["encryption_options"], "kms_key_id"],
	[{"aws_sagemaker_notebook_instance"}, [], "kms_key_id"],
	[{"aws_codebuild_project"}, [], "encryption_key"],
	[{"aws_lambda_function"}, [], "kms_key_arn"],
	[{"aws_ebs_volume", "aws_ebs_snapshot_copy", "aws_ami_copy", "aws_rds_cluster", "aws_db_instance", "aws_elasticache_replication_group"}, [], "kms_key_id"],
	[{"aws_opensearch_domain", "aws_elasticsearch_domain"}, ["encrypt_at_rest"], "kms_key_id"],
	[{"aws_db_instance", "aws_rds_cluster_instance"}, [], "performance_insights_kms_key_id"],
	[{"aws_redshiftserverless_namespace", "aws_timestreamwrite_database", "aws_imagebuilder_component"}, [], "kms_key_id"],
	[{"aws_memorydb_cluster", "aws_memorydb_snapshot", "aws_dms_replication_instance", "aws_scheduler_schedule"}, [], "kms_key_arn"],
	[{"aws_mwaa_environment"}, [], "kms_key"],
	[{"aws_appflow_flow"}, [], "kms_arn"],
	[{"aws_codeartifact_domain"}, [], "encryption_key"],
	[{"aws_codepipeline"}, ["artifact_store", "encryption_key"], "id"],
	[{"aws_keyspaces_table"}, ["encryption_specification"], "kms_key_identifier"],
	[{"aws_networkfirewall_firewall"}, ["encryption_configuration"], "key_id"],
	[{"aws_bedrockagent_agent"}, [], "customer_encryption_key_arn"],
	[{"aws_kinesis_video_stream", "aws_fsx_lustre_file_system", "aws_fsx_windows_file_system", "aws_fsx_ontap_file_system", "aws_fsx_openzfs_file_system"}, [], "kms_key_id"],
]

finding contains f if {
	some k in keys
	some i in cloud.managed(k[0])
	some s in cloud.settings(i.values, k[1], k[2])
	s.value in {null, ""}
	matters(i, k[2])
	f := cloud.fault(i, s.path, "it is encrypted with a key of the provider", sprintf("no %s", [k[2]]), "a KMS key of one's own")
}

# The same in blocks; a switch that is off leaves the key unused.
finding contains f if {
	some k in keys
	count(k[1]) > 0
	some i in cloud.managed(k[0])
	some s in cloud.settings(i.values, k[1], k[2])
	alias := the_provider_s(i, s.value)
	f := cloud.fault(i, s.path, "it is encrypted with a key of the provider", alias, "a KMS key of one's own")
}

finding contains f if {
	some i in cloud.managed({"aws_dynamodb_table"})
	some p in cloud.at(i.values, ["server_side_encryption"])
	not cloud.unset(p.block, "kms_key_arn")
	cloud.put_off(p.block, "enabled")
	f := cloud.fault(i, config.child(p.path, ["enabled"]), "the key is not used", "enabled = false", "true")
}

# The key of a service, by its alias, written out or looked up.
finding contains f if {
	some i in cloud.managed(with_key)
	some key in ["kms_key_id", "kms_master_key_id", "kms_key_arn", "encryption_key"]
	alias := the_provider_s(i, object.get(i.values, key, null))
	f := cloud.fault(i, [key], "it is encrypted with a key of the provider", alias, "a KMS key of one's own")
}

with_key := {"aws_secretsmanager_secret", "aws_sns_topic", "aws_sqs_queue", "aws_codebuild_project", "aws_ebs_volume", "aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_efs_file_system", "aws_redshift_cluster", "aws_cloudtrail", "aws_kinesis_stream"}

the_provider_s(_, v) := v if contains(cloud.text(v), "alias/aws/")

the_provider_s(i, v) := alias if {
	is_string(v)
	some k in config.data_items({"aws_kms_key", "aws_kms_alias"})
	k.module == i.module
	k.address in i.refs
	contains(v, sprintf("{%s.", [k.address]))
	some name in ["key_id", "name"]
	alias := object.get(k.values, name, "")
	startswith(cloud.text(alias), "alias/aws/")
}

# A function without variables has nothing to encrypt, and what is not encrypted at all is reported as that.
matters(i, _) if not i.type in switched

switched := {
	"aws_lambda_function", "aws_docdb_cluster", "aws_redshift_cluster", "aws_efs_file_system", "aws_neptune_cluster", "aws_ebs_volume", "aws_ebs_snapshot_copy",
	"aws_ami_copy", "aws_rds_cluster", "aws_db_instance", "aws_rds_cluster_instance", "aws_elasticache_replication_group", "aws_opensearch_domain", "aws_elasticsearch_domain",
}

matters(i, key) if {
	key != "performance_insights_kms_key_id"
	some switch in ["encrypted", "storage_encrypted", "at_rest_encryption_enabled"]
	cloud.put_on(i.values, switch)
	not copied(i)
}

matters(i, "performance_insights_kms_key_id") if cloud.put_on(i.values, "performance_insights_enabled")

matters(i, _) if {
	some p in cloud.at(i.values, ["encrypt_at_rest"])
	cloud.put_on(p.block, "enabled")
}

# Replicas and members have the key of what they are made from.
copied(i) if {
	some key in ["replicate_source_db", "global_cluster_identifier", "replication_source_identifier", "global_replication_group_id", "snapshot_identifier", "snapshot_id"]
	not cloud.unset(i.values, key)
}

matters(i, _) if {
	some p in cloud.at(i.values, ["environment"])
	variables := object.get(p.block, "variables", null)
	is_object(variables)
	count(variables) > 0
}
