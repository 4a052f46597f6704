# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.google_public_members_test

import data.sealock.config.cloud_iam.google_public_members as rule
import data.sealock.lib.config_cloud_test as t

test_bucket if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket_iam_member", {"bucket": "shop", "role": "roles/storage.objectViewer", "member": "allUsers"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["member"]}
}

test_binding if {
	findings := rule.finding with input as t.doc([t.res("google_pubsub_topic_iam_binding", {"role": "roles/pubsub.admin", "members": ["user:alice@example.com", "allAuthenticatedUsers"]})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["members", 1]}
}

test_key if {
	findings := rule.finding with input as t.doc([t.res("google_kms_crypto_key_iam_member", {"role": "roles/cloudkms.cryptoKeyDecrypter", "member": "allUsers"})])
	t.paths(findings) == {["member"]}
}

test_access_list if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket_acl", {"role_entity": ["OWNER:user-a@example.com", "READER:allUsers"]})])
	t.paths(findings) == {["role_entity", 1]}
}

test_dataset if {
	findings := rule.finding with input as t.doc([t.res("google_bigquery_dataset", {"access": [{"role": "READER", "special_group": "allAuthenticatedUsers"}]})])
	t.paths(findings) == {["access", 0, "special_group"]}
}

test_entry if {
	findings := rule.finding with input as t.doc([t.res("google_cloud_run_service_iam_member", {"role": "roles/run.invoker", "member": "allUsers"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["member"]}
}

test_named if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket_iam_binding", {"role": "roles/storage.objectViewer", "members": ["group:shop@example.com", "${var.reader}"]}), t.res("google_bigquery_dataset", {"access": [{"role": "OWNER", "special_group": "projectOwners"}]})])
	findings == set()
}

test_policy_as_json if {
	policy := t.res("google_kms_crypto_key_iam_policy", {"policy_data": `{"bindings":[{"role":"roles/cloudkms.cryptoKeyDecrypter","members":["user:alice@example.com","allUsers"]}]}`})
	findings := rule.finding with input as t.doc([policy])
	t.paths(findings) == {["policy_data", "bindings", 0, "members", 1]}
}

test_access_to_a_dataset if {
	findings := rule.finding with input as t.doc([t.res("google_bigquery_dataset_access", {"role": "READER", "special_group": "allAuthenticatedUsers"}), t.res("google_bigquery_dataset_access", {"iam_member": "allUsers"})])
	t.paths(findings) == {["special_group"], ["iam_member"]}
}

test_service_that_asks_nobody if {
	findings := rule.finding with input as t.doc([t.res("google_cloud_run_v2_service", {"invoker_iam_disabled": true}), t.res("google_cloud_run_v2_service", {"name": "shop"})])
	t.paths(findings) == {["invoker_iam_disabled"]}
}
