# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.google_custom_roles_test

import data.sealock.config.cloud_iam.google_custom_roles as rule
import data.sealock.lib.config_cloud_test as t

test_acts_as_accounts if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_custom_role", {"role_id": "deployer", "permissions": ["run.services.update", "iam.serviceAccounts.actAs"]})])
	t.paths(findings) == {["permissions", 1]}
}

test_makes_keys if {
	findings := rule.finding with input as t.doc([t.res("google_organization_iam_custom_role", {"permissions": ["iam.serviceAccountKeys.create", "resourcemanager.projects.setIamPolicy"]})])
	count(findings) == 2
}

test_policy_of_one_service if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_custom_role", {"permissions": ["pubsub.topics.setIamPolicy"]})])
	t.severities(findings) == {"medium"}
}

test_narrow if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_custom_role", {"permissions": ["run.services.get", "run.services.update", "${var.more}"]})])
	findings == set()
}
