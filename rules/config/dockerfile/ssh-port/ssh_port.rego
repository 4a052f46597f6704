# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Containers are not entered over SSH
# description: An SSH server in a container is a second way in, with keys and accounts that nobody manages.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 5.7 sshd is not run within containers
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.2 image configuration defects
# custom:
#   id: dockerfile.ssh-port
#   severity: medium
#   remediation: Remove the port and the server; use kubectl exec or docker exec, which are authorised and logged.
#   zeroTrust: [Z4, Z14]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.ssh_port

import data.sealock.lib.config_dockerfile as dockerfile

ports := {22: "SSH", 23: "Telnet"}

finding contains f if {
	some i in dockerfile.instructions({"expose"})
	some a in i.instruction.args
	some port, name in ports
	covers(trim(a, `"'`), port)
	f := {
		"item": i.item.id, "path": i.path, "message": sprintf("port %d (%s) is exposed", [port, name]), "found": sprintf("EXPOSE %s", [a]),
		"expected": "no port for remote shells",
	}
}

covers(a, port) if {
	m := regex.find_all_string_submatch_n(`^([0-9]{1,5})(?:-([0-9]{1,5}))?(/tcp|/TCP)?$`, a, 1)[0]
	to_number(m[1]) <= port
	port <= to_number(last(m))
}

last(m) := m[1] if {
	m[2] == ""
} else := m[2]
