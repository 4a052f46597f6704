# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers are not in the group root"
# description: "Files that root's group may read or write, in the image and in shared volumes, are open to the container though its user is not root."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.root-group
#   severity: low
#   remediation: "Set runAsGroup, fsGroup and supplementalGroups to numbers above 0."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.root_group

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	pods.context(x, "runAsGroup") in {0, "0"}
	not pods.own_users(x.item)
	f := {
		"item": x.item.id, "path": pods.context_path(x, "runAsGroup"), "message": sprintf("container %q is in the group root", [x.c.name]), "found": "runAsGroup: 0",
		"expected": "a number above 0",
	}
}

finding contains f if {
	some w in config.workloads
	pods.on_linux(w)
	some path in [["fsGroup"], ["supplementalGroups", 0], ["supplementalGroups", 1], ["supplementalGroups", 2]]
	object.get(pods.dict(w.pod.spec, ["securityContext"]), path, null) in {0, "0"}
	f := {
		"item": w.id, "path": pods.spec_path(w, array.concat(["securityContext"], path)), "message": "the pod's containers are in the group root",
		"found": sprintf("%s: 0", [path[0]]), "expected": "a number above 0",
	}
}
