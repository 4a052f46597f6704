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

import data.sealock.lib.config_compose as compose
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["volumes"])
	sockets := [s | some s in named(v); is_socket(s)]
	count(sockets) > 0
	f := told(x, compose.mounted(i, v), sockets[0])
}

# Compose mounts the socket itself, and gives the service the credentials of whoever starts it.
finding contains f if {
	some x in pods.services
	pods.at(x.s.spec, ["use_api_socket"], false) in {true, "true"}
	f := told(x, ["use_api_socket"], "use_api_socket: true")
}

told(x, path, found) := {
	"item": x.item.id, "path": array.concat(x.s.path, path), "message": sprintf("service %q can command the container runtime of its host", [x.s.name]), "found": found,
	"expected": "no socket of the runtime",
}

# named(v) is the paths that a mount names; variables are what they fall back to.
named(v) := [regex.replace(p, `^(\$\{)?\w*:?-|\}$`, "") | some p in regex.split(`:`, v)] if {
	is_string(v)
} else := [pods.text(pods.at(v, ["source"], ""))]

is_socket(path) if pods.runtime_socket(path)

# On Windows it is a pipe.
is_socket(path) if regex.match(`(?i)[\\/]pipe[\\/](docker_engine|containerd-containerd|podman-machine-default)$`, path)

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
