# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Base images are pinned by digest
# description: A tag can be pushed again with other content, so two builds of the same file can give different images, and nobody can say what a build was made of.
# related_resources:
# - ref: https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
#   description: Docker, building best practices, pin base image versions
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.2 containers use only trusted base images
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.5 use of untrusted images
# custom:
#   id: dockerfile.base-pinned
#   severity: low
#   remediation: "Write the digest behind the tag: FROM golang:1.26@sha256:<64 hexadecimal digits>"
#   zeroTrust: [Z1, Z20]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.base_pinned

import data.sealock.lib.config_dockerfile as dockerfile

# An image without a version is a finding of dockerfile.base-version.
finding contains f if {
	some image in dockerfile.images
	not contains(image.value, "@sha256:")
	not contains(image.value, "$")
	not dockerfile.moving(image.value)
	f := {
		"item": image.item.id, "path": image.path, "message": sprintf("image %s has no digest", [image.value]), "found": image.value,
		"expected": sprintf("%s@sha256:…", [image.value]),
	}
}
