# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_eks_secrets_test

import data.sealock.config.cloud_encryption.aws_eks_secrets as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"name": "shop"})])
	t.paths(findings) == {["encryption_config"]}
}

test_none_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("aws_eks_cluster", {"encryption_config": []})])
	t.paths(findings) == {["encryption_config"]}
}

test_secrets if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"encryption_config": [{"resources": ["secrets"], "provider": [{"key_arn": "${aws_kms_key.a.arn}"}]}]})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"encryption_config": [{"resources": "${var.resources}"}]})])
	findings == set()
}

test_block_without_a_key if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"encryption_config": [{"resources": ["secrets"]}]})])
	t.paths(findings) == {["encryption_config", 0, "provider", "key_arn"]}
}

test_key_made_here if {
	findings := rule.finding with input as t.doc([t.res("aws_eks_cluster", {"encryption_config": [{"resources": ["secrets"], "provider": [{"key_arn": "${aws_kms_key.etcd.arn}"}]}]})])
	findings == set()
}
