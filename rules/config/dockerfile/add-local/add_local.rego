# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Files are copied with COPY
# description: ADD unpacks archives and follows addresses, so the same line does something else when somebody changes a file or a variable. COPY only copies.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.9 COPY is used instead of ADD
# - ref: https://docs.docker.com/build/building/best-practices/#add-or-copy
#   description: Docker, building best practices, ADD or COPY
# custom:
#   id: dockerfile.add-local
#   severity: low
#   remediation: Write COPY instead of ADD.
#   zeroTrust: [Z1]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.add_local

import data.sealock.lib.config_dockerfile as dockerfile

finding contains f if {
	some i in dockerfile.instructions({"add"})
	sources := [s | some s in array.slice(i.instruction.args, 0, count(i.instruction.args) - 1); not startswith(s, "<<")]
	count(sources) > 0
	every s in sources { copied(s, i.instruction.args[count(i.instruction.args) - 1]) }
	f := {
		"item": i.item.id, "path": i.path, "message": sprintf("ADD copies %s", [concat(", ", sources)]), "found": "ADD", "expected": "COPY",
	}
}

copied(s, _) if plain(s)

# What is in a variable is no archive if the name of the file is said.
copied(s, to) if {
	regex.match(`^\$\{?\w+\}?$`, s)
	regex.match(`\.(jar|war|ear|py|js|json|ya?ml|xml|conf|cfg|ini|properties|sh|txt|html?|sql|rb|php|so|crt|pem)$`, to)
}

plain(s) if not regex.match(`(?i)^[a-z+]+://|^git@|\$|\.(tar|tgz|tbz2?|txz|tzst|tar\.\w+|gz|xz|bz2|zst)$|\.tar[.*]|\*$`, s)
