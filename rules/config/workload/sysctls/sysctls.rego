# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Pods change only kernel settings that are theirs alone"
# description: "Kernel settings outside the safe list reach other pods or the whole node."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: Sysctls"
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
#   description: "Safe and unsafe sysctls"
# custom:
#   id: workload.sysctls
#   severity: medium
#   remediation: "Remove the setting, or set it on nodes of their own."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.sysctls

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

safe := {
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies",
	"net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
}

finding contains f if {
	some w in config.workloads
	some i, s in pods.list(w.pod.spec, ["securityContext", "sysctls"])
	name := pods.at(s, ["name"], "")
	not replace(pods.text(name), "/", ".") in safe
	f := {
		"item": w.id, "path": pods.spec_path(w, ["securityContext", "sysctls", i, "name"]),
		"message": sprintf("the pod sets %v, which is not safe to set for one pod", [name]), "found": sprintf("%v", [name]), "expected": "a setting of the safe list",
	}
}

# CRI-O once gave such a value on as settings of the node, with which a program of the pod became one of the node.
finding contains f if {
	some w in config.workloads
	some i, s in pods.list(w.pod.spec, ["securityContext", "sysctls"])
	regex.match(`[+=]`, pods.text(pods.at(s, ["value"], "")))
	f := {
		"item": w.id, "path": pods.spec_path(w, ["securityContext", "sysctls", i, "value"]), "severity": "critical",
		"message": sprintf("the value of %v brings further settings of the kernel (CVE-2022-0811)", [pods.at(s, ["name"], "")]), "found": "+ or = in the value",
		"expected": "a plain value",
	}
}
