# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Images in which Jenkins builds run are pinned by digest
# description: A tag can be pushed again with other content. The image sees the build's sources and credentials.
# related_resources:
# - ref: https://www.jenkins.io/doc/book/pipeline/docker/
#   description: Jenkins, using Docker with Pipeline
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse
#   description: OWASP CI/CD risks, CICD-SEC-3
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.5 use of untrusted images
# custom:
#   id: pipeline.jenkins-image-pin
#   severity: medium
#   remediation: "Write the image with its digest: docker { image 'maven:3.9@sha256:<64 hexadecimal digits>' }"
#   zeroTrust: [Z1, Z20]
#   kinds: [jenkins]
package sealock.config.pipeline.jenkins_image_pin

import data.sealock.lib.config_workload as workload

finding contains f if {
	some item in input.jenkins
	some n, image in item.images
	not workload.placeholder(image.name)
	parts := workload.image(image.name)
	not workload.pinned(parts)
	f := object.union(
		{"item": item.id, "path": ["images", n], "found": image.name, "expected": "an image with @sha256:…"},
		rated(image.name, parts.tag),
	)
}

rated(name, tag) := {"severity": "medium", "message": sprintf("image %s has no digest, nor a version", [name])} if {
	tag in {"", "latest"}
} else := {"severity": "low", "message": sprintf("image %s has no digest", [name])}
