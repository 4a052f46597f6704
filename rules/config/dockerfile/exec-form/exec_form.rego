# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Programs start without a shell
# description: A command that is not a JSON list is given to a shell, which the image then needs to have, which keeps signals from the program, and which reads each argument as code.
# related_resources:
# - ref: https://docs.docker.com/reference/build-checks/json-args-recommended/
#   description: Docker, build check JSONArgsRecommended
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.2 image configuration defects
# custom:
#   id: dockerfile.exec-form
#   severity: low
#   remediation: "Write a JSON list, with double quotes: ENTRYPOINT [\"/app\", \"--port=8080\"]"
#   zeroTrust: [Z13]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.exec_form

import data.sealock.lib.config_dockerfile as dockerfile

finding contains f if {
	some i in dockerfile.instructions({"cmd", "entrypoint"})
	i.instruction.json != true
	i.instruction.onbuild != true
	dockerfile.in_final(i.item, i.instruction)
	count([1 | some s in i.item.instructions; s.cmd == "shell"; s.stage in dockerfile.chain(i.item, dockerfile.final(i.item))]) == 0
	text := concat(" ", i.instruction.args)
	why := reason(trim_space(text))
	f := {
		"item": i.item.id, "path": i.path, "message": sprintf("%s %s", [upper(i.instruction.cmd), why]), "found": sprintf("%s in the form of a shell's command", [upper(i.instruction.cmd)]),
		"expected": "a JSON list",
	}
}

# What uses the shell on purpose, or leaves it by exec, is none.
reason(text) := "looks like a JSON list and is none, so a shell is given all of it" if {
	startswith(text, "[")
	endswith(text, "]")
} else := "starts a shell, which starts the program" if {
	text != ""
	not regex.match(`^exec\s|[$|&;<>*\x60()]`, text)
}
