# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Custom roles name their actions
# description: "A custom role with * is Owner under another name, and with Microsoft.Authorization/* its holder can take any other role."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 1.23 (no custom subscription administrator roles)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.azure-custom-roles
#   severity: high
#   remediation: List the operations that are needed.
#   zeroTrust: [Z13, Z20]
#   kinds: [terraform]
package sealock.config.cloud_iam.azure_custom_roles

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_role_definition"})
	some p in cloud.at(i.values, ["permissions"])
	some key in ["actions", "data_actions"]
	some n, action in cloud.list(object.get(p.block, key, null))
	strong(action)
	f := cloud.fault(i, array.concat(p.path, [key, n]), sprintf("the role allows %s", [action]), action, "the operations that are needed")
}

strong(action) if action in {"*", "*/*", "*/write", "*/action", "*/delete"}

strong(action) if lower(cloud.text(action)) in {"microsoft.authorization/*", "microsoft.authorization/*/write", "microsoft.authorization/roleassignments/*", "microsoft.authorization/roleassignments/write", "microsoft.authorization/roledefinitions/write"}
