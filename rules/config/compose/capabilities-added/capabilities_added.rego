# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services get no capabilities back"
# description: "Each capability is a part of root's power; SYS_ADMIN is as good as all of it, NET_ADMIN and NET_RAW reach the neighbours' traffic."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.4"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 3"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: compose.capabilities-added
#   severity: medium
#   remediation: "Write cap_drop: [ALL], and add back nothing but NET_BIND_SERVICE."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.capabilities_added

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["cap_add"])
	name := pods.capability(v)
	name != "NET_BIND_SERVICE"
	not kept(x, name)
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["cap_add", i]), "severity": severity(name), "message": sprintf("service %q is given the capability %s", [x.s.name, name]),
		"found": name, "expected": "no capability but NET_BIND_SERVICE",
	}
}

# kept(x, name) if all are dropped, and one of those that containers have anyway is kept.
kept(x, name) if {
	name in pods.ordinary
	"ALL" in {pods.capability(v) | some v in pods.list(x.s.spec, ["cap_drop"])}
}

severity(name) := "critical" if {
	name in {"ALL", "SYS_ADMIN", "SYS_MODULE"}
} else := "high" if {
	name in pods.dangerous
} else := "low" if {
	name in pods.ordinary
} else := "medium"
