# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Lists of packages are updated in the step that installs
# description: An update alone is kept in the build's cache; later installs then use old lists, and old packages with known faults.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.7 update instructions are not used alone
# - ref: https://docs.docker.com/build/building/best-practices/#apt-get
#   description: Docker, building best practices, apt-get
# custom:
#   id: dockerfile.update-alone
#   severity: low
#   remediation: "Write both in one step: RUN apt-get update && apt-get install …"
#   zeroTrust: [Z22]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.update_alone

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

updates := {
	"apt-get": {"update"}, "apt": {"update"}, "apk": {"update"}, "yum": {"makecache"}, "dnf": {"makecache"}, "zypper": {"refresh", "ref"}, "pacman": {"-Sy"},
}

finding contains f if {
	some r in dockerfile.runs
	regex.match(`update|makecache|refresh|-Sy`, r.text)
	all := shell.commands(r.text)
	some words in all
	verbs := updates[shell.name(words)]
	some a in shell.arguments(words)
	a in verbs
	count([1 | some other in all; uses_lists(other)]) == 0
	count([1 | some other in all; shell.name(other) in {"make", "sh", "bash"}]) == 0
	f := {
		"item": r.item.id, "path": r.path, "message": sprintf("%s %s stands alone", [shell.name(words), a]), "found": sprintf("%s %s", [shell.name(words), a]),
		"expected": "the update and the install in one step",
	}
}

uses_lists(words) if {
	some a in words
	a in {"install", "add", "upgrade", "dist-upgrade", "full-upgrade", "build-dep", "satisfy", "-S", "source", "download"}
}

# These bring the packages up to date themselves; a later step that installs gets old ones all the same while the cache holds.
upgrades := {"yum": "update", "dnf": "update", "microdnf": "update", "pacman": "-Syu"}

finding contains f if {
	some r in dockerfile.runs
	regex.match(`\b(yum|dnf|microdnf|pacman)\b`, r.text)
	all := shell.commands(r.text)
	some words in all
	verb := upgrades[shell.name(words)]
	verb in shell.arguments(words)
	count([a | some a in shell.arguments(words); not startswith(a, "-"); a != verb]) == 0
	count([1 | some other in all; uses_lists(other)]) == 0
	some later in dockerfile.commands
	later.item.id == r.item.id
	later.instruction.stage == r.instruction.stage
	later.path[1] > r.path[1]
	shell.name(later.words) == shell.name(words)
	uses_lists(later.words)
	f := {
		"item": r.item.id, "path": r.path, "message": sprintf("%s %s stands alone", [shell.name(words), verb]), "found": sprintf("%s %s", [shell.name(words), verb]),
		"expected": "the update and the install in one step",
	}
}
