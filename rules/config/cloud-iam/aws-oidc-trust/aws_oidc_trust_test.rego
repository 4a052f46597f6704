# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_oidc_trust_test

import data.sealock.config.cloud_iam.aws_oidc_trust as rule
import data.sealock.lib.config_cloud_test as t

test_no_condition if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]}]})])])
	t.paths(findings) == {["statement", 0, "condition"]}
}

test_aud_only if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["${aws_iam_openid_connect_provider.github.arn}"]}], "conditions": [{"test": "StringEquals", "variable": "token.actions.githubusercontent.com:aud", "values": ["sts.amazonaws.com"]}]})])])
	t.paths(findings) == {["statement", 0, "condition"]}
}

test_G13_any_repository if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["x"]}], "conditions": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["repo:*"]}, {"test": "StringEquals", "variable": "token.actions.githubusercontent.com:aud", "values": ["sts.amazonaws.com"]}]})])])
	t.paths(findings) == {["statement", 0, "condition"]}
}

test_G13_any_repository_of_the_owner if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["x"]}], "conditions": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["repo:shop/*"]}, {"test": "StringEquals", "variable": "token.actions.githubusercontent.com:aud", "values": ["sts.amazonaws.com"]}]})])])
	t.paths(findings) == {["statement", 0, "condition"]}
}

test_no_aud if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["x"]}], "conditions": [{"test": "StringEquals", "variable": "${var.host}:sub", "values": ["system:serviceaccount:shop:auth"]}]})])])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["statement", 0, "condition"]}
}

test_one_service_account if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["${var.arn}"]}], "conditions": [{"test": "StringEquals", "variable": "${var.host}:sub", "values": ["system:serviceaccount:shop:${each.key}"]}, {"test": "StringEquals", "variable": "${var.host}:aud", "values": ["sts.amazonaws.com"]}]})])])
	findings == set()
}

test_one_repository if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["x"]}], "conditions": [{"test": "StringLike", "variable": "token.actions.githubusercontent.com:sub", "values": ["repo:shop/payments:environment:prod"]}, {"test": "StringEquals", "variable": "token.actions.githubusercontent.com:aud", "values": ["sts.amazonaws.com"]}]})])])
	findings == set()
}

test_cognito if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRoleWithWebIdentity"], "principals": [{"type": "Federated", "identifiers": ["cognito-identity.amazonaws.com"]}], "conditions": [{"test": "StringEquals", "variable": "cognito-identity.amazonaws.com:aud", "values": ["eu:1"]}]})])])
	findings == set()
}
