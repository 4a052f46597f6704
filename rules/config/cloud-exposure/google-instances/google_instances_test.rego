# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_instances_test

import data.sealock.config.cloud_exposure.google_instances as rule
import data.sealock.lib.config_cloud_test as t

test_no_os_login if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"metadata": {"enable-oslogin": "FALSE"}, "shielded_instance_config": [{"enable_secure_boot": true}]})])
	t.paths(findings) == {["metadata", "enable-oslogin"]}
}

test_project if {
	findings := rule.finding with input as t.doc([t.res("google_compute_project_metadata", {"metadata": {"ssh-keys": "alice:ssh-ed25519 AAAA"}})])
	t.paths(findings) == {["metadata"]}
}

test_serial_port if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance_template", {"metadata": {"serial-port-enable": true}, "shielded_instance_config": [{"enable_secure_boot": true}]})])
	t.paths(findings) == {["metadata", "serial-port-enable"]}
}

test_forwarding if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"can_ip_forward": true, "metadata": "${var.metadata}", "shielded_instance_config": [{"enable_secure_boot": true}]})])
	t.paths(findings) == {["can_ip_forward"]}
}

test_boot if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance_template", {"shielded_instance_config": [{"enable_vtpm": false}]})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["shielded_instance_config", 0, "enable_vtpm"]}
}

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"name": "a"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["metadata", "block-project-ssh-keys"], ["shielded_instance_config", "enable_secure_boot"]}
}

test_hardened if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"metadata": {"enable-oslogin": "TRUE"}, "shielded_instance_config": [{"enable_secure_boot": true, "enable_vtpm": true}]}), t.res("google_compute_instance", {"metadata": {"block-project-ssh-keys": true}, "shielded_instance_config": [{"enable_secure_boot": true}]})])
	findings == set()
}
