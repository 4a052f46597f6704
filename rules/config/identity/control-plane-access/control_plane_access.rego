# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubernetes' own components check who asks and what they may do"
# description: "A kube-apiserver or kubelet that takes anonymous requests, static passwords or allows everything gives the cluster to whoever reaches its port."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.1 to 1.2.14, 4.2.1 and 4.2.2"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Authentication and authorization"
# custom:
#   id: identity.control-plane-access
#   severity: high
#   remediation: "Set --authorization-mode=Node,RBAC for the API server, Webhook for the kubelet, --anonymous-auth=false, and no files with passwords or tokens."
#   zeroTrust: [Z4, Z13]
#   kinds: [kubernetes]
package sealock.config.identity.control_plane_access

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

api := {"kube-apiserver", "apiserver"}

# refused is the values of flags that are a fault: severity, and what it means.
refused(program, "anonymous-auth", "true") := ["medium", "anonymous requests are taken"] if program in api

refused("kubelet", "anonymous-auth", "true") := ["high", "anonymous requests are taken"]

refused(program, flag, _) := ["high", "a file of passwords or tokens that never end is taken"] if {
	program in api
	flag in {"basic-auth-file", "token-auth-file"}
}

refused(program, "authorization-mode", modes) := ["critical", "everything is allowed to everyone"] if {
	program in (api | {"kubelet"})
	"AlwaysAllow" in split(modes, ",")
} else := ["high", "RBAC is not asked"] if {
	program in api
	not "RBAC" in split(modes, ",")
}

refused(program, flag, plugins) := ["high", "admission lets everything pass"] if {
	program in api
	flag in {"enable-admission-plugins", "admission-control"}
	"AlwaysAdmit" in split(plugins, ",")
}

refused(program, "disable-admission-plugins", plugins) := ["high", "a needed admission plugin is switched off"] if {
	program in api
	count({p | some p in split(plugins, ",")} & {"NodeRestriction", "ServiceAccount", "NamespaceLifecycle", "PodSecurity", "ValidatingAdmissionWebhook", "MutatingAdmissionWebhook"}) > 0
}

refused(program, "service-account-lookup", "false") := ["medium", "tokens of deleted accounts are still good"] if program in api

refused("kubelet", "read-only-port", port) := ["high", "pods and their environment are shown without a login"] if port != "0"

refused("kube-controller-manager", "use-service-account-credentials", "false") := ["medium", "all controllers share one identity"]

finding contains f if {
	some c in array.concat(mesh.commands, mesh.kubeadm)
	some x in c.flags
	[severity, why] := refused(c.program, x.flag, x.value)
	f := {
		"item": c.item.id, "path": x.path, "severity": severity, "message": sprintf("%s: %s", [c.program, why]), "found": sprintf("--%s=%s", [x.flag, shown(x)]),
		"expected": "Node,RBAC or Webhook, and no anonymous requests",
	}
}

# A file's name may be told.
shown(x) := x.value

finding contains f if {
	some c in mesh.of_program(api)
	count(c.flags) > 0
	count(mesh.flag(c, "authorization-mode")) + count(mesh.flag(c, "authorization-config")) == 0
	f := {
		"item": c.item.id, "path": mesh.anchor(c), "severity": "critical", "message": "kube-apiserver allows everything: that is what it does without --authorization-mode",
		"found": "no --authorization-mode", "expected": "--authorization-mode=Node,RBAC",
	}
}

finding contains f if {
	some c in mesh.of_program(api)
	count(c.flags) > 0
	plugins := {p | some name in ["enable-admission-plugins", "admission-control"]; some x in mesh.flag(c, name); some p in split(x.value, ",")}
	not "NodeRestriction" in plugins
	f := {
		"item": c.item.id, "path": mesh.anchor(c), "severity": "medium", "message": "kube-apiserver lets each kubelet change all nodes and pods", "found": "no NodeRestriction",
		"expected": "--enable-admission-plugins=NodeRestriction",
	}
}

finding contains f if {
	some c in mesh.of_program(api)
	some x in mesh.flag(c, "authorization-mode")
	modes := split(x.value, ",")
	"RBAC" in modes
	not "Node" in modes
	f := {
		"item": c.item.id, "path": x.path, "severity": "low", "message": "kube-apiserver does not keep kubelets to the objects of their own node", "found": sprintf("--authorization-mode=%s", [x.value]),
		"expected": "--authorization-mode=Node,RBAC",
	}
}

# The kubelet's file of settings.
settings := [
	{"path": ["authentication", "anonymous", "enabled"], "bad": {true, "true"}, "severity": "high", "why": "anonymous requests are taken"},
	{"path": ["authorization", "mode"], "bad": {"AlwaysAllow"}, "severity": "critical", "why": "everything is allowed to everyone"},
]

finding contains f if {
	some k in pods.of_kind({"KubeletConfiguration"})
	some s in settings
	value := pods.at(k.object, s.path, null)
	value in s.bad
	f := {"item": k.id, "path": s.path, "severity": s.severity, "message": sprintf("kubelet: %s", [s.why]), "found": sprintf("%v", [value])}
}

finding contains f if {
	some k in pods.of_kind({"KubeletConfiguration"})
	port := pods.at(k.object, ["readOnlyPort"], 0)
	not port in {0, "0"}
	f := {"item": k.id, "path": ["readOnlyPort"], "message": "kubelet: pods and their environment are shown without a login", "found": sprintf("readOnlyPort: %v", [port])}
}
