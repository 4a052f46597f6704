# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_lambda_permission_source_test

import data.sealock.config.cloud_iam.aws_lambda_permission_source as rule
import data.sealock.lib.config_cloud_test as t

test_no_source if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_permission", {"principal": "s3.amazonaws.com", "action": "lambda:InvokeFunction"})])
	t.paths(findings) == {["principal"]}
}

test_null_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("aws_lambda_permission", {"principal": "sns.amazonaws.com", "source_arn": null, "source_account": null, "principal_org_id": null, "event_source_token": null})])
	t.paths(findings) == {["principal"]}
}

test_with_source if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_permission", {"principal": "s3.amazonaws.com", "source_arn": "${aws_s3_bucket.this.arn}"})])
	findings == set()
}

test_an_account if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_permission", {"principal": "111122223333"})])
	findings == set()
}

test_every_action if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_permission", {"principal": "s3.amazonaws.com", "action": "lambda:*", "source_arn": "arn:aws:s3:::shop"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["action"]}
}

test_everybody_with_a_source if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_permission", {"principal": "*", "action": "lambda:InvokeFunction", "source_arn": "${aws_cloudwatch_event_rule.a.arn}"})])
	t.paths(findings) == {["principal"]}
}
