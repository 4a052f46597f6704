# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Builds from a repository name a commit"
# description: "A branch or tag of a repository can be moved, and the next build is one of other code."
# related_resources:
# - ref: https://docs.docker.com/build/concepts/context/#url-queries
#   description: "Docker, build contexts from Git repositories"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/d/final
#   description: "NIST SP 800-204D, 5.1 dependencies of a build"
# custom:
#   id: compose.build-context
#   severity: medium
#   remediation: "Write the commit behind #: https://github.com/example/app.git#<40 hexadecimal digits>"
#   zeroTrust: [Z1, Z20]
#   kinds: [compose]
package sealock.config.compose.build_context

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	some place in contexts(x.s.spec)
	is_string(place.value)
	remote(place.value)
	not regex.match(`#[0-9a-f]{40}(:|$)|[?&]checksum=[0-9a-f]{40}|\$`, place.value)
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, place.path), "severity": severity(place.value),
		"message": sprintf("service %q is built from a repository whose content can change", [x.s.name]), "found": regex.replace(place.value, `://[^/@]*@`, "://…@"),
		"expected": "a commit behind #",
	}
}

contexts(spec) := array.concat(
	[{"path": ["build"], "value": pods.at(spec, ["build"], "")}, {"path": ["build", "context"], "value": pods.at(spec, ["build", "context"], "")}],
	[{"path": ["build", "additional_contexts", name], "value": value} | some name, value in pods.dict(spec, ["build", "additional_contexts"])],
)

remote(value) if regex.match(`^(https?|git|ssh)://|^git@|^github\.com/`, value)

severity(value) := "high" if {
	regex.match(`^(http|git)://`, value)
} else := "medium"
