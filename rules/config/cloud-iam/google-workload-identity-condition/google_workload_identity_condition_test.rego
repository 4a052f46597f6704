# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.google_workload_identity_condition_test

import data.sealock.config.cloud_iam.google_workload_identity_condition as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("google_iam_workload_identity_pool_provider", {"oidc": [{"issuer_uri": "https://token.actions.githubusercontent.com"}]})])
	t.paths(findings) == {["attribute_condition"]}
}

test_null_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("google_iam_workload_identity_pool_provider", {"attribute_condition": null, "oidc": [{"issuer_uri": "https://token.actions.githubusercontent.com"}], "aws": []})])
	t.paths(findings) == {["attribute_condition"]}
}

test_whole_pool if {
	findings := rule.finding with input as t.doc([t.res("google_service_account_iam_member", {"role": "roles/iam.workloadIdentityUser", "member": "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/*"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["role"]}
}

test_condition if {
	findings := rule.finding with input as t.doc([t.res("google_iam_workload_identity_pool_provider", {"attribute_condition": "assertion.repository == \"shop/payments\"", "oidc": [{"issuer_uri": "https://token.actions.githubusercontent.com"}]})])
	findings == set()
}

test_one_repository if {
	findings := rule.finding with input as t.doc([t.res("google_service_account_iam_member", {"role": "roles/iam.workloadIdentityUser", "member": "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/attribute.repository/shop/payments"})])
	findings == set()
}
