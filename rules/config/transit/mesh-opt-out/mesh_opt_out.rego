# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Workloads of a mesh stay in it"
# description: "A pod without its proxy, or with ports that go past it, has no identity in the mesh: its connections are plain text, and no policy of the mesh holds for them."
# related_resources:
# - ref: https://istio.io/latest/docs/ops/best-practices/security/
#   description: "Istio, security best practices"
# - ref: https://istio.io/latest/docs/reference/config/annotations/
#   description: "Istio, resource annotations"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.2 Encrypted communication"
# custom:
#   id: transit.mesh-opt-out
#   severity: medium
#   remediation: "Take the label or annotation away; where something must go past the proxy, limit it with a NetworkPolicy."
#   zeroTrust: [Z10, Z24]
#   kinds: [kubernetes]
package sealock.config.transit.mesh_opt_out

import data.sealock.lib.config
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

# injected is the namespaces of the tree that belong to a mesh.
injected := {n.name | some n in pods.of_kind({"Namespace"}); some k, v in n.labels; joins(k, v)} | {p.namespace | some p in mesh.peers; p.namespace != mesh.root}

joins("istio-injection", "enabled")

joins("istio.io/dataplane-mode", "ambient")

joins("istio.io/rev", v) if v != ""

joins("linkerd.io/inject", "enabled")

switches := {
	"sidecar.istio.io/inject": {"false"}, "istio.io/dataplane-mode": {"none"}, "linkerd.io/inject": {"disabled"},
}

past := {"traffic.sidecar.istio.io/excludeInboundPorts", "config.linkerd.io/skip-inbound-ports"}

finding contains f if {
	some w in config.workloads
	w.namespace in injected
	not pods.runs_to_completion(w)
	some field in ["labels", "annotations"]
	some key, value in w.pod[field]
	f := opts_out(w, field, key, value)
}

opts_out(w, field, key, value) := {
	"item": w.id, "path": array.concat(w.pod.path, ["metadata", field, key]), "message": sprintf("%s stays out of the mesh", [w.name]),
	"found": sprintf("%s: %v", [key, value]), "expected": "the proxy that the namespace asks for",
} if {
	lower(sprintf("%v", [value])) in switches[key]
} else := {
	"item": w.id, "path": array.concat(w.pod.path, ["metadata", field, key]), "severity": "low",
	"message": sprintf("ports of %s go past the proxy of the mesh (%v)", [w.name, value]), "found": sprintf("%s: %v", [key, value]), "expected": "no ports",
} if {
	key in past
	not value in {"", null}
}
