# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.volume_types_test

import data.sealock.config.workload.volume_types as rule
import data.sealock.lib.samples_test as samples

volumes(list) := samples.deployment({"containers": [{"name": "web"}], "volumes": list})

test_nfs if {
	samples.marks(rule.finding) == {"low spec/template/spec/volumes/0/nfs"} with input as volumes([{"name": "data", "nfs": {"server": "10.0.0.5", "path": "/"}}])
}

test_git_repo_is_worse if {
	samples.marks(rule.finding) == {"high spec/template/spec/volumes/0/gitRepo"} with input as volumes([{"name": "src", "gitRepo": {"repository": "https://example.com/x.git"}}])
}

test_restricted_types_are_fine if {
	rule.finding == set() with input as volumes([{"name": k, k: {}} | some k in ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret", "image"]])
}

test_host_path_has_a_rule_of_its_own if {
	rule.finding == set() with input as volumes([{"name": "h", "hostPath": {"path": "/"}}])
}

test_no_source_is_an_empty_dir if {
	rule.finding == set() with input as volumes([{"name": "h"}])
}
