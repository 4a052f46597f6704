# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Storage and data services take identities, not shared keys
# description: "Whoever has the account key or the administrator's password of a registry has all of it, without a name in the logs, until somebody changes it."
# related_resources:
# - ref: https://learn.microsoft.com/en-us/azure/storage/common/shared-key-authorization-prevent
#   description: Prevent Shared Key authorization for an Azure Storage account
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-2 Identification and Authentication
# custom:
#   id: cloud-iam.azure-shared-keys
#   severity: medium
#   remediation: Set shared_access_key_enabled, local_authentication_enabled or admin_enabled to false and give roles to identities.
#   zeroTrust: [Z10, Z28]
#   kinds: [terraform]
package sealock.config.cloud_iam.azure_shared_keys

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_container_registry"})
	cloud.put_on(i.values, "admin_enabled")
	f := cloud.fault(i, ["admin_enabled"], "the registry has a shared administrator", "admin_enabled is true", "false, and the roles AcrPull and AcrPush")
}

finding contains f if {
	some i in cloud.managed({"azurerm_storage_account"})
	v := object.get(i.values, "shared_access_key_enabled", null)
	shared(v)
	f := cloud.rated(cloud.fault(i, ["shared_access_key_enabled"], "the storage account takes its shared keys", sprintf("shared_access_key_enabled is %s", [cloud.shown(v)]), "false"), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_cosmosdb_account"})
	cloud.put_off(i.values, "local_authentication_disabled")
	f := cloud.rated(cloud.fault(i, ["local_authentication_disabled"], "the account takes its shared keys", "local_authentication_disabled is false", "true"), "low")
}

shared(v) if v in {null, true, "true"}
