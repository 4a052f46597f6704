# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Files of the image can't be changed by every user
# description: A program that was taken over can then replace other programs and settings, whatever user it runs as.
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/732.html
#   description: CWE-732, incorrect permission assignment
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, AC-6 least privilege
# custom:
#   id: dockerfile.world-writable
#   severity: medium
#   remediation: Give the one user that needs it the file (COPY --chown=…), and others the right to read at most.
#   zeroTrust: [Z13]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.world_writable

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some c in dockerfile.commands
	shell.name(c.words) == "chmod"
	some mode in shell.arguments(c.words)
	open_to_all(mode)
	f := told(c.item, c.path, sprintf("chmod %s", [mode]))
}

finding contains f if {
	some c in dockerfile.commands
	shell.name(c.words) in {"install", "mkdir"}
	some i, w in c.words
	mode := mode_of(w, object.get({n: x | some n, x in c.words}, i + 1, ""))
	open_to_all(mode)
	f := told(c.item, c.path, sprintf("%s -m %s", [shell.name(c.words), mode]))
}

finding contains f if {
	some i in dockerfile.instructions({"copy", "add"})
	some mode in dockerfile.flags(i.instruction, "chmod")
	open_to_all(mode)
	f := told(i.item, i.path, sprintf("--chmod=%s", [mode]))
}

mode_of(w, next) := next if {
	w in {"-m", "--mode"}
} else := m[1] if {
	m := regex.find_all_string_submatch_n(`^(?:-m|--mode=)([0-7]{3,4})$`, w, 1)[0]
}

# The last digit is for everybody; with the sticky bit, as for /tmp, only owners can delete.
open_to_all(mode) if {
	regex.match(`^[0-7]?[0-7]{2}[2367]$`, mode)
	not regex.match(`^[1357][0-7]{3}$`, mode)
}

open_to_all(mode) if regex.match(`(^|,)([ugo]*[ao][ugo]*)[+=][rxX]*w`, mode)

told(item, path, found) := {
	"item": item.id, "path": path, "message": sprintf("every user may change the files (%s)", [found]), "found": found, "expected": "rights to write for one user only",
}
