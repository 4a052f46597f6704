# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The health check of the image is not switched off
# description: Without a health check, Docker keeps a container running that answers no more. Kubernetes uses its own probes instead, so the instruction is only demanded where the parameter says so.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.6 HEALTHCHECK instructions have been added
# - ref: https://docs.docker.com/reference/dockerfile/#healthcheck
#   description: Dockerfile reference, HEALTHCHECK
# custom:
#   id: dockerfile.healthcheck
#   severity: low
#   remediation: "Write HEALTHCHECK CMD with a command that fails if the program does not answer."
#   zeroTrust: [Z12]
#   kinds: [dockerfiles]
#   parameters:
#     required: {type: boolean, default: false, about: "whether an image without HEALTHCHECK is a finding too"}
package sealock.config.dockerfile.healthcheck

import data.sealock.lib.config_dockerfile as dockerfile

finding contains f if {
	some i in dockerfile.instructions({"healthcheck"})
	dockerfile.in_final(i.item, i.instruction)
	upper(concat(" ", i.instruction.args)) == "NONE"
	f := {
		"item": i.item.id, "path": i.path, "message": "the health check is switched off", "found": "HEALTHCHECK NONE", "expected": "HEALTHCHECK CMD …",
	}
}

finding contains f if {
	data.params["dockerfile.healthcheck"].required == true
	some item in input.dockerfiles
	stage := dockerfile.final(item)
	count([1 | some i in item.instructions; i.cmd == "healthcheck"; i.stage in dockerfile.chain(item, stage)]) == 0
	f := {
		"item": item.id, "path": stage.path, "message": "the image has no health check", "found": "no HEALTHCHECK", "expected": "HEALTHCHECK CMD …",
	}
}
