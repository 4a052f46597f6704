# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: ADD checks what it downloads
# description: The file behind an address can change, or be changed on its way, and gets into the image unseen.
# related_resources:
# - ref: https://docs.docker.com/reference/dockerfile/#add---checksum
#   description: Dockerfile reference, ADD --checksum
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.9 COPY is used instead of ADD
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SI-7 integrity of software
# custom:
#   id: dockerfile.add-remote
#   severity: medium
#   remediation: "Write the digest: ADD --checksum=sha256:<64 hexadecimal digits> https://…; for a Git repository, the commit behind #."
#   zeroTrust: [Z1]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.add_remote

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some c in dockerfile.copies
	c.instruction.cmd == "add"
	remote(c.source)
	count(dockerfile.flags(c.instruction, "checksum")) == 0
	not regex.match(`#[0-9a-f]{40}(:|$)`, c.source)
	f := {
		"item": c.item.id, "path": c.path, "severity": severity(c.source), "message": sprintf("ADD takes %s without a digest", [shell.clip(c.source)]),
		"found": shell.clip(c.source), "expected": "ADD --checksum=sha256:…",
	}
}

remote(source) if regex.match(`^(https?|ftp|git|ssh)://|^git@`, source)

severity(source) := "high" if {
	regex.match(`^(http|ftp|git)://`, source)
} else := "medium"
