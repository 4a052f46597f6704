# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.google_members_test

import data.sealock.config.cloud_iam.google_members as rule
import data.sealock.lib.config_cloud_test as t

test_private_account if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_binding", {"role": "roles/viewer", "members": ["group:shop@example.com", "user:bob.shop@gmail.com"]})])
	t.paths(findings) == {["members", 1]}
	not "low" in t.severities(findings)
}

test_single_person if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_member", {"role": "roles/run.developer", "member": "user:alice@example.com"})])
	t.paths(findings) == {["role"]}
	t.severities(findings) == {"low"}
}

test_both_duties if {
	policy := object.union(t.item("data", "google_iam_policy", "this", {"binding": [
		{"role": "roles/cloudkms.admin", "members": ["group:keys@example.com"]},
		{"role": "roles/cloudkms.cryptoKeyDecrypter", "members": ["group:keys@example.com"]},
	]}), {"address": "data.google_iam_policy.this"})
	findings := rule.finding with input as t.doc([policy])
	t.paths(findings) == {["binding", 1, "role"]}
}

test_duties_apart if {
	findings := rule.finding with input as t.doc([
		t.res("google_project_iam_member", {"role": "roles/cloudkms.admin", "member": "group:keys@example.com"}),
		t.res("google_project_iam_member", {"role": "roles/cloudkms.cryptoKeyDecrypter", "member": "serviceAccount:app@shop.iam.gserviceaccount.com"}),
	])
	findings == set()
}
