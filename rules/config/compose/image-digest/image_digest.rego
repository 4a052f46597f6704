# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Images are named by digest"
# description: "A tag names whatever somebody pushed last, so what runs is not what was scanned."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.28"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.2.2"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 13"
# custom:
#   id: compose.image-digest
#   severity: low
#   remediation: "Name the image by the digest that was verified, as in postgres:17@sha256:…"
#   zeroTrust: [Z1, Z20]
#   kinds: [compose]
package sealock.config.compose.image_digest

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	not pods.built(x)
	ref := pods.at(x.s.spec, ["image"], "")
	is_string(ref)
	not pods.placeholder(ref)
	i := pods.image(ref)
	not pods.pinned(i)
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["image"]), "severity": severity(i), "message": sprintf("the image of service %q is named by %s", [x.s.name, what(i)]),
		"found": ref, "expected": "an image with @sha256: and 64 digits",
	}
}

severity(i) := "medium" if {
	i.tag in {"", "latest"}
} else := "low"

what(i) := "nothing that stays" if {
	i.tag in {"", "latest"}
} else := "a tag, which can be moved"
