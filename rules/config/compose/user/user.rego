# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services do not run as root"
# description: "Root in a container is root on the host as soon as anything else gives way."
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 2"
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 4.1"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: compose.user
#   severity: low
#   remediation: "Write user: \"65532:65532\" or another number above 0."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.user

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	user := sprintf("%v", [pods.at(x.s.spec, ["user"], "")])
	root(x, user)
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["user"]), "severity": severity(user), "message": sprintf("service %q %s", [x.s.name, how(user)]), "found": told(user),
		"expected": "a number above 0",
	}
}

root(x, "") if not pods.built(x)

root(_, user) if regex.match(`^(root|0+)(:|$)`, user)

severity("") := "low"

severity(user) := "medium" if user != ""

how("") := "runs as the image's user, which is root unless it says otherwise"

how(user) := "runs as root" if user != ""

told("") := "no user"

told(user) := sprintf("user: %s", [user]) if user != ""
