# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_cross_account_trust_test

import data.sealock.config.cloud_iam.aws_cross_account_trust as rule
import data.sealock.lib.config_cloud_test as t

test_account if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:root"]}]})])])
	t.paths(findings) == {["statement", 0, "principals"]}
}

test_number if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_iam_role", {}), [t.statement({"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": ["111122223333"]}]})])])
	t.paths(findings) == {["statement", 0, "principals"]}
}

test_external_id if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": ["111122223333"]}], "conditions": [{"test": "StringEquals", "variable": "sts:ExternalId", "values": ["f3a"]}]})])])
	findings == set()
}

test_role if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:role/deployer"]}]})])])
	findings == set()
}

test_own_account if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]}]})])])
	findings == set()
}

test_key_policy if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["kms:*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:root"]}]})])])
	findings == set()
}
