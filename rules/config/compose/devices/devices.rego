# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services have no devices of the host"
# description: "Through a disk, the memory or another device a container reads and changes the host."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.18"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: compose.devices
#   severity: medium
#   remediation: "Remove the device."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.devices

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["devices"])
	device := name(v)
	not regex.match(`^/dev/(dri|kfd|nvidia[^/]*|null|zero|random|urandom|video[0-9]+|snd|ttyUSB[0-9]+|ttyACM[0-9]+|serial)(/|$)`, device)
	startswith(device, "/dev")
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["devices", i]), "severity": severity(device), "message": sprintf("service %q has the device %s", [x.s.name, device]),
		"found": device, "expected": "no device",
	}
}

name(v) := split(v, ":")[0] if {
	is_string(v)
} else := pods.text(pods.at(v, ["source"], ""))

severity(device) := "high" if {
	regex.match(`^/dev/(mem|kmem|port|sd[a-z]|nvme|vd[a-z]|xvd|dm-|mapper|disk|loop)|^/dev/?$`, device)
} else := "medium"

# Rules for whole kinds of devices, which the container can then make itself.
finding contains f if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["device_cgroup_rules"])
	is_string(v)
	regex.match(`^\s*(a\b|b\s|c\s+\*)`, v)
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["device_cgroup_rules", i]), "severity": "high", "message": sprintf("service %q may use devices %s", [x.s.name, v]),
		"found": v, "expected": "no device",
	}
}
