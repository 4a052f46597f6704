# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.mesh_opt_out_test

import data.sealock.config.transit.mesh_opt_out as rule
import data.sealock.lib.samples_test as samples

namespace(labels) := samples.global(1, "v1", "Namespace", "shop", {"metadata": {"labels": labels}})

web(metadata) := samples.labelled(2, "Deployment", "web", {"containers": []}, metadata)

mesh := {"istio-injection": "enabled"}

test_no_proxy if {
	samples.marks(rule.finding) == {"spec/template/metadata/labels/sidecar.istio.io/inject"} with input as samples.kube([namespace(mesh), web({"labels": {"sidecar.istio.io/inject": "false"}})])
	samples.marks(rule.finding) == {"spec/template/metadata/annotations/sidecar.istio.io/inject"} with input as samples.kube([namespace(mesh), web({"annotations": {"sidecar.istio.io/inject": "false"}})])
}

test_other_meshes if {
	samples.items(rule.finding) == {2} with input as samples.kube([namespace({"istio.io/dataplane-mode": "ambient"}), web({"labels": {"istio.io/dataplane-mode": "none"}})])
	samples.items(rule.finding) == {2} with input as samples.kube([namespace({"linkerd.io/inject": "enabled"}), web({"annotations": {"linkerd.io/inject": "disabled"}})])
}

test_ports_past_the_proxy if {
	doc := samples.kube([namespace({"istio.io/rev": "1-28"}), web({"annotations": {"traffic.sidecar.istio.io/excludeInboundPorts": "8080"}})])
	samples.marks(rule.finding) == {"low spec/template/metadata/annotations/traffic.sidecar.istio.io/excludeInboundPorts"} with input as doc
}

test_a_namespace_outside_a_mesh if {
	rule.finding == set() with input as samples.kube([namespace({}), web({"labels": {"sidecar.istio.io/inject": "false"}})])
}

test_jobs_may_go_without if {
	rule.finding == set() with input as samples.kube([namespace(mesh), samples.labelled(2, "Job", "migrate", {"containers": []}, {"labels": {"sidecar.istio.io/inject": "false"}})])
}

test_who_stays_in_it if {
	rule.finding == set() with input as samples.kube([namespace(mesh), web({"labels": {"app": "web", "sidecar.istio.io/inject": "true"}, "annotations": {"traffic.sidecar.istio.io/excludeInboundPorts": ""}})])
}
