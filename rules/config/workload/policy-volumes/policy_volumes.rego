# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies for pods keep the node's files away"
# description: "A policy that admits hostPath volumes of any folder lets a pod read other pods' secrets on the node, or take the node over."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-policy/
#   description: "Kubernetes, PodSecurityPolicy and what came after it"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted"
# custom:
#   id: workload.policy-volumes
#   severity: medium
#   remediation: "List the types of volumes without hostPath and *, or name folders in allowedHostPaths with readOnly: true."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.policy_volumes

import data.sealock.lib.config
import data.sealock.lib.config_pod_policy as policy

finding contains f if {
	some p in policy.policies
	some i, v in policy.items(p, "volumes")
	v in {"*", "hostPath"}
	count(policy.items(p, "allowedHostPaths")) == 0
	f := policy.fault(p, ["volumes", i], "medium", sprintf("volumes: %s", [v]), "types without hostPath")
}

finding contains f if {
	some p in policy.policies
	some i, h in policy.items(p, "allowedHostPaths")
	object.get(h, "readOnly", false) != true
	f := policy.fault(p, ["allowedHostPaths", i], "medium", "a folder of the node may be written", "readOnly: true")
}

finding contains f if {
	some p in policy.policies
	config.truthy(policy.field(p, ["allowHostDirVolumePlugin"], false))
	f := policy.fault(p, ["allowHostDirVolumePlugin"], "high", "allowHostDirVolumePlugin: true", "false")
}
