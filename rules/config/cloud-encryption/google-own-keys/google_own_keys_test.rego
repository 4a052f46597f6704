# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.google_own_keys_test

import data.sealock.config.cloud_encryption.google_own_keys as rule
import data.sealock.lib.config_cloud_test as t

test_bucket if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket", {"name": "shop"})])
	t.paths(findings) == {["encryption", "default_kms_key_name"]}
}

test_disk if {
	findings := rule.finding with input as t.doc([t.planned("google_compute_disk", {"disk_encryption_key": []})])
	t.paths(findings) == {["disk_encryption_key", "kms_key_self_link"]}
}

test_boot_disk if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"boot_disk": [{"initialize_params": []}]})])
	t.paths(findings) == {["boot_disk", 0, "kms_key_self_link"]}
}

test_own if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket", {"encryption": [{"default_kms_key_name": "${google_kms_crypto_key.a.id}"}]}), t.res("google_pubsub_topic", {"kms_key_name": "${google_kms_crypto_key.a.id}"}), t.res("google_compute_disk", {"disk_encryption_key": [{"kms_key_self_link": "a"}]})])
	findings == set()
}

test_tables_and_models if {
	findings := rule.finding with input as t.doc([
		t.res("google_bigtable_instance", {"cluster": [{"cluster_id": "a"}]}),
		t.res("google_vertex_ai_featurestore", {"name": "f"}),
		t.res("google_data_fusion_instance", {"crypto_key_config": [{"key_reference": "${google_kms_crypto_key.f.id}"}]}),
	])
	t.paths(findings) == {["cluster", "kms_key_name"], ["encryption_spec", "kms_key_name"]}
}
