# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers of a pod do not see each other's processes"
# description: "With one process namespace, a sidecar that was taken over reads its neighbours' environment and files through /proc and can signal them."
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/
#   description: "Kubernetes, share process namespace between containers"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.share-process-namespace
#   severity: low
#   remediation: "Remove shareProcessNamespace."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.share_process_namespace

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some w in config.workloads
	config.truthy(pods.at(w.pod.spec, ["shareProcessNamespace"], false))
	f := {
		"item": w.id, "path": pods.spec_path(w, ["shareProcessNamespace"]), "message": "the pod's containers see each other's processes",
		"found": "shareProcessNamespace: true", "expected": "shareProcessNamespace: false, or left out",
	}
}
