# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.apparmor_test

import data.sealock.config.workload.apparmor as rule
import data.sealock.lib.samples_test as samples

test_unconfined_for_a_container if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/securityContext/appArmorProfile/type"} with input as samples.context({"appArmorProfile": {"type": "Unconfined"}})
}

test_unconfined_for_the_pod if {
	samples.marks(rule.finding) == {"spec/securityContext/appArmorProfile/type"} with input as samples.pod({"securityContext": {"appArmorProfile": {"type": "Unconfined"}}, "containers": [{"name": "web"}]})
}

test_the_annotation if {
	doc := samples.kube([samples.labelled(1, "Deployment", "web", {"containers": [{"name": "web"}]}, {"annotations": {"container.apparmor.security.beta.kubernetes.io/web": "unconfined"}})])
	samples.marks(rule.finding) == {"spec/template/metadata/annotations/container.apparmor.security.beta.kubernetes.io/web"} with input as doc
}

test_nothing_said_means_the_runtimes_profile if {
	rule.finding == set() with input as samples.one({})
}

test_profiles_are_fine if {
	rule.finding == set() with input as samples.context({"appArmorProfile": {"type": "Localhost", "localhostProfile": "web"}})
	doc := samples.kube([samples.labelled(1, "Pod", "web", {"containers": [{"name": "web"}]}, {"annotations": {"container.apparmor.security.beta.kubernetes.io/web": "localhost/web", "other": "unconfined"}})])
	rule.finding == set() with input as doc
}
