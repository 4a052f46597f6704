# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.azure_managed_identity_test

import data.sealock.config.cloud_iam.azure_managed_identity as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"name": "shop"})])
	t.paths(findings) == {["identity"]}
}

test_none_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("azurerm_linux_function_app", {"identity": []})])
	t.paths(findings) == {["identity"]}
}

test_one if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"identity": [{"type": "SystemAssigned"}]})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"identity": "${var.identity}"})])
	findings == set()
}
