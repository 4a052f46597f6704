# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.devices_test

import data.sealock.config.compose.devices as rule
import data.sealock.lib.samples_test as samples

devices(list) := samples.compose({"web": {"devices": list}})

test_a_disk if {
	samples.marks(rule.finding) == {"high services/web/devices/0"} with input as devices(["/dev/sda:/dev/xvda:rwm"])
}

test_other_devices if {
	samples.marks(rule.finding) == {"medium services/web/devices/0"} with input as devices([{"source": "/dev/fuse", "target": "/dev/fuse"}])
}

test_graphics_and_serial_lines_are_fine if {
	rule.finding == set() with input as devices(["/dev/dri:/dev/dri", "/dev/ttyUSB0:/dev/ttyUSB0"])
}

test_none_are_fine if {
	rule.finding == set() with input as devices([])
	rule.finding == set() with input as devices(["vendor1.com/device=gpu", null])
}

test_rules_for_devices if {
	samples.marks(rule.finding) == {"high services/web/device_cgroup_rules/0", "high services/web/device_cgroup_rules/1"} with input as samples.compose({"web": {"device_cgroup_rules": ["a *:* rwm", "b 8:* r", "c 188:* rmw"]}})
}
