# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services keep the runtime's security profiles"
# description: "unconfined and label:disable take away the profiles that hold a container back when something else fails."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.2, 5.3 and 5.22"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 6"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: compose.security-profiles
#   severity: high
#   remediation: "Remove the option, or name a profile of your own."
#   zeroTrust: [Z27]
#   kinds: [compose]
package sealock.config.compose.security_profiles

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["security_opt"])
	is_string(v)
	regex.match(`^((label:)?seccomp|apparmor|systempaths):unconfined$|^label:disable$|^unmask:(all|/.*)$`, replace(lower(v), "=", ":"))
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["security_opt", i]), "message": sprintf("service %q gives up a security profile", [x.s.name]), "found": v,
		"expected": "the runtime's profiles",
	}
}
