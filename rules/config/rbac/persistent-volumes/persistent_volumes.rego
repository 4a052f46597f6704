# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not create persistent volumes"
# description: "A PersistentVolume can be a folder of a node; who creates one gets round every rule against hostPath."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.9"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, persistent volume creation"
# custom:
#   id: rbac.persistent-volumes
#   severity: medium
#   remediation: "Let a provisioner create volumes, and give others persistentvolumeclaims."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.persistent_volumes

import data.sealock.lib.config_rbac as rbac

finding contains f if {
	some g in rbac.grants
	g.wide
	places := rbac.hits(g, "", {"persistentvolumes"}, {"create"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "message": sprintf("the role %s lets its holders create persistent volumes", [g.item.name]),
		"found": rbac.told(g), "expected": "persistentvolumeclaims",
	}
}
