# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Images in which jobs run are pinned by digest
# description: A tag can be pushed again with other content. The image sees the job's sources, token and secrets.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#unpinned-images
#   description: zizmor, unpinned-images
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse
#   description: OWASP CI/CD risks, CICD-SEC-3
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.5 use of untrusted images
# custom:
#   id: pipeline.image-pinned
#   severity: medium
#   remediation: "Write the image with its digest: image: golang:1.26@sha256:<64 hexadecimal digits>"
#   zeroTrust: [Z1, Z20]
#   kinds: [github, gitlab]
package sealock.config.pipeline.image_pinned

import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab

finding contains f if {
	some image in images
	not contains(image.value, "@sha256:")
	not unknown(image.value)
	f := {
		"item": image.item.id, "path": image.path, "severity": severity(image.value),
		"message": sprintf("image %s has no digest%s", [image.value, without(image.value)]),
		"found": image.value, "expected": "an image with @sha256:…",
	}
}

images := array.concat(array.concat(docker_actions, containers), array.concat(gitlab.images, matrix_images))

docker_actions := array.concat(
	[{"item": c.item, "path": c.path, "value": trim_prefix(c.value, "docker://")} | some c in github.calls; startswith(c.value, "docker://")],
	[{"item": item, "path": ["runs", "image"], "value": trim_prefix(image, "docker://")} |
		some item in input.github
		image := object.get(item.object, ["runs", "image"], "")
		is_string(image)
		startswith(image, "docker://")
	],
)

containers := [{"item": j.item, "path": array.concat(j.job.path, place.path), "value": trim_prefix(place.value, "docker://")} |
	some j in github.jobs
	some place in places(j.job.spec)
	is_string(place.value)
	place.value != ""
]

places(spec) := array.concat(
	[{"path": ["container"], "value": object.get(spec, "container", null)}, {"path": ["container", "image"], "value": object.get(spec, ["container", "image"], null)}],
	array.concat(
		[{"path": ["services", name], "value": s} | some name, s in object.get(spec, "services", {})],
		[{"path": ["services", name, "image"], "value": object.get(s, "image", null)} | some name, s in object.get(spec, "services", {})],
	),
)

# image: ${{ matrix.x }} is each of the values of the matrix.
matrix_images := [{"item": j.item, "path": array.concat(j.job.path, ["strategy", "matrix", name, n]), "value": value} |
	some j in github.jobs
	some place in places(j.job.spec)
	is_string(place.value)
	m := regex.find_all_string_submatch_n(`^\$\{\{\s*matrix\.([\w-]+)\s*\}\}$`, place.value, 1)[0]
	name := m[1]
	values := object.get(j.job.spec, ["strategy", "matrix", name], [])
	is_array(values)
	some n, value in values
	is_string(value)
	value != ""
]

# What a variable or an expression stands for is not known here.
unknown(value) if contains(value, "$")

leaf(value) := parts[count(parts) - 1] if parts := split(value, "/")

tagless(value) if not contains(leaf(value), ":")

tagless(value) if endswith(leaf(value), ":latest")

severity(value) := "medium" if {
	tagless(value)
} else := "low"

without(value) := ", nor a version" if {
	tagless(value)
} else := ""
