# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Machines are signed in to by keys and have no public addresses
# description: Passwords are guessed, and what has a public address needs only one wrong rule to be reached by everybody.
# related_resources:
# - ref: https://learn.microsoft.com/en-us/security/benchmark/azure/mcsb-identity-management
#   description: Microsoft cloud security benchmark, IM-1 and NS-1
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-17 Remote Access
# custom:
#   id: cloud-exposure.azure-machines
#   severity: medium
#   remediation: Set disable_password_authentication = true with admin_ssh_key, leave public_ip_address_id out, and use Azure Bastion.
#   zeroTrust: [Z10, Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.azure_machines

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_linux_virtual_machine", "azurerm_linux_virtual_machine_scale_set"})
	cloud.put_off(i.values, "disable_password_authentication")
	f := cloud.fault(i, ["disable_password_authentication"], "people sign in by a password", "disable_password_authentication = false", "true, and admin_ssh_key")
}

finding contains f if {
	some i in cloud.managed({"azurerm_virtual_machine", "azurerm_virtual_machine_scale_set"})
	some p in cloud.at(i.values, ["os_profile_linux_config"])
	cloud.put_off(p.block, "disable_password_authentication")
	f := cloud.fault(i, config.child(p.path, ["disable_password_authentication"]), "people sign in by a password", "disable_password_authentication = false", "true, and ssh_keys")
}

finding contains f if {
	some i in cloud.managed({"azurerm_network_interface"})
	some p in cloud.at(i.values, ["ip_configuration"])
	not object.get(p.block, "public_ip_address_id", null) in {null, ""}
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["public_ip_address_id"]), "the machine has a public address", "public_ip_address_id is set", "none"), "medium")
}

finding contains f if {
	some i in cloud.managed({"azurerm_linux_virtual_machine_scale_set", "azurerm_windows_virtual_machine_scale_set", "azurerm_orchestrated_virtual_machine_scale_set"})
	some p in cloud.at(i.values, ["network_interface", "ip_configuration", "public_ip_address"])
	f := cloud.fault(i, p.path, "the machines have public addresses", "public_ip_address", "none")
}

finding contains f if {
	some i in cloud.managed({"azurerm_network_interface"})
	some key in ["enable_ip_forwarding", "ip_forwarding_enabled"]
	cloud.put_on(i.values, key)
	f := cloud.fault(i, [key], "the machine may send packets in another's name", sprintf("%s = true", [key]), "false")
}

finding contains f if {
	some i in cloud.managed({"azurerm_container_group"})
	kind := cloud.get(i.values, "ip_address_type", "Public")
	kind == "Public"
	cloud.unset(i.values, "subnet_ids")
	cloud.unset(i.values, "network_profile_id")
	f := cloud.rated(cloud.fault(i, ["ip_address_type"], "the containers have a public address", sprintf("ip_address_type is %s", [cloud.shown(object.get(i.values, "ip_address_type", null))]), "Private, and subnet_ids"), "low")
}

# What nobody patches stays open to flaws that everybody knows.
patches := [
	[{"azurerm_windows_virtual_machine", "azurerm_windows_virtual_machine_scale_set"}, [], "enable_automatic_updates", {false, "false"}],
	[{"azurerm_windows_virtual_machine", "azurerm_windows_virtual_machine_scale_set"}, [], "automatic_updates_enabled", {false, "false"}],
	[{"azurerm_windows_virtual_machine"}, [], "patch_mode", {"Manual"}],
	[{"azurerm_virtual_machine", "azurerm_virtual_machine_scale_set"}, ["os_profile_windows_config"], "enable_automatic_upgrades", {false, "false"}],
]

finding contains f if {
	some w in patches
	some i in cloud.managed(w[0])
	some p in cloud.at(i.values, w[1])
	v := object.get(p.block, w[2], null)
	v in w[3]
	not patched_by_platform(i)
	f := cloud.rated(cloud.fault(i, config.child(p.path, [w[2]]), "the machine is not patched by itself", sprintf("%s is %s", [w[2], cloud.shown(v)]), "updates that come by themselves"), "low")
}

patched_by_platform(i) if object.get(i.values, "patch_mode", "") == "AutomaticByPlatform"

patched_by_platform(i) if {
	some p in cloud.at(i.values, ["automatic_os_upgrade_policy"])
	some key in ["enable_automatic_os_upgrade", "automatic_os_upgrade_enabled"]
	cloud.put_on(p.block, key)
}
