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

import data.sealock.lib.config_cloud as cloud

# Where the key is named: types, blocks, attribute.
keys := [
	[{"aws_dynamodb_table"}, ["server_side_encryption"], "kms_key_arn"],
	[{"aws_secretsmanager_secret", "aws_cloudtrail", "aws_cloudwatch_log_group"}, [], "kms_key_id"],
	[{"aws_ecr_repository"}, ["encryption_configuration"], "kms_key"],
	[{"aws_backup_vault"}, [], "kms_key_arn"],
	[{"aws_sagemaker_notebook_instance"}, [], "kms_key_id"],
	[{"aws_codebuild_project"}, [], "encryption_key"],
	[{"aws_lambda_function"}, [], "kms_key_arn"],
	[{"aws_kinesis_video_stream", "aws_fsx_lustre_file_system", "aws_fsx_windows_file_system", "aws_fsx_ontap_file_system", "aws_fsx_openzfs_file_system"}, [], "kms_key_id"],
]

finding contains f if {
	some k in keys
	some i in cloud.managed(k[0])
	some s in cloud.settings(i.values, k[1], k[2])
	s.value in {null, ""}
	matters(i)
	f := cloud.fault(i, s.path, "it is encrypted with a key of the provider", sprintf("no %s", [k[2]]), "a KMS key of one's own")
}

# A function without variables has nothing to encrypt.
matters(i) if i.type != "aws_lambda_function"

matters(i) if {
	some p in cloud.at(i.values, ["environment"])
	variables := object.get(p.block, "variables", null)
	is_object(variables)
	count(variables) > 0
}
