# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Images are named by digest"
# description: "A tag names whatever somebody pushed last: what runs is not what was scanned and signed, and two pods of one Deployment may differ."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.2.2"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.5.1"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K02 Supply chain vulnerabilities"
# custom:
#   id: workload.image-digest
#   severity: low
#   remediation: "Name the image by the digest that was verified, as in registry.example.com/shop/auth@sha256:…"
#   zeroTrust: [Z1, Z20]
#   kinds: [kubernetes]
package sealock.config.workload.image_digest

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	ref := pods.at(x.c.spec, ["image"], "")
	is_string(ref)
	not pods.placeholder(ref)
	i := pods.image(ref)
	not pods.pinned(i)
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["image"]), "severity": severity(i),
		"message": sprintf("the image of container %q %s", [x.c.name, why(i)]), "found": ref, "expected": "an image with @sha256: and 64 digits",
	}
}

severity(i) := "medium" if {
	i.digest != ""
} else := "low"

why(i) := "has a digest that is none" if {
	i.digest != ""
} else := "has neither tag nor digest" if {
	i.tag == ""
} else := "is named by a tag, which can be moved"
