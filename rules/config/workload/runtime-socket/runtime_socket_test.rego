# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.runtime_socket_test

import data.sealock.config.workload.runtime_socket as rule
import data.sealock.lib.samples_test as samples

with_path(path) := samples.deployment({"containers": [{"name": "ci"}], "volumes": [{"name": "sock", "hostPath": {"path": path}}]})

test_docker if {
	samples.marks(rule.finding) == {"spec/template/spec/volumes/0/hostPath/path"} with input as with_path("/var/run/docker.sock")
}

test_containerd_and_crio if {
	count(rule.finding) == 1 with input as with_path("/run/containerd/containerd.sock")
	count(rule.finding) == 1 with input as with_path("/var/run/crio/crio.sock")
	count(rule.finding) == 1 with input as with_path("/run/k3s/containerd/containerd.sock")
}

test_other_sockets_are_not_this_rules if {
	rule.finding == set() with input as with_path("/var/run/secrets-store/csi.sock")
	rule.finding == set() with input as with_path("/var/lib/kubelet/device-plugins/kubelet.sock")
}

test_wrong_types if {
	rule.finding == set() with input as samples.deployment({"containers": [], "volumes": [{"name": "sock", "hostPath": "/var/run/docker.sock"}, null, "x"]})
}
