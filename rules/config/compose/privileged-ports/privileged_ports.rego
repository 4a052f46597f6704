# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services take no privileged port of the host"
# description: "Below 1024 are the ports that others trust to be the host's own services: SSH, mail, names. A container there stands in for them. Ports 80 and 443 are left out."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.8"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, CM-7"
# custom:
#   id: compose.privileged-ports
#   severity: low
#   remediation: "Publish the port above 1023, or put a load balancer before it."
#   zeroTrust: [Z13, Z14]
#   kinds: [compose]
package sealock.config.compose.privileged_ports

import data.sealock.lib.config_compose as compose

finding contains f if {
	some port in compose.ports
	regex.match(`^[0-9]{1,4}$`, port.first)
	to_number(port.first) < 1024
	not port.first in {"0", "80", "443"}
	f := {
		"item": port.item.id, "path": port.path, "message": sprintf("service %q takes the privileged port %s of the host", [port.service, port.first]), "found": port.text,
		"expected": "a port above 1023",
	}
}
