# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "/proc is masked as usual"
# description: "An unmasked /proc shows a container files of the kernel through which it can leave its bounds."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: /proc Mount Type"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.proc-mount
#   severity: high
#   remediation: "Remove procMount."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.proc_mount

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	kind := pods.at(x.c.spec, ["securityContext", "procMount"], "Default")
	kind != "Default"
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "procMount"]), "severity": severity(x.item),
		"message": sprintf("container %q sees /proc unmasked", [x.c.name]), "found": sprintf("procMount: %v", [kind]), "expected": "procMount: Default, or left out",
	}
}

severity(w) := "low" if {
	pods.own_users(w)
} else := "high"
