# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_eks_endpoint_test

import data.sealock.config.cloud_exposure.aws_eks_endpoint as rule
import data.sealock.lib.config_cloud_test as t

test_default if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"vpc_config": [{"subnet_ids": ["${var.a}"]}]})])
	t.paths(findings) == {["vpc_config", 0, "endpoint_public_access"]}
}

test_open_ranges if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": true, "public_access_cidrs": ["0.0.0.0/0"]}]})])
	t.paths(findings) == {["vpc_config", 0, "public_access_cidrs"]}
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"vpc_config": [{"endpoint_public_access": false, "endpoint_private_access": true}]})])
	findings == set()
}

test_ranges if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"vpc_config": [{"public_access_cidrs": ["198.51.100.0/24"]}]})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"vpc_config": [{"public_access_cidrs": "${var.ranges}"}]})])
	findings == set()
}
