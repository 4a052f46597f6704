# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers get no capability but NET_BIND_SERVICE"
# description: "Each capability is a part of root's power. Some, such as SYS_ADMIN, are as good as all of it; NET_RAW and NET_ADMIN let a container read and redirect its neighbours' traffic."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: Capabilities"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted: Capabilities"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.8 and 5.2.9"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.capabilities-added
#   severity: medium
#   remediation: "Write capabilities: {drop: [ALL]}, and add back nothing but NET_BIND_SERVICE."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.capabilities_added

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	added := pods.list(x.c.spec, ["securityContext", "capabilities", "add"])
	some i, v in added
	name := pods.capability(v)
	name != "NET_BIND_SERVICE"
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "capabilities", "add", i]), "severity": severity(name),
		"message": sprintf("container %q is given the capability %s", [x.c.name, name]), "found": name, "expected": "no capability but NET_BIND_SERVICE",
	}
}

severity(name) := "critical" if {
	name in {"ALL", "SYS_ADMIN", "SYS_MODULE"}
} else := "high" if {
	name in pods.dangerous
} else := "low" if {
	name in pods.ordinary
} else := "medium"
