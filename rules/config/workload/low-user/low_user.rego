# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers run as users that the node does not have"
# description: "Users below 10000 are often users of the node: a container that gets out, or shares files with it, then owns theirs."
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#   description: "Kubernetes, security contexts"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.low-user
#   severity: low
#   remediation: "Set runAsUser to 10000 or above, or hostUsers: false."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.low_user

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	user := pods.context(x, "runAsUser")
	is_number(user)
	user > 0
	user < 10000
	not pods.own_users(x.item)
	f := {
		"item": x.item.id, "path": pods.context_path(x, "runAsUser"), "message": sprintf("container %q runs as user %v, which the node may have too", [x.c.name, user]),
		"found": sprintf("runAsUser: %v", [user]), "expected": "10000 or above",
	}
}
