# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies for pods are restricted"
# description: "A PodSecurityPolicy or SecurityContextConstraints that admits privileged pods, the host's namespaces or root is a way round every other rule for whoever may use it."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.1 to 5.2.13"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-policy/
#   description: "Kubernetes, PodSecurityPolicy (removed in 1.25)"
# custom:
#   id: workload.pod-security-policy
#   severity: medium
#   remediation: "Replace it with Pod Security Admission and the restricted standard."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.pod_security_policy

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

policies contains {"item": p, "base": ["spec"]} if some p in pods.of_kind({"PodSecurityPolicy"})

policies contains {"item": p, "base": []} if some p in pods.of_kind({"SecurityContextConstraints"})

# wrong is what a policy should not say: severity by field, for both kinds.
wrong := {
	"privileged": "critical", "hostNetwork": "high", "hostPID": "high", "hostIPC": "high", "allowPrivilegedContainer": "critical", "allowHostNetwork": "high",
	"allowHostPID": "high", "allowHostIPC": "high", "allowHostDirVolumePlugin": "high",
}

finding contains f if {
	some p in policies
	some field, severity in wrong
	config.truthy(pods.at(p.item.object, array.concat(p.base, [field]), false))
	f := found(p, [field], severity, sprintf("%s: true", [field]))
}

finding contains f if {
	some p in policies
	how := pods.at(p.item.object, array.concat(p.base, ["runAsUser"]), {})
	rule := pods.at(how, ["rule"], pods.at(how, ["type"], ""))
	rule == "RunAsAny"
	f := found(p, ["runAsUser"], "medium", "runAsUser: RunAsAny")
}

finding contains f if {
	some p in policies
	some field in ["allowedCapabilities", "defaultAddCapabilities"]
	some i, c in pods.list(p.item.object, array.concat(p.base, [field]))
	c in {"*", "ALL", "SYS_ADMIN"}
	f := found(p, [field, i], "high", sprintf("%s: %s", [field, c]))
}

finding contains f if {
	some p in policies
	p.item.kind == "PodSecurityPolicy"
	some i, v in pods.list(p.item.object, ["spec", "volumes"])
	v in {"*", "hostPath"}
	count(pods.list(p.item.object, ["spec", "allowedHostPaths"])) == 0
	f := found(p, ["volumes", i], "medium", sprintf("volumes: %s", [v]))
}

finding contains f if {
	some p in policies
	p.item.kind == "PodSecurityPolicy"
	not config.falsy(pods.at(p.item.object, ["spec", "allowPrivilegeEscalation"], true))
	f := found(p, ["allowPrivilegeEscalation"], "medium", "allowPrivilegeEscalation is not false")
}

found(p, path, severity, what) := {
	"item": p.item.id, "path": array.concat(p.base, path), "severity": severity, "message": sprintf("the policy %s lets too much through: %s", [p.item.name, what]), "found": what,
	"expected": "what the restricted standard allows",
}
