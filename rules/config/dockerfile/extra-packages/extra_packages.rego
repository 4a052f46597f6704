# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Only packages that were asked for are installed
# description: Recommended packages come along unasked; each is more code that attackers can use and that somebody has to patch.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.3 unnecessary packages are not installed in the container
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.2 image configuration defects
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, CM-7 least functionality
# custom:
#   id: dockerfile.extra-packages
#   severity: low
#   remediation: "Write apt-get install --no-install-recommends, or zypper install --no-recommends, and name what is needed of the rest."
#   zeroTrust: [Z13]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.extra_packages

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

option := {"apt-get": "--no-install-recommends", "apt": "--no-install-recommends", "aptitude": "--without-recommends", "zypper": "--no-recommends"}

verbs := {"install", "in"}

# Only the last stage is shipped.
finding contains f if {
	some r in dockerfile.runs
	regex.match(`\b(apt|apt-get|aptitude|zypper)\b`, r.text)
	dockerfile.in_final(r.item, r.instruction)
	managers := sort([shell.name(words) | some words in shell.commands(r.text); recommends(words)])
	count(managers) > 0
	not set_off(r.item)
	f := {
		"item": r.item.id, "path": r.path, "message": sprintf("%s installs recommended packages too", [managers[0]]), "found": sprintf("%s install", [managers[0]]),
		"expected": option[managers[0]],
	}
}

recommends(words) if {
	wanted := option[shell.name(words)]
	some i, verb in shell.arguments(words)
	verb in verbs
	count([p | some j, p in shell.arguments(words); j > i; not startswith(p, "-")]) > 0
	every a in words {
		a != wanted
		not regex.match(`(?i)Install-Recommends=["']?(0|false|no)|^-R$`, a)
	}
}

# The settings of apt or zypper say it for all.
set_off(item) if {
	some i in item.instructions
	i.cmd in {"run", "copy"}
	regex.match(`(?i)Install-Recommends\S*\s+\\?["']?(0|false|no)|onlyRequires\s*=\s*true`, concat("\n", array.concat([i.text], [h.content | some h in i.heredocs])))
}
