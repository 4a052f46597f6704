# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Databases are not published on all interfaces"
# description: "A port without an address is open to the whole network, and Docker opens it past the host's firewall."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.14"
# - ref: https://docs.docker.com/engine/network/packet-filtering-firewalls/
#   description: "Docker, packet filtering and firewalls"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7"
# custom:
#   id: compose.ports
#   severity: medium
#   remediation: "Leave ports out, so that only services of the same network reach it, or write 127.0.0.1:5432:5432."
#   zeroTrust: [Z14]
#   kinds: [compose]
package sealock.config.compose.ports

import data.sealock.lib.config_workload as pods

delicate := {
	"1433", "1521", "2375", "2379", "3306", "5432", "5433", "5984", "6379", "7474", "7687", "8086", "8500", "9042", "9200", "9300", "11211", "26257", "27017", "27018",
	"5672", "15672", "2181", "9092", "50000", "3389", "5900", "22", "23",
}

finding contains f if {
	some x in pods.services
	some i, p in pods.list(x.s.spec, ["ports"])
	port := published(p)
	port.target in delicate
	not regex.match(`^(127\.|localhost$|\[?::1\]?$)`, port.address)
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["ports", i]), "severity": severity(port.target),
		"message": sprintf("port %s of service %q is open to the network", [port.target, x.s.name]), "found": sprintf("%v", [shown(p)]), "expected": "127.0.0.1 before the port, or no port",
	}
}

shown(p) := p if {
	not is_object(p)
} else := sprintf("target: %v", [object.get(p, "target", "")])

severity(port) := "high" if {
	port == "2375"
} else := "medium"

# published(p) takes a port apart: "127.0.0.1:5432:5432/tcp", 5432, {target: 5432, host_ip: …}.
published(p) := {"target": sprintf("%v", [pods.at(p, ["target"], "")]), "address": pods.text(pods.at(p, ["host_ip"], ""))} if {
	is_object(p)
} else := {"target": parts[count(parts) - 1], "address": concat(":", array.slice(parts, 0, count(parts) - 2))} if {
	plain := split(sprintf("%v", [p]), "/")[0]
	parts := split(regex.replace(plain, `\$\{[^}]*\}`, "x"), ":")
}
