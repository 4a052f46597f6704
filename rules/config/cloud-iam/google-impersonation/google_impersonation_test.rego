# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.google_impersonation_test

import data.sealock.config.cloud_iam.google_impersonation as rule
import data.sealock.lib.config_cloud_test as t

test_project if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_member", {"role": "roles/iam.serviceAccountTokenCreator", "member": "user:alice@example.com"})])
	t.paths(findings) == {["role"]}
}

test_folder if {
	findings := rule.finding with input as t.doc([t.res("google_folder_iam_binding", {"role": "roles/iam.serviceAccountUser", "members": ["user:alice@example.com"]})])
	t.paths(findings) == {["role"]}
}

test_one_account if {
	findings := rule.finding with input as t.doc([t.res("google_service_account_iam_member", {"role": "roles/iam.serviceAccountUser", "member": "user:alice@example.com"})])
	findings == set()
}

test_other_role if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_member", {"role": "roles/viewer", "member": "user:alice@example.com"})])
	findings == set()
}
