# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.azure_custom_roles_test

import data.sealock.config.cloud_iam.azure_custom_roles as rule
import data.sealock.lib.config_cloud_test as t

test_everything if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_definition", {"permissions": [{"actions": ["*"], "not_actions": []}]})])
	t.paths(findings) == {["permissions", 0, "actions", 0]}
}

test_roles if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_definition", {"permissions": [{"actions": ["Microsoft.Compute/*/read", "Microsoft.Authorization/*/Write"]}]})])
	t.paths(findings) == {["permissions", 0, "actions", 1]}
}

test_reads if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_definition", {"permissions": [{"actions": ["*/read", "Microsoft.Compute/virtualMachines/start/action"]}]})])
	findings == set()
}

test_empty if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_definition", {"name": "a"})])
	findings == set()
}
