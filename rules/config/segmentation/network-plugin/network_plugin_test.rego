# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.network_plugin_test

import data.sealock.config.segmentation.network_plugin as rule
import data.sealock.lib.samples_test as samples

plugin(id, kind) := samples.namespaced(id, "v1", "ConfigMap", "network", {"data": {"cni-conf.json": sprintf(`{"name": "cbr0", "plugins": [{"type": "%s"}, {"type": "portmap"}]}`, [kind])}})

test_flannel_alone if {
	samples.marks(rule.finding) == {"data/cni-conf.json"} with input as samples.kube([plugin(1, "flannel")])
}

test_with_calico_beside_it if {
	node := samples.workload(2, "DaemonSet", "canal", {"containers": [{"name": "calico", "image": "docker.io/calico/node:v3.31.0"}]})
	rule.finding == set() with input as samples.kube([plugin(1, "flannel"), node])
}

test_other_plugins if {
	rule.finding == set() with input as samples.kube([plugin(1, "calico")])
}

test_other_config_maps if {
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "v1", "ConfigMap", "web", {"data": {"cni.json": 7, "a": `{"type": "flannel"}`}})])
}
