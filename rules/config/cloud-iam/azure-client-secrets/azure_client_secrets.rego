# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Applications sign in without passwords
# description: "A client secret lives for months, works from anywhere and stands in Terraform's state; managed identities and federated credentials have nothing to steal."
# related_resources:
# - ref: https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation
#   description: Workload identity federation
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-5 Authenticator Management
# custom:
#   id: cloud-iam.azure-client-secrets
#   severity: medium
#   remediation: Use a managed identity, or azuread_application_federated_identity_credential for pipelines.
#   zeroTrust: [Z28, Z25]
#   kinds: [terraform]
package sealock.config.cloud_iam.azure_client_secrets

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azuread_application_password", "azuread_service_principal_password", "azurerm_azuread_service_principal_password"})
	f := cloud.fault(i, [], "a password that works from anywhere is made for an application", i.type, "a managed identity or a federated credential")
}

finding contains f if {
	some i in cloud.managed({"azuread_application"})
	some p in cloud.at(i.values, ["password"])
	f := cloud.fault(i, p.path, "a password that works from anywhere is made for an application", "password block", "a managed identity or a federated credential")
}
