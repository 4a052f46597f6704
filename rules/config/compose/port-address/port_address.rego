# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Ports are published on an address that was chosen"
# description: "A port without an address is open on all interfaces of the host, and Docker opens it past the host's firewall. Ports 80 and 443 are left out: they are published to be reached."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.14"
# - ref: https://docs.docker.com/engine/network/packet-filtering-firewalls/
#   description: "Docker, packet filtering and firewalls"
# custom:
#   id: compose.port-address
#   severity: low
#   remediation: "Write the address before the port, such as 127.0.0.1:8080:8080, or leave ports out where only other services call."
#   zeroTrust: [Z14]
#   kinds: [compose]
package sealock.config.compose.port_address

import data.sealock.lib.config_compose as compose

finding contains f if {
	some port in compose.ports
	port.address == ""
	not port.first in {"80", "443"}
	not data.sealock.config.compose.ports.delicate[port.target]
	f := {
		"item": port.item.id, "path": port.path, "message": sprintf("port %s of service %q is open on all interfaces of the host", [port.target, port.service]),
		"found": port.text, "expected": "an address before the port",
	}
}
