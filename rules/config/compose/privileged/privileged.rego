# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services are not privileged"
# description: "A privileged container has the host's devices and all capabilities; whoever takes it over owns the host."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.5"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 3"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: compose.privileged
#   severity: critical
#   remediation: "Remove privileged, and add the one capability or device that is needed."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.privileged

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	on(pods.at(x.s.spec, ["privileged"], false))
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["privileged"]), "message": sprintf("service %q is privileged", [x.s.name]), "found": "privileged: true",
		"expected": "privileged: false, or left out",
	}
}

# Compose takes the words of YAML 1.1 as well, and what a variable falls back to.
on(v) if config.truthy(v)

on(v) if {
	is_string(v)
	regex.match(`^(\$\{\w+:?[-+])?(true|y|yes|on)\}?$`, lower(v))
}
