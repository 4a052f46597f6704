# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.google_primitive_roles_test

import data.sealock.config.cloud_iam.google_primitive_roles as rule
import data.sealock.lib.config_cloud_test as t

test_member if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_member", {"project": "shop", "role": "roles/editor", "member": "serviceAccount:ci@shop.iam.gserviceaccount.com"})])
	t.paths(findings) == {["role"]}
}

test_binding if {
	findings := rule.finding with input as t.doc([t.res("google_folder_iam_binding", {"role": "roles/owner", "members": ["user:alice@example.com"]})])
	t.paths(findings) == {["role"]}
}

test_document if {
	findings := rule.finding with input as t.doc([t.item("data", "google_iam_policy", "this", {"binding": [{"role": "roles/viewer", "members": []}, {"role": "roles/owner", "members": ["user:alice@example.com"]}]})])
	t.paths(findings) == {["binding", 1, "role"]}
}

test_predefined if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_member", {"role": "roles/logging.logWriter", "member": "serviceAccount:a@shop.iam.gserviceaccount.com"})])
	findings == set()
}

test_no_role if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_member", {"member": "user:alice@example.com"})])
	findings == set()
}

test_changing_rights if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_member", {"role": "roles/iam.serviceAccountAdmin", "member": "group:platform@example.com"})])
	t.paths(findings) == {["role"]}
	count(findings) == 1
}

test_workload_that_administers if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_binding", {"role": "roles/container.admin", "members": ["serviceAccount:ci@shop.iam.gserviceaccount.com"]})])
	t.severities(findings) == {"medium"}
}

test_administrators if {
	people := t.res("google_project_iam_member", {"role": "roles/storage.admin", "member": "group:storage@example.com"})
	bucket := t.res("google_storage_bucket_iam_member", {"role": "roles/storage.objectAdmin", "member": "serviceAccount:app@shop.iam.gserviceaccount.com"})
	agent := t.res("google_project_iam_member", {"role": "roles/compute.instanceAdmin", "member": "serviceAccount:service-1@gcp-sa-gkehub.iam.gserviceaccount.com"})
	findings := rule.finding with input as t.doc([people, bucket, agent])
	findings == set()
}
