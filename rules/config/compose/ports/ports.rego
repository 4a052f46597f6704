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

import data.sealock.lib.config_compose as compose

delicate := {
	"1433", "1521", "2375", "2379", "3306", "5432", "5433", "5984", "6379", "7474", "7687", "8086", "8500", "9042", "9200", "9300", "11211", "26257", "27017", "27018",
	"5672", "15672", "2181", "9092", "50000", "3389", "5900", "22", "23",
}

finding contains f if {
	some port in compose.ports
	port.target in delicate
	not compose.local(port)
	f := {
		"item": port.item.id, "path": port.path, "severity": severity(port.target),
		"message": sprintf("port %s of service %q is open to the network", [port.target, port.service]), "found": port.text, "expected": "127.0.0.1 before the port, or no port",
	}
}

severity(port) := "high" if {
	port == "2375"
} else := "medium"
