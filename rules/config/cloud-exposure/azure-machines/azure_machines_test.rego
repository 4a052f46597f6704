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
