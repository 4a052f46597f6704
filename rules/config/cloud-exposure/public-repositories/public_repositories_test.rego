# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.public_repositories_test

import data.sealock.config.cloud_exposure.public_repositories as rule
import data.sealock.lib.config_cloud_test as t

test_public if {
	findings := rule.finding with input as t.doc([t.res("github_repository", {"name": "shop", "visibility": "public"}), t.res("gitlab_project", {"visibility_level": "public"})])
	t.paths(findings) == {["visibility"], ["visibility_level"]}
}

test_not_said if {
	findings := rule.finding with input as t.doc([t.res("github_repository", {"name": "shop"}), t.res("github_repository", {"name": "shop", "private": false})])
	t.paths(findings) == {["visibility"], ["private"]}
}

test_alerts_off if {
	findings := rule.finding with input as t.doc([t.res("github_repository", {"visibility": "private", "vulnerability_alerts": false})])
	t.severities(findings) == {"low"}
}

test_private if {
	findings := rule.finding with input as t.doc([
		t.res("github_repository", {"visibility": "internal", "vulnerability_alerts": true}),
		t.res("github_repository", {"private": true}),
		t.res("github_repository", {"visibility": "${var.visibility}"}),
		t.res("gitlab_project", {"visibility_level": "private"}),
	])
	findings == set()
}

test_archived if {
	findings := rule.finding with input as t.doc([t.res("github_repository", {"visibility": "private", "archived": true, "vulnerability_alerts": false})])
	findings == set()
}

test_protection_of_branches if {
	findings := rule.finding with input as t.doc([
		t.res("github_branch_protection", {"pattern": "main", "require_signed_commits": false, "allows_force_pushes": true}),
		t.res("github_branch_protection", {"pattern": "main", "require_signed_commits": true}),
	])
	t.paths(findings) == {["require_signed_commits"], ["allows_force_pushes"]}
}
