# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Images are named by a version"
# description: "latest, and no tag at all, is whatever was pushed last: nobody knows what runs, two pods of one deployment may differ, and going back is not possible."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/containers/images/
#   description: "Kubernetes, images"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 3.1.5 and 4.1.5"
# custom:
#   id: workload.image-latest
#   severity: medium
#   remediation: "Name a version, and beside it the digest."
#   zeroTrust: [Z20, Z29]
#   kinds: [kubernetes]
package sealock.config.workload.image_latest

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	ref := pods.at(x.c.spec, ["image"], "")
	is_string(ref)
	not pods.placeholder(ref)
	i := pods.image(ref)
	i.digest == ""
	i.tag in {"", "latest"}
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["image"]), "message": sprintf("the image of container %q is whatever was pushed last", [x.c.name]), "found": ref,
		"expected": "a version, better a digest",
	}
}
