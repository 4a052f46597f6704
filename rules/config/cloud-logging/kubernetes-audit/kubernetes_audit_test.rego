# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.kubernetes_audit_test

import data.sealock.config.cloud_logging.kubernetes_audit as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"name": "a"})])
	t.paths(findings) == {["enabled_cluster_log_types"]}
}

test_in_part if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"enabled_cluster_log_types": ["api"]})])
	t.paths(findings) == {["enabled_cluster_log_types"]}
}

test_google if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"logging_service": "none"})])
	t.paths(findings) == {["logging_service"]}
}

test_all if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"enabled_cluster_log_types": ["api", "audit", "authenticator"]}), t.res("google_container_cluster", {}), t.res("aws_eks_cluster", {"enabled_cluster_log_types": "${var.types}"})])
	findings == set()
}
