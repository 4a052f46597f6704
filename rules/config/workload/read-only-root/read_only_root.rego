# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The root file system is read-only"
# description: "Whoever gets in can't leave a tool or change the program if there is nowhere to write."
# related_resources:
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.4"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.7.3"
# custom:
#   id: workload.read-only-root
#   severity: low
#   remediation: "Write readOnlyRootFilesystem: true, and mount an emptyDir where the program has to write."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.read_only_root

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	x.c.kind != "ephemeral"
	not config.truthy(pods.at(x.c.spec, ["securityContext", "readOnlyRootFilesystem"], false))
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "readOnlyRootFilesystem"]),
		"message": sprintf("container %q can write to its own file system", [x.c.name]), "found": "readOnlyRootFilesystem is not true",
		"expected": "readOnlyRootFilesystem: true", "fix": "securityContext: {readOnlyRootFilesystem: true}",
	}
}
