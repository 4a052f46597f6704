# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.policy_volumes_test

import data.sealock.config.workload.policy_volumes as rule
import data.sealock.lib.samples_test as samples

old(spec) := samples.kube([samples.global(1, "policy/v1beta1", "PodSecurityPolicy", "p", {"spec": spec})])

openshift(body) := samples.kube([samples.global(1, "security.openshift.io/v1", "SecurityContextConstraints", "p", body)])

test_all_types if {
	samples.marks(rule.finding) == {"medium spec/volumes/1"} with input as old({"volumes": ["secret", "*"]})
}

test_constraints_of_openshift if {
	samples.marks(rule.finding) == {"high allowHostDirVolumePlugin", "medium volumes/0"} with input as openshift({"allowHostDirVolumePlugin": true, "volumes": ["hostPath"]})
}

test_folders_that_may_be_written if {
	samples.marks(rule.finding) == {"medium spec/allowedHostPaths/0"} with input as old({"volumes": ["hostPath"], "allowedHostPaths": [{"pathPrefix": "/data"}]})
}

test_named_types_and_folders if {
	rule.finding == set() with input as old({"volumes": ["configMap", "secret"]})
	rule.finding == set() with input as old({"volumes": ["hostPath"], "allowedHostPaths": [{"pathPrefix": "/data", "readOnly": true}]})
}
