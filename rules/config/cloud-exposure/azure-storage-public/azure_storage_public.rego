# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No container of a storage account is public
# description: Public containers are found by scanners; what is in them is copied before the mistake is noticed.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 3.7 (public access level is disabled for storage accounts with blob containers)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-exposure.azure-storage-public
#   severity: high
#   remediation: "Set allow_nested_items_to_be_public = false and container_access_type = \"private\"."
#   zeroTrust: [Z13, Z25]
#   kinds: [terraform]
package sealock.config.cloud_exposure.azure_storage_public

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_storage_container"})
	type := object.get(i.values, "container_access_type", "")
	lower(cloud.text(type)) in {"blob", "container"}
	f := cloud.fault(i, ["container_access_type"], "everybody may read the container", sprintf("container_access_type = %s", [type]), "private")
}

keys := ["allow_nested_items_to_be_public", "allow_blob_public_access"]

finding contains f if {
	some i in cloud.managed({"azurerm_storage_account"})
	some key in keys
	cloud.put_on(i.values, key)
	f := cloud.fault(i, [key], "containers may be made public", sprintf("%s = true", [key]), "false")
}

finding contains f if {
	some i in cloud.managed({"azurerm_storage_account"})
	every key in keys {
		object.get(i.values, key, null) == null
	}
	f := cloud.rated(cloud.fault(i, ["allow_nested_items_to_be_public"], "containers may be made public", "allow_nested_items_to_be_public is not set", "false"), "medium")
}

finding contains f if {
	some i in cloud.managed({"azurerm_storage_account"})
	cloud.put_on(i.values, "cross_tenant_replication_enabled")
	f := cloud.rated(cloud.fault(i, ["cross_tenant_replication_enabled"], "objects may be copied to other tenants", "cross_tenant_replication_enabled = true", "false"), "low")
}
