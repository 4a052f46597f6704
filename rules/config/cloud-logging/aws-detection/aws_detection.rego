# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services that watch the account are on everywhere"
# description: "What GuardDuty and Config do not watch is where an intruder stays unseen."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: "CIS Amazon Web Services Foundations Benchmark 3.0, 3.3 (AWS Config is enabled in all regions)"
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/guardduty-controls.html
#   description: "AWS Security Hub, GuardDuty.1"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, SI-4 System Monitoring"
# custom:
#   id: cloud-logging.aws-detection
#   severity: medium
#   remediation: "Set enable = true on the detector, all_supported and include_global_resource_types on the recorder, all_regions on the aggregator."
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.aws_detection

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Switches that are on unless put off: type, attribute.
on := [
	["aws_guardduty_detector", "enable"],
	["aws_config_configuration_recorder_status", "is_enabled"],
	["aws_macie2_account", "status"],
]

finding contains f if {
	some o in on
	some i in cloud.managed({o[0]})
	object.get(i.values, o[1], null) in {false, "false", "PAUSED"}
	f := cloud.fault(i, [o[1]], "the service does not watch", sprintf("%s = %v", [o[1], i.values[o[1]]]), "on")
}

finding contains f if {
	some i in cloud.managed({"aws_config_configuration_aggregator"})
	some source in ["account_aggregation_source", "organization_aggregation_source"]
	some p in cloud.at(i.values, [source])
	cloud.off(p.block, "all_regions")
	f := cloud.fault(i, config.child(p.path, ["all_regions"]), "other regions are not collected", "all_regions is not true", "true")
}

finding contains f if {
	some i in cloud.managed({"aws_config_configuration_recorder"})
	some p in cloud.at(i.values, ["recording_group"])
	count(cloud.at(p.block, ["exclusion_by_resource_types"])) == 0
	some key in ["all_supported", "include_global_resource_types"]
	cloud.put_off(p.block, key)
	f := cloud.rated(cloud.fault(i, config.child(p.path, [key]), "changes of some resources are not recorded", sprintf("%s = false", [key]), "true"), "low")
}
