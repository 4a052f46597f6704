# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.seccomp_test

import data.sealock.config.workload.seccomp as rule
import data.sealock.lib.samples_test as samples

test_nothing_said if {
	samples.marks(rule.finding) == {"medium spec/template/spec/containers/0/securityContext/seccompProfile"} with input as samples.one({})
}

test_a_container_takes_the_pods_profile_away if {
	doc := samples.pod({
		"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
		"containers": [{"name": "web"}, {"name": "debug", "securityContext": {"seccompProfile": {"type": "Unconfined"}}}],
	})
	samples.marks(rule.finding) == {"high spec/containers/1/securityContext/seccompProfile/type"} with input as doc
}

test_unconfined_for_the_pod if {
	doc := samples.pod({"securityContext": {"seccompProfile": {"type": "Unconfined"}}, "containers": [{"name": "web"}]})
	samples.marks(rule.finding) == {"high spec/securityContext/seccompProfile/type"} with input as doc
}

test_the_annotation_does_nothing_any_more if {
	doc := samples.kube([samples.labelled(1, "Pod", "web", {"containers": [{"name": "web"}]}, {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "runtime/default"}})])
	samples.marks(rule.finding) == {"low spec/containers/0/securityContext/seccompProfile"} with input as doc
}

test_the_pods_profile_holds_for_its_containers if {
	rule.finding == set() with input as samples.pod({"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}, "containers": [{"name": "web"}], "initContainers": [{"name": "copy"}]})
}

test_profiles_of_containers if {
	rule.finding == set() with input as samples.context({"seccompProfile": {"type": "Localhost", "localhostProfile": "profiles/web.json"}})
}

test_windows_has_no_seccomp if {
	rule.finding == set() with input as samples.deployment({"os": {"name": "windows"}, "containers": [{"name": "web"}]})
}
