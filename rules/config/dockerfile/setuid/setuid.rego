# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No program gets the setuid bit
# description: A program with that bit runs as its owner, usually root, whoever starts it. A fault in it makes the container's user root.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.8 setuid and setgid permissions are removed
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, AC-6 least privilege
# custom:
#   id: dockerfile.setuid
#   severity: high
#   remediation: Leave the bit out; give the program the one capability that it needs, when the container starts.
#   zeroTrust: [Z13]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.setuid

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some c in dockerfile.commands
	shell.name(c.words) in {"chmod", "install"}
	some mode in shell.arguments(c.words)
	sets(mode)
	f := told(c.item, c.path, sprintf("%s %s", [shell.name(c.words), mode]))
}

finding contains f if {
	some i in dockerfile.instructions({"copy", "add"})
	some mode in dockerfile.flags(i.instruction, "chmod")
	sets(mode)
	f := told(i.item, i.path, sprintf("--chmod=%s", [mode]))
}

sets(mode) if regex.match(`^(-m|--mode=)?0?[4567][0-7]{3}$`, mode)

sets(mode) if regex.match(`^([ugoa]*u[ugoa]*|a|)\+[rwxX]*s[rwxXst]*$`, mode)

sets(mode) if regex.match(`(^|,)u[+=][rwxX]*s`, mode)

told(item, path, found) := {
	"item": item.id, "path": path, "message": sprintf("a program gets the setuid bit (%s)", [found]), "found": found, "expected": "no setuid bit",
}
