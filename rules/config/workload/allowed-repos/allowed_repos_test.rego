# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.allowed_repos_test

import data.sealock.config.workload.allowed_repos as rule
import data.sealock.lib.samples_test as samples

repos(list) := samples.kube([samples.global(1, "constraints.gatekeeper.sh/v1beta1", "K8sAllowedRepos", "registries", {"spec": {"parameters": {"repos": list}}})])

test_a_host if {
	samples.marks(rule.finding) == {"spec/parameters/repos/1"} with input as repos(["registry.example.com/", "mirror.example.com"])
	samples.marks(rule.finding) == {"spec/parameters/repos/0"} with input as repos(["mirror.example.com:5000"])
}

test_a_repository if {
	samples.marks(rule.finding) == {"spec/parameters/repos/0"} with input as repos(["registry.example.com/acme/web"])
	samples.marks(rule.finding) == {"spec/parameters/repos/0"} with input as repos([""])
}

test_closed_names if {
	rule.finding == set() with input as repos(["registry.example.com:5000/", "registry.example.com/acme/", "registry.example.com/acme/web:1.2", "registry.example.com/acme/web@sha256:"])
}

test_other_constraints if {
	rule.finding == set() with input as samples.kube([samples.global(1, "constraints.gatekeeper.sh/v1beta1", "K8sRequiredLabels", "x", {"spec": {"parameters": {"repos": ["a"]}}})])
	rule.finding == set() with input as repos(null)
}
