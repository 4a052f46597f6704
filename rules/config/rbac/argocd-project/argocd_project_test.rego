# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.argocd_project_test

import data.sealock.config.rbac.argocd_project as rule
import data.sealock.lib.samples_test as samples

project(spec) := samples.kube([samples.namespaced(1, "argoproj.io/v1alpha1", "AppProject", "team", {"spec": spec})])

everything := [{"group": "*", "kind": "*"}]

test_everything if {
	samples.marks(rule.finding) == {"spec/destinations/0/namespace"} with input as project({"destinations": [{"namespace": "*", "server": "*"}], "clusterResourceWhitelist": everything})
}

test_any_repository if {
	samples.marks(rule.finding) == {"low spec/sourceRepos/1"} with input as project({"sourceRepos": ["https://git.example.com/a.git", "*"]})
}

test_limits_are_fine if {
	rule.finding == set() with input as project({
		"sourceRepos": ["https://git.example.com/shop/*"], "destinations": [{"namespace": "shop-*", "server": "https://kubernetes.default.svc"}],
		"clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
	})
	rule.finding == set() with input as project({"destinations": [{"namespace": "*", "server": "*"}]})
	rule.finding == set() with input as project({"sourceRepos": ["*", "!https://git.example.com/old.git"]})
	rule.finding == set() with input as project({"sourceRepos": "*"})
}

test_signed_commits_are_fine if {
	rule.finding == set() with input as project({"sourceRepos": ["*"], "signatureKeys": [{"keyID": "4AEE18F83AFDEB23"}]})
}
