# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Pods use volumes of the restricted types"
# description: "Other types have the node mount a file system or run a helper on the pod's word, with addresses and credentials from the manifest. A gitRepo volume runs git as root on the node."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted: Volume Types"
# - ref: https://github.com/kubernetes/kubernetes/issues/128885
#   description: "CVE-2024-10220: code execution through gitRepo volumes"
# custom:
#   id: workload.volume-types
#   severity: low
#   remediation: "Let a PersistentVolume or a CSI driver say where the data is, and use it with a persistentVolumeClaim; instead of gitRepo, clone in an init container."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.volume_types

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

allowed := {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"}

finding contains f if {
	some w in config.workloads
	some i, v in pods.list(w.pod.spec, ["volumes"])
	is_object(v)
	some kind, source in v
	not kind in allowed
	not kind in {"name", "hostPath"}
	source != null
	f := {
		"item": w.id, "path": pods.spec_path(w, ["volumes", i, kind]), "severity": severity(kind),
		"message": sprintf("volume %q is of the type %s", [pods.text(pods.at(v, ["name"], "")), kind]), "found": kind,
		"expected": concat(", ", sort(allowed)),
	}
}

severity(kind) := "high" if {
	kind == "gitRepo"
} else := "low"
