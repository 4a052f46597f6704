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
#   severity: medium
#   remediation: "Write the digest behind the tag: FROM golang:1.26@sha256:<64 hexadecimal digits>"
#   zeroTrust: [Z1, Z20]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.base_pinned

import data.sealock.lib.config_dockerfile as dockerfile

finding contains f if {
	some image in images
	not contains(image.value, "@sha256:")
	not contains(image.value, "$")
	f := object.union(
		{
			"item": image.item.id, "path": image.path, "found": image.value, "expected": sprintf("%s@sha256:…", [image.value]),
		},
		judged(image.value),
	)
}

images := array.concat(
	array.concat(
		[{"item": item, "path": s.path, "value": s.image} | some item in input.dockerfiles; some s in item.stages; s.base == null; s.image != "scratch"; s.image != ""],
		[{"item": i.item, "path": i.path, "value": value} |
			some i in dockerfile.instructions({"copy"})
			some value in dockerfile.flags(i.instruction, "from")
			external(i.item, i.instruction, value)
		],
	),
	[{"item": i.item, "path": i.path, "value": value} |
		some i in dockerfile.instructions({"run"})
		some mount in dockerfile.flags(i.instruction, "mount")
		some part in split(mount, ",")
		startswith(part, "from=")
		value := trim_prefix(part, "from=")
		external(i.item, i.instruction, value)
	],
)

# What names no stage of the file is an image. Build contexts have names without a tag; they can't be told from images of Docker Hub.
external(item, instruction, value) if {
	not regex.match(`^[0-9]+$`, value)
	count([1 | some s in item.stages; lower(s.name) == lower(value)]) == 0
	regex.match(`[:/@]`, value)
	instruction.stage >= 0
}

leaf(value) := parts[count(parts) - 1] if parts := split(value, "/")

judged(value) := {"severity": "medium", "message": sprintf("image %s has no version", [value])} if {
	not contains(leaf(value), ":")
} else := {"severity": "medium", "message": sprintf("image %s is whatever was pushed last", [value])} if {
	regex.match(`:(latest|stable|edge|master|main|nightly|dev)$`, leaf(value))
} else := {"severity": "low", "message": sprintf("image %s has no digest", [value])}
