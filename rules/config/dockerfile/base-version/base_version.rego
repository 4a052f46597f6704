# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Base images name a version
# description: Without a version, or with one such as latest, each build takes whatever was pushed last, another major version or one with a new fault included.
# related_resources:
# - ref: https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
#   description: Docker, building best practices, pin base image versions
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.2.2 stale images in registries
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.2 containers use only trusted base images
# custom:
#   id: dockerfile.base-version
#   severity: medium
#   remediation: "Write the version and its digest: FROM golang:1.26@sha256:<64 hexadecimal digits>"
#   zeroTrust: [Z1, Z20]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.base_version

import data.sealock.lib.config_dockerfile as dockerfile

finding contains f if {
	some image in dockerfile.images
	not contains(image.value, "@sha256:")
	not contains(image.value, "$")
	dockerfile.moving(image.value)
	f := {
		"item": image.item.id, "path": image.path, "message": sprintf("image %s %s", [image.value, why(image.value)]), "found": image.value,
		"expected": "a version, and @sha256:…",
	}
}

why(image) := "is whatever was pushed last" if {
	contains(dockerfile.leaf(image), ":")
} else := "has no version"
