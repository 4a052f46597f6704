# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.aws_alarms_test

import data.sealock.config.cloud_logging.aws_alarms as rule
import data.sealock.lib.config_cloud_test as t

root := t.item("managed", "aws_cloudwatch_log_metric_filter", "root", {"pattern": "{ $.userIdentity.type = \"Root\" }", "metric_transformation": [{"name": "RootUse"}]})

alarm(metric) := t.item("managed", "aws_cloudwatch_metric_alarm", "a", {"metric_name": metric})

test_filter_without_alarm if {
	findings := rule.finding with input as t.doc([root])
	t.paths(findings) == {["pattern"], ["metric_transformation"]}
}

test_events_that_are_left_out if {
	findings := rule.finding with input as t.doc([root, alarm("RootUse")])
	t.paths(findings) == {["pattern"]}
	every f in findings {
		contains(f.message, "changes of CloudTrail")
		not contains(f.message, "use of the root account")
	}
}

test_a_filter_that_never_holds if {
	refused := t.item("managed", "aws_cloudwatch_log_metric_filter", "refused", {"pattern": "{ ($.errorCode = \"*UnauthorizedOperation\") && ($.errorCode = \"AccessDenied*\") }", "metric_transformation": [{"name": "Refused"}]})
	findings := rule.finding with input as t.doc([refused, alarm("Refused")])
	some f in findings
	contains(f.message, "calls that were refused")
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
