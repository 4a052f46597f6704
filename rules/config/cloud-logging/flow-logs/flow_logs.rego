# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Networks log their connections
# description: Without flow logs nobody can see how services connect, nor what an intruder reached.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 3.7 (VPC flow logging is enabled in all VPCs)
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 3.8 (VPC flow logs are enabled for every subnet)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AU-12 Audit Record Generation
# custom:
#   id: cloud-logging.flow-logs
#   severity: medium
#   remediation: Add an aws_flow_log for the VPC (log_config of google_compute_subnetwork).
#   zeroTrust: [Z26, Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.flow_logs

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_vpc"})
	count(cloud.companions(i, {"aws_flow_log"}, "vpc_id")) == 0
	f := cloud.fault(i, [], "connections in the network are not logged", "no aws_flow_log for it", "a flow log")
}

# Networks of proxies and of load balancers have none.
finding contains f if {
	some i in cloud.managed({"google_compute_subnetwork"})
	cloud.no_blocks(i, "log_config")
	not cloud.get(i.values, "purpose", "PRIVATE") in {"INTERNAL_HTTPS_LOAD_BALANCER", "REGIONAL_MANAGED_PROXY", "GLOBAL_MANAGED_PROXY", "PRIVATE_SERVICE_CONNECT"}
	f := cloud.rated(cloud.fault(i, ["log_config"], "connections in the subnet are not logged", "no log_config", "a log_config block"), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_network_watcher_flow_log"})
	cloud.put_off(i.values, "enabled")
	f := cloud.fault(i, ["enabled"], "connections are not logged", "enabled = false", "true")
}
