# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Changes of the account raise alarms"
# description: "A filter over the trail that no alarm looks at, or that leaves out half of the events, is found out on the day it was made for."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: "CIS Amazon Web Services Foundations Benchmark 3.0, 4.1 to 4.15 (metric filters and alarms)"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, SI-4 System Monitoring"
# custom:
#   id: cloud-logging.aws-alarms
#   severity: low
#   remediation: "Add an aws_cloudwatch_log_metric_filter with an aws_cloudwatch_metric_alarm for each of the events, or evaluate them in Security Hub."
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.aws_alarms

import data.sealock.lib.config_cloud as cloud

# The filters over the events of CloudTrail.
filters := [i |
	some i in cloud.managed({"aws_cloudwatch_log_metric_filter"})
	regex.match(`\$\.(eventName|eventSource|errorCode|errorMessage|userIdentity|additionalEventData)`, cloud.text(object.get(i.values, "pattern", null)))
]

# What is watched for: all of the words are in one filter.
events := {
	"calls that were refused": ["UnauthorizedOperation", "AccessDenied"],
	"sign-in without a second factor": ["ConsoleLogin", "MFAUsed"],
	"use of the root account": ["userIdentity.type", "Root"],
	"changes of IAM policies": ["PutUserPolicy", "AttachRolePolicy", "DeleteGroupPolicy", "CreatePolicyVersion"],
	"changes of CloudTrail": ["StopLogging", "DeleteTrail", "UpdateTrail"],
	"failed sign-in": ["ConsoleLogin", "Failed authentication"],
	"keys that are disabled or deleted": ["DisableKey", "ScheduleKeyDeletion"],
	"changes of bucket policies": ["PutBucketPolicy", "PutBucketAcl", "DeleteBucketPolicy"],
	"changes of AWS Config": ["StopConfigurationRecorder", "DeleteDeliveryChannel", "PutConfigurationRecorder"],
	"changes of security groups": ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress", "DeleteSecurityGroup"],
	"changes of network ACLs": ["CreateNetworkAclEntry", "DeleteNetworkAcl", "ReplaceNetworkAclEntry"],
	"changes of gateways": ["AttachInternetGateway", "DeleteCustomerGateway", "DetachInternetGateway"],
	"changes of routes": ["CreateRoute", "DeleteRouteTable", "ReplaceRoute"],
	"changes of networks": ["CreateVpc", "DeleteVpc", "AcceptVpcPeeringConnection"],
	"changes of the organization": ["organizations.amazonaws.com"],
}

watched(words) := [i | some i in filters; joined(i.values.pattern, words)]

# Conditions that exclude each other, joined by "and", never hold.
joined(pattern, words) if {
	every w in words {
		contains(pattern, w)
	}
	not never(pattern)
}

never(pattern) if {
	not contains(pattern, "||")
	some field in ["errorCode", "eventName"]
	count(regex.find_n(sprintf(`\$\.%s\s*=`, [field]), pattern, 2)) == 2
}

# A filter for some of the events that belong together.
finding contains f if {
	some i in filters
	some event, words in events
	some w in words
	contains(i.values.pattern, w)
	not w in shared
	not joined(i.values.pattern, words)
	left := [x | some x in words; not contains(i.values.pattern, x)]
	f := cloud.fault(i, ["pattern"], sprintf("the filter does not see all %s", [event]), gap(left), concat(", ", words))
}

shared := {"ConsoleLogin", "userIdentity.type", "Root"}

gap(left) := sprintf("%s left out", [concat(", ", left)]) if {
	count(left) > 0
} else := "conditions that exclude each other are joined by &&"

# A module that makes the trail is where all of them are looked for.
finding contains f if {
	first := filters[0]
	some trail in cloud.managed({"aws_cloudtrail"})
	trail.module == first.module
	missing := sort([e | some e, words in events; count(watched(words)) == 0])
	count(missing) > 0
	f := cloud.fault(trail, ["cloud_watch_logs_group_arn"], sprintf("no filter watches for %s", [concat("; ", missing)]), sprintf("%d of %d kinds of events", [count(events) - count(missing), count(events)]), "a filter and an alarm for each")
}

finding contains f if {
	some i in filters
	not alarmed(i)
	f := cloud.fault(i, ["metric_transformation"], "no alarm looks at the filter's metric", "no aws_cloudwatch_metric_alarm for it", "an alarm with this metric_name")
}

alarmed(i) if {
	own := cloud.own_name(i)
	some a in cloud.managed({"aws_cloudwatch_metric_alarm"})
	cloud.refers(a, own)
}

alarmed(i) if {
	some p in cloud.at(i.values, ["metric_transformation"])
	some a in cloud.managed({"aws_cloudwatch_metric_alarm"})
	object.get(a.values, "metric_name", null) == object.get(p.block, "name", "")
}
