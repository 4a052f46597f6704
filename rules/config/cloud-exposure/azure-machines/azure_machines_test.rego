# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_machines_test

import data.sealock.config.cloud_exposure.azure_machines as rule
import data.sealock.lib.config_cloud_test as t

test_password if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_virtual_machine", {"disable_password_authentication": false})])
	t.paths(findings) == {["disable_password_authentication"]}
}

test_password_old if {
	findings := rule.finding with input as t.doc([t.res("azurerm_virtual_machine", {"os_profile_linux_config": [{"disable_password_authentication": false}]})])
	t.paths(findings) == {["os_profile_linux_config", 0, "disable_password_authentication"]}
}

test_address if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_interface", {"ip_configuration": [{"public_ip_address_id": "${azurerm_public_ip.a.id}"}]})])
	t.paths(findings) == {["ip_configuration", 0, "public_ip_address_id"]}
}

test_hardened if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_virtual_machine", {"disable_password_authentication": true}), t.res("azurerm_linux_virtual_machine", {}), t.planned("azurerm_network_interface", {"ip_configuration": [{"public_ip_address_id": null}]})])
	findings == set()
}

test_scale_set_with_addresses if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_virtual_machine_scale_set", {"network_interface": [{"ip_configuration": [{"public_ip_address": [{"name": "out"}]}]}]})])
	t.paths(findings) == {["network_interface", 0, "ip_configuration", 0, "public_ip_address", 0]}
}

test_forwarding if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_interface", {"enable_ip_forwarding": true}), t.res("azurerm_network_interface", {"ip_forwarding_enabled": false})])
	t.paths(findings) == {["enable_ip_forwarding"]}
}

test_containers if {
	public := t.res("azurerm_container_group", {"ip_address_type": "Public"})
	private := t.res("azurerm_container_group", {"ip_address_type": "Private", "subnet_ids": ["${azurerm_subnet.a.id}"]})
	none := t.res("azurerm_container_group", {"ip_address_type": "None"})
	findings := rule.finding with input as t.doc([public, private, none])
	t.paths(findings) == {["ip_address_type"]}
	count(findings) == 1
}

test_patches if {
	off := t.res("azurerm_windows_virtual_machine", {"automatic_updates_enabled": false})
	platform := t.res("azurerm_windows_virtual_machine", {"automatic_updates_enabled": false, "patch_mode": "AutomaticByPlatform"})
	image := t.res("azurerm_windows_virtual_machine_scale_set", {"enable_automatic_updates": false, "automatic_os_upgrade_policy": [{"enable_automatic_os_upgrade": true}]})
	findings := rule.finding with input as t.doc([off, platform, image])
	t.paths(findings) == {["automatic_updates_enabled"]}
	t.severities(findings) == {"low"}
}
