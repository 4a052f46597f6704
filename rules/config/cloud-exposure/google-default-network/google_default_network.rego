# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Projects have no default network
# description: The default network has a subnet everywhere and firewall rules that let everybody in by SSH and RDP.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 3.1 (the default network does not exist in a project)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7(5) Deny by Default
# custom:
#   id: cloud-exposure.google-default-network
#   severity: medium
#   remediation: "Set auto_create_network = false, and auto_create_subnetworks = false on networks of one's own."
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_default_network

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_project"})
	cloud.get(i.values, "auto_create_network", true) in {true, "true"}
	f := cloud.fault(i, ["auto_create_network"], "the project gets the default network", sprintf("auto_create_network is %s", [cloud.shown(object.get(i.values, "auto_create_network", null))]), "false")
}

finding contains f if {
	some i in cloud.managed({"google_compute_instance", "google_compute_instance_template", "google_container_cluster"})
	some s in array.concat(cloud.settings(i.values, ["network_interface"], "network"), cloud.settings(i.values, [], "network"))
	s.value == "default"
	f := cloud.rated(cloud.fault(i, s.path, "it is in the default network", "network = default", "a network of its own"), "low")
}

finding contains f if {
	some i in cloud.managed({"google_compute_network"})
	cloud.put_on(i.values, "auto_create_subnetworks")
	f := cloud.rated(cloud.fault(i, ["auto_create_subnetworks"], "the network has a subnet in every region", "auto_create_subnetworks = true", "false"), "low")
}
