# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Environments don't talk to each other"
# description: "A policy that lets development reach production makes the weakest environment the way into the strongest. Environments are told apart by a label of the pods or of their namespace."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7(21), CM-4(1)"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guidance 1.2, Namespaces"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.3.3 Poorly separated inter-container network traffic"
# custom:
#   id: segmentation.cross-environment
#   severity: high
#   remediation: "Select the peer's environment too, by a label of its namespace, or correct the label."
#   zeroTrust: [Z14, Z18]
#   kinds: [graph]
#   parameters:
#     label: {type: string, default: "environment", about: "the label of pods or namespaces that names their environment"}
package sealock.config.segmentation.cross_environment

import data.sealock.lib.config_segmentation as net

params := data.params["segmentation.cross-environment"]

finding contains f if {
	some flow in net.flows
	from := environment[flow.from]
	to := environment[flow.to]
	from != to
	count(flow.via) > 0
	rule := flow.via[count(flow.via) - 1]
	f := {
		"item": rule.item, "path": rule.path, "message": sprintf("%s, in environment %q, may connect to %s, in %q", [flow.from, from, flow.to, to]),
		"found": sprintf("%s to %s", [from, to]), "expected": "flows within one environment",
	}
}

# environment is that of each end which has exactly one: names that stand in several environments are overlays for several clusters.
environment[name] := env if {
	some name, all in labelled
	count(all) == 1
	some env in all
}

labelled[name] contains env if {
	some list in [net.workloads, net.endpoints]
	some e in list
	name := e.name
	env := own(e)
}

own(e) := e.labels[params.label] if {
	e.labels[params.label] != ""
} else := e.namespaceLabels[params.label] if {
	e.namespaceLabels[params.label] != ""
}
