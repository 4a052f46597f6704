# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Images with a tag are asked for each time"
# description: "With IfNotPresent or Never, a node runs what it happens to have under that tag: an old or planted image, and without asking the registry whether the pod may have it."
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwayspullimages
#   description: "Kubernetes, AlwaysPullImages"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.2.2"
# custom:
#   id: workload.image-pull-policy
#   severity: low
#   remediation: "Name the image by digest, or set imagePullPolicy to Always."
#   zeroTrust: [Z3, Z20]
#   kinds: [kubernetes]
package sealock.config.workload.image_pull_policy

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	ref := pods.at(x.c.spec, ["image"], "")
	is_string(ref)
	not pods.placeholder(ref)
	not pods.pinned(pods.image(ref))
	how := pods.at(x.c.spec, ["imagePullPolicy"], "Always")
	how != "Always"
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["imagePullPolicy"]),
		"message": sprintf("container %q runs what its node has under the tag", [x.c.name]), "found": sprintf("imagePullPolicy: %v", [how]),
		"expected": "Always, or an image by digest",
	}
}
