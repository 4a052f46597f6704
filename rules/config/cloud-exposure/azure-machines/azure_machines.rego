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
