# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "AppArmor is not switched off"
# description: "Where nodes have AppArmor, every container has the runtime's profile unless a manifest takes it away."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: AppArmor"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.7.3"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.apparmor
#   severity: high
#   remediation: "Write appArmorProfile: {type: RuntimeDefault} or Localhost with a profile of your own, or leave it out."
#   zeroTrust: [Z27]
#   kinds: [kubernetes]
package sealock.config.workload.apparmor

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some w in config.workloads
	kind := pods.at(w.pod.spec, ["securityContext", "appArmorProfile", "type"], "RuntimeDefault")
	not kind in {"RuntimeDefault", "Localhost"}
	f := {
		"item": w.id, "path": pods.spec_path(w, ["securityContext", "appArmorProfile", "type"]),
		"message": "the pod runs without an AppArmor profile", "found": sprintf("type: %v", [kind]), "expected": "RuntimeDefault or Localhost",
	}
}

finding contains f if {
	some x in pods.containers
	kind := pods.at(x.c.spec, ["securityContext", "appArmorProfile", "type"], "RuntimeDefault")
	not kind in {"RuntimeDefault", "Localhost"}
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "appArmorProfile", "type"]),
		"message": sprintf("container %q runs without an AppArmor profile", [x.c.name]), "found": sprintf("type: %v", [kind]),
		"expected": "RuntimeDefault or Localhost",
	}
}

# The form before Kubernetes 1.30, which still counts.
finding contains f if {
	some w in config.workloads
	some key, value in w.pod.annotations
	startswith(key, "container.apparmor.security.beta.kubernetes.io/")
	not value in {"runtime/default", ""}
	not startswith(pods.text(value), "localhost/")
	f := {
		"item": w.id, "path": array.concat(w.pod.path, ["metadata", "annotations", key]),
		"message": sprintf("container %q runs without an AppArmor profile", [trim_prefix(key, "container.apparmor.security.beta.kubernetes.io/")]),
		"found": sprintf("%v", [value]), "expected": "runtime/default or localhost/ and a profile",
	}
}
