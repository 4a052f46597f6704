# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Namespaces in the mesh are told to take mutual TLS only"
# description: "Istio takes plain text beside mutual TLS until a PeerAuthentication says STRICT."
# related_resources:
# - ref: https://istio.io/latest/docs/ops/best-practices/security/
#   description: "Istio security best practices, mutual TLS"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.2 Encrypted communication"
# custom:
#   id: transit.mesh-strict
#   severity: medium
#   remediation: "Add a PeerAuthentication with mtls: {mode: STRICT} to the namespace, or to istio-system for all of the mesh."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.mesh_strict

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some n in pods.of_kind({"Namespace"})
	n.group == ""
	some label in in_mesh(n)
	strict := [p | some p in mesh.peers; p.namespace in {n.name, mesh.root}; mesh.labels(p) == {}; mode(p) != ""]
	count(strict) == 0
	f := {
		"item": n.id, "path": ["metadata", "labels", label], "message": sprintf("services in the namespace %s take plain text beside mutual TLS", [n.name]),
		"found": "no PeerAuthentication with mode: STRICT", "expected": "one for the namespace or the mesh",
	}
}

# mode(p) is what a policy says; where it is not STRICT, transit.mesh-mtls tells.
mode(p) := m if {
	m := pods.text(pods.at(p.object, ["spec", "mtls", "mode"], ""))
	m != "UNSET"
} else := ""

in_mesh(n) := {k |
	some k, v in n.labels
	some want in [["istio-injection", {"enabled"}], ["istio.io/dataplane-mode", {"ambient"}]]
	k == want[0]
	v in want[1]
} | {k | some k, v in n.labels; k == "istio.io/rev"; v != ""}
