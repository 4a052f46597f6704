# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Each pod shows that it may pull its images"
# description: "Without AlwaysPullImages a pod uses what lies on the node already, though its namespace has no credentials for the registry, and runs a tag as it was some time ago."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.11"
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#   description: "Kubernetes, admission controllers"
# custom:
#   id: identity.always-pull-images
#   severity: low
#   remediation: "Add AlwaysPullImages to --enable-admission-plugins."
#   zeroTrust: [Z4, Z20]
#   kinds: [kubernetes]
package sealock.config.identity.always_pull_images

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some c in control.components
	c.program in control.api_server
	plugins := {p | some x in c.flags; x.flag in {"enable-admission-plugins", "admission-control"}; some p in split(x.value, ",")}
	not "AlwaysPullImages" in plugins
	f := control.missing(c, "enable-admission-plugins=AlwaysPullImages", "low", "images on a node are free for every pod there")
}
