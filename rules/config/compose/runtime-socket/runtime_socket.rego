# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No service has the container runtime's socket"
# description: "Whoever can write to the runtime's socket is root on the host, whether it is mounted read-only or not."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.32"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 1"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 3.5.2"
# custom:
#   id: compose.runtime-socket
#   severity: high
#   remediation: "Remove the mount; where the API is needed, put a proxy before it that lets only reading through."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.runtime_socket

import data.sealock.lib.config_workload as pods

finding contains f if {
	some m in mounts
	pods.runtime_socket(m.source)
	f := {
		"item": m.item.id, "path": m.path, "message": sprintf("service %q can command the container runtime of its host", [m.service]), "found": m.source,
		"expected": "no socket of the runtime",
	}
}

mounts contains {"item": x.item, "service": x.s.name, "path": array.concat(x.s.path, ["volumes", i]), "source": source(v)} if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["volumes"])
}

source(v) := split(v, ":")[0] if {
	is_string(v)
} else := pods.text(pods.at(v, ["source"], ""))

# A daemon that listens on the network is the same without a socket.
finding contains f if {
	some x in pods.services
	text := json.marshal([pods.at(x.s.spec, ["command"], ""), pods.at(x.s.spec, ["entrypoint"], "")])
	regex.match(`tcp://(0\.0\.0\.0|\[::\])?:2375`, text)
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["command"]), "message": sprintf("service %q offers the runtime's API without a login", [x.s.name]),
		"found": "port 2375 on all interfaces", "expected": "TLS with client certificates on port 2376",
	}
}
