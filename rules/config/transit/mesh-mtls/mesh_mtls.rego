# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The mesh takes mutual TLS only"
# description: "With PERMISSIVE or DISABLE a service also takes plain text from anyone, who then has no identity that a policy could look at."
# related_resources:
# - ref: https://istio.io/latest/docs/ops/best-practices/security/
#   description: "Istio security best practices, mutual TLS"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.2 Encrypted communication"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.mesh-mtls
#   severity: medium
#   remediation: "Write mtls: {mode: STRICT}, and give what has to be reached in plain text a port of its own."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.mesh_mtls

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some p in mesh.peers
	mode := upper(pods.text(pods.at(p.object, ["spec", "mtls", "mode"], "")))
	mode in {"PERMISSIVE", "DISABLE"}
	f := found(p, ["spec", "mtls", "mode"], mode, "")
}

finding contains f if {
	some p in mesh.peers
	some port, m in pods.dict(p.object, ["spec", "portLevelMtls"])
	mode := upper(pods.text(pods.at(m, ["mode"], "")))
	mode in {"PERMISSIVE", "DISABLE"}
	f := found(p, ["spec", "portLevelMtls", port, "mode"], mode, sprintf(" on port %s", [port]))
}

found(p, path, mode, where) := {
	"item": p.id, "path": path, "severity": severity(mode), "message": sprintf("%s%s", [meaning(mode), where]), "found": sprintf("mode: %s", [mode]),
	"expected": "mode: STRICT",
}

meaning(mode) := "connections are not encrypted and have no identity" if {
	mode == "DISABLE"
} else := "plain text is taken beside mutual TLS"

severity(mode) := "high" if {
	mode == "DISABLE"
} else := "medium"
