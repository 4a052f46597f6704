# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.aws_cloudtrail_test

import data.sealock.config.cloud_logging.aws_cloudtrail as rule
import data.sealock.lib.config_cloud_test as t

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudtrail", {"name": "a"})])
	t.paths(findings) == {["is_multi_region_trail"], ["enable_log_file_validation"], ["cloud_watch_logs_group_arn"]}
}

test_off if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": true, "enable_logging": false, "cloud_watch_logs_group_arn": "arn"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["enable_logging"]}
}

test_on if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudtrail", {"is_multi_region_trail": true, "enable_log_file_validation": "true", "cloud_watch_logs_group_arn": "${aws_cloudwatch_log_group.a.arn}:*"})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudtrail", {"is_multi_region_trail": "${var.all}", "enable_log_file_validation": true, "cloud_watch_logs_group_arn": "arn"})])
	findings == set()
}
