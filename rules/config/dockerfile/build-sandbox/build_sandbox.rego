# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Build steps stay in their sandbox
# description: With --security=insecure a build step has the rights of the builder's machine, with --network=host its network, cloud metadata and neighbouring services included.
# related_resources:
# - ref: https://docs.docker.com/reference/dockerfile/#run---security
#   description: Dockerfile reference, RUN --security and --network
# - ref: https://slsa.dev/spec/v1.1/requirements#isolated
#   description: SLSA, build level 3, isolated
# custom:
#   id: dockerfile.build-sandbox
#   severity: high
#   remediation: Remove the flag; do what needs the rights outside the build, or in a step of its own that checks what it takes.
#   zeroTrust: [Z2, Z13]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.build_sandbox

import data.sealock.lib.config_dockerfile as dockerfile

risky := {"--security=insecure": {"severity": "high", "what": "the rights of the machine"}, "--network=host": {"severity": "medium", "what": "the network of the machine"}}

finding contains f if {
	some i in dockerfile.instructions({"run"})
	some flag in i.instruction.flags
	hit := risky[lower(flag)]
	f := {
		"item": i.item.id, "path": i.path, "severity": hit.severity, "message": sprintf("the build step has %s", [hit.what]), "found": flag,
		"expected": "the sandbox of the builder",
	}
}
