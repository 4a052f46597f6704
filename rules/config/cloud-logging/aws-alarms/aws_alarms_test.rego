# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.aws_alarms_test

import data.sealock.config.cloud_logging.aws_alarms as rule
import data.sealock.lib.config_cloud_test as t

root := t.item("managed", "aws_cloudwatch_log_metric_filter", "root", {"pattern": "{ $.userIdentity.type = \"Root\" }", "metric_transformation": [{"name": "RootUse"}]})

alarm(metric) := t.item("managed", "aws_cloudwatch_metric_alarm", "a", {"metric_name": metric})

test_filter_without_alarm if {
	findings := rule.finding with input as t.doc([root])
	t.paths(findings) == {["metric_transformation"]}
}

test_trail_with_one_filter if {
	findings := rule.finding with input as t.doc([root, alarm("RootUse"), t.res("aws_cloudtrail", {"name": "all"})])
	t.paths(findings) == {["cloud_watch_logs_group_arn"]}
	every f in findings {
		contains(f.message, "changes of CloudTrail")
		not contains(f.message, "use of the root account")
	}
}

test_half_of_the_events if {
	routes := t.item("managed", "aws_cloudwatch_log_metric_filter", "routes", {"pattern": "{ ($.eventName = CreateRoute) || ($.eventName = ReplaceRoute) }", "metric_transformation": [{"name": "Routes"}]})
	findings := rule.finding with input as t.doc([routes, alarm("Routes")])
	t.paths(findings) == {["pattern"]}
}

test_a_filter_that_never_holds if {
	refused := t.item("managed", "aws_cloudwatch_log_metric_filter", "refused", {"pattern": "{ ($.errorCode = \"*UnauthorizedOperation\") && ($.errorCode = \"AccessDenied*\") }", "metric_transformation": [{"name": "Refused"}]})
	findings := rule.finding with input as t.doc([refused, alarm("Refused")])
	t.paths(findings) == {["pattern"]}
}

test_other_filters if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudwatch_log_metric_filter", {"pattern": "ERROR", "metric_transformation": [{"name": "Errors"}]})])
	findings == set()
}

test_all if {
	pattern := sprintf("{ $.eventName = %s }", [concat(" || ", [w | some words in rule.events; some w in words])])
	one := t.res("aws_cloudwatch_log_metric_filter", {"pattern": pattern, "metric_transformation": [{"name": "All"}]})
	findings := rule.finding with input as t.doc([one, alarm("All")])
	findings == set()
}
