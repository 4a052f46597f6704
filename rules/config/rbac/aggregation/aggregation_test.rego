# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.aggregation_test

import data.sealock.config.rbac.aggregation as rule
import data.sealock.lib.samples_test as samples

role(body) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", "ClusterRole", "all", body)])

viewed := {"labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}}

test_a_selector_that_takes_everything if {
	samples.marks(rule.finding) == {"critical aggregationRule/clusterRoleSelectors/0"} with input as role({"aggregationRule": {"clusterRoleSelectors": [{}]}, "rules": []})
}

test_view_may_write if {
	samples.marks(rule.finding) == {"rules/0/verbs"} with input as role({"metadata": viewed, "rules": [{"apiGroups": ["shop.example.com"], "resources": ["orders"], "verbs": ["get", "update"]}]})
}

test_a_label_is_fine if {
	rule.finding == set() with input as role({"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"shop.example.com/monitor": "true"}}]}})
}

test_view_may_read if {
	rule.finding == set() with input as role({"metadata": viewed, "rules": [{"apiGroups": ["shop.example.com"], "resources": ["orders"], "verbs": ["get", "list", "watch"]}]})
}
