# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "CloudTrail covers all regions and can't be changed unseen"
# description: "What is not recorded can't be found: an intruder works in the region without a trail, and edits logs that are not validated."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 3.1 and 3.2 (CloudTrail in all regions, log file validation)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AU-12 Audit Record Generation
# custom:
#   id: cloud-logging.aws-cloudtrail
#   severity: medium
#   remediation: Set is_multi_region_trail = true and enable_log_file_validation = true.
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.aws_cloudtrail

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_cloudtrail"})
	cloud.off(i.values, "is_multi_region_trail")
	not cloud.put_on(i.values, "is_organization_trail")
	f := cloud.fault(i, ["is_multi_region_trail"], "other regions are not recorded", sprintf("is_multi_region_trail is %s", [cloud.shown(object.get(i.values, "is_multi_region_trail", null))]), "true")
}

finding contains f if {
	some i in cloud.managed({"aws_cloudtrail"})
	cloud.off(i.values, "enable_log_file_validation")
	f := cloud.fault(i, ["enable_log_file_validation"], "changed logs are not noticed", sprintf("enable_log_file_validation is %s", [cloud.shown(object.get(i.values, "enable_log_file_validation", null))]), "true")
}

finding contains f if {
	some i in cloud.managed({"aws_cloudtrail"})
	some key in ["enable_logging", "include_global_service_events"]
	cloud.put_off(i.values, key)
	f := cloud.rated(cloud.fault(i, [key], "the trail does not record all", sprintf("%s = false", [key]), "true"), "high")
}

finding contains f if {
	some i in cloud.managed({"aws_cloudtrail"})
	cloud.unset(i.values, "cloud_watch_logs_group_arn")
	f := cloud.rated(cloud.fault(i, ["cloud_watch_logs_group_arn"], "nothing watches the trail as it is written", "no cloud_watch_logs_group_arn", "a log group, with metric filters and alarms"), "low")
}
