# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The build does without sudo
# description: sudo in an image lets its user become root again, which makes USER worthless. A build that needs root can switch with USER.
# related_resources:
# - ref: https://docs.docker.com/build/building/best-practices/#user
#   description: Docker, building best practices, USER; avoid sudo
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, AC-6 least privilege
# custom:
#   id: dockerfile.sudo
#   severity: medium
#   remediation: Run what needs root before the USER instruction, and do not install sudo.
#   zeroTrust: [Z13]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.sudo

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some r in dockerfile.runs
	regex.match(`(?i)sudo|wheel`, r.text)
	hit := judged(r)
	f := object.union({"item": r.item.id, "path": r.path, "expected": "a build that switches with USER"}, hit)
}

judged(r) := {"severity": "high", "message": "a user may become root without a password", "found": "NOPASSWD"} if {
	regex.match(`NOPASSWD`, shell.plain(r.text))
} else := {"message": "sudo is used in the build", "found": "sudo"} if {
	some words in shell.commands(r.text)
	words[0] == "sudo"
	count(words) > 1
} else := {"severity": "low", "message": "sudo is installed in the image", "found": "sudo"} if {
	dockerfile.in_final(r.item, r.instruction)
	some words in shell.commands(r.text)
	shell.name(words) in {"apt-get", "apt", "apk", "yum", "dnf", "microdnf", "zypper", "pacman"}
	installs(words)
} else := {"message": "a user is put into a group that may become root", "found": group} if {
	dockerfile.in_final(r.item, r.instruction)
	some words in shell.commands(r.text)
	group := joined(words)
}

# joined(words) is the group with all rights that a command puts somebody into.
joined(words) := group if {
	shell.name(words) in {"usermod", "useradd", "adduser", "addgroup", "gpasswd"}
	some w in shell.arguments(words)
	some group in split(trim_prefix(w, "--groups="), ",")
	group in {"sudo", "wheel"}
	count(shell.arguments(words)) > 1
}

installs(words) if {
	some verb in {"install", "add", "-S", "-Sy", "-Syu"}
	some i, w in words
	w == verb
	some j, p in words
	j > i
	regex.match(`^sudo(=.*)?$`, p)
}
