# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No pod has the container runtime's socket"
# description: "Whoever can write to the runtime's socket starts containers of any kind on the node, privileged ones too, unseen by the API server."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: HostPath Volumes"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 3.5.2"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 1"
# custom:
#   id: workload.runtime-socket
#   severity: critical
#   remediation: "Remove the volume; to build images in a cluster use a builder without root, to collect logs use the API."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.runtime_socket

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some w in config.workloads
	some i, v in pods.list(w.pod.spec, ["volumes"])
	path := pods.text(pods.at(v, ["hostPath", "path"], ""))
	pods.runtime_socket(path)
	f := {
		"item": w.id, "path": pods.spec_path(w, ["volumes", i, "hostPath", "path"]),
		"message": sprintf("the pod can command the container runtime of its node through %s", [path]), "found": path,
		"expected": "no socket of the runtime among the volumes",
	}
}
