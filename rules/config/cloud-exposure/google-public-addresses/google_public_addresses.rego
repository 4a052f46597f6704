# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Machines have no public addresses
# description: What has a public address needs only one wrong firewall rule to be reached by everybody.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 4.9 (instances have no public addresses)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.google-public-addresses
#   severity: medium
#   remediation: Leave out access_config; use Cloud NAT for the way out and a load balancer or Identity-Aware Proxy for the way in.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_public_addresses

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

types := {"google_compute_instance", "google_compute_instance_template", "google_compute_instance_from_template", "google_compute_region_instance_template"}

finding contains f if {
	some i in cloud.managed(types)
	some p in cloud.at(i.values, ["network_interface"])
	some kind in ["access_config", "ipv6_access_config"]
	some a in cloud.at(p.block, [kind])
	f := cloud.fault(i, array.concat(p.path, a.path), "the machine has a public address", kind, "none")
}

finding contains f if {
	some i in cloud.managed({"google_notebooks_instance", "google_workbench_instance"})
	some s in array.concat(cloud.settings(i.values, [], "no_public_ip"), cloud.settings(i.values, ["gce_setup"], "disable_public_ip"))
	config.falsy(s.value)
	f := cloud.fault(i, s.path, "the notebook has a public address", "false", "true")
}
