# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Load balancers drop what is not HTTP"
# description: "Requests that servers read differently smuggle others past the checks of the first server (request smuggling)."
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html
#   description: "AWS Security Hub, ELB.4, ELB.12 and ELB.14"
# - ref: https://owasp.org/www-project-web-security-testing-guide/
#   description: "OWASP Web Security Testing Guide, HTTP Splitting and Smuggling"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, SI-10 Information Input Validation"
# custom:
#   id: cloud-exposure.aws-load-balancers
#   severity: low
#   remediation: "Set drop_invalid_header_fields = true, and leave desync_mitigation_mode at defensive or strictest."
#   zeroTrust: [Z20, Z24]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_load_balancers

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_lb", "aws_alb"})
	cloud.get(i.values, "load_balancer_type", "application") == "application"
	cloud.off(i.values, "drop_invalid_header_fields")
	f := cloud.fault(i, ["drop_invalid_header_fields"], "header fields that are no HTTP are passed on", sprintf("drop_invalid_header_fields is %s", [cloud.shown(object.get(i.values, "drop_invalid_header_fields", null))]), "true")
}

finding contains f if {
	some i in cloud.managed({"aws_lb", "aws_alb", "aws_elb"})
	object.get(i.values, "desync_mitigation_mode", null) == "monitor"
	f := cloud.rated(cloud.fault(i, ["desync_mitigation_mode"], "ambiguous requests are passed on", "desync_mitigation_mode = monitor", "defensive or strictest"), "medium")
}
