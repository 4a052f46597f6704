# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "What is stored is encrypted with keys of one's own"
# description: "Google encrypts everything with its own keys; a key of one's own has a policy, a log, and can be taken away."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 4.7, 7.2 and 7.3 (customer-managed keys for disks and BigQuery)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-12 Cryptographic Key Establishment and Management
# custom:
#   id: cloud-encryption.google-own-keys
#   severity: low
#   remediation: Set the key of a google_kms_crypto_key with a rotation period.
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.google_own_keys

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Where the key is named: types, blocks, attributes of which one is enough.
keys := [
	[{"google_storage_bucket"}, ["encryption"], ["default_kms_key_name"]],
	[{"google_compute_disk", "google_compute_region_disk"}, ["disk_encryption_key"], ["kms_key_self_link", "raw_key", "rsa_encrypted_key"]],
	[{"google_bigquery_dataset"}, ["default_encryption_configuration"], ["kms_key_name"]],
	[{"google_pubsub_topic"}, [], ["kms_key_name"]],
	[{"google_sql_database_instance"}, [], ["encryption_key_name"]],
	[{"google_artifact_registry_repository"}, [], ["kms_key_name"]],
	[{"google_spanner_database"}, ["encryption_config"], ["kms_key_name", "kms_key_names"]],
	[{"google_redis_instance"}, [], ["customer_managed_key"]],
	[{"google_dataproc_cluster"}, ["cluster_config", "encryption_config"], ["kms_key_name"]],
	[{"google_dataflow_job"}, [], ["kms_key_name"]],
	[{"google_vertex_ai_dataset"}, ["encryption_spec"], ["kms_key_name"]],
	[{"google_alloydb_cluster"}, ["encryption_config"], ["kms_key_name"]],
	[{"google_filestore_instance"}, [], ["kms_key_name"]],
	[{"google_bigtable_instance"}, ["cluster"], ["kms_key_name"]],
	[{"google_vertex_ai_featurestore", "google_vertex_ai_metadata_store", "google_vertex_ai_tensorboard"}, ["encryption_spec"], ["kms_key_name"]],
	[{"google_data_fusion_instance"}, ["crypto_key_config"], ["key_reference"]],
	[{"google_composer_environment"}, ["config", "encryption_config"], ["kms_key_name"]],
	[{"google_document_ai_processor"}, [], ["kms_key_name"]],
	[{"google_logging_project_bucket_config"}, ["cmek_settings"], ["kms_key_name"]],
]

finding contains f if {
	some k in keys
	some i in cloud.managed(k[0])
	every key in k[2] {
		missing(i, k[1], key)
	}
	f := cloud.fault(i, config.child(k[1], [k[2][0]]), "it is encrypted with a key of the provider", sprintf("no %s", [k[2][0]]), "a KMS key of one's own")
}

finding contains f if {
	some i in cloud.managed({"google_compute_instance"})
	some p in cloud.at(i.values, ["boot_disk"])
	every key in ["kms_key_self_link", "disk_encryption_key_raw", "source"] {
		cloud.unset(p.block, key)
	}
	f := cloud.fault(i, config.child(p.path, ["kms_key_self_link"]), "the disk is encrypted with a key of the provider", "no kms_key_self_link", "a KMS key of one's own")
}

missing(i, names, key) if {
	places := cloud.at(i.values, names)
	count(places) > 0
	every p in places {
		cloud.unset(p.block, key)
	}
}

missing(i, names, _) if {
	count(names) > 0
	cloud.no_blocks(i, names[0])
}
