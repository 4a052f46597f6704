# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.azure_client_secrets_test

import data.sealock.config.cloud_iam.azure_client_secrets as rule
import data.sealock.lib.config_cloud_test as t

test_application if {
	findings := rule.finding with input as t.doc([t.res("azuread_application_password", {"application_id": "${azuread_application.ci.id}"})])
	t.paths(findings) == {[]}
}

test_service_principal if {
	findings := rule.finding with input as t.doc([t.res("azuread_service_principal_password", {})])
	t.paths(findings) == {[]}
}

test_block if {
	findings := rule.finding with input as t.doc([t.res("azuread_application", {"password": [{"display_name": "ci"}]})])
	t.paths(findings) == {["password", 0]}
}

test_federated if {
	findings := rule.finding with input as t.doc([t.res("azuread_application_federated_identity_credential", {"subject": "repo:shop/payments:environment:prod"})])
	findings == set()
}
