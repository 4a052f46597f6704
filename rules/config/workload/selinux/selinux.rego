# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "SELinux options keep to the types for containers"
# description: "Another type, or a user or role of one's own, takes a container out of the rules that hold containers apart from the node."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: SELinux"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.7.3"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.selinux
#   severity: high
#   remediation: "Remove seLinuxOptions, or keep only level and one of the types container_t, container_init_t, container_kvm_t, container_engine_t."
#   zeroTrust: [Z27]
#   kinds: [kubernetes]
package sealock.config.workload.selinux

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

types := {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}

wrong contains {"options": o, "item": w, "path": pods.spec_path(w, ["securityContext", "seLinuxOptions"])} if {
	some w in config.workloads
	o := pods.dict(w.pod.spec, ["securityContext", "seLinuxOptions"])
}

wrong contains {"options": o, "item": x.item, "path": pods.path(x.c, ["securityContext", "seLinuxOptions"])} if {
	some x in pods.containers
	o := pods.dict(x.c.spec, ["securityContext", "seLinuxOptions"])
}

finding contains f if {
	some x in wrong
	kind := pods.at(x.options, ["type"], "")
	not kind in types
	f := {
		"item": x.item.id, "path": array.concat(x.path, ["type"]), "message": sprintf("the SELinux type %v is none for containers", [kind]),
		"found": sprintf("type: %v", [kind]), "expected": "a type for containers, or none",
	}
}

finding contains f if {
	some x in wrong
	some field in ["user", "role"]
	value := pods.at(x.options, [field], "")
	value != ""
	f := {
		"item": x.item.id, "path": array.concat(x.path, [field]), "message": sprintf("the SELinux %s is set", [field]),
		"found": sprintf("%s: %v", [field, value]), "expected": sprintf("no %s", [field]),
	}
}
