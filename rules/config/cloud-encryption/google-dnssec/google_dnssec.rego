# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Public zones are signed, with algorithms that hold
# description: Without signatures a forged answer sends everybody to another address, and certificates can be got for names that are not one's own.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 3.3 to 3.5 (DNSSEC is enabled, no RSASHA1)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-20 Secure Name/Address Resolution Service
# custom:
#   id: cloud-encryption.google-dnssec
#   severity: medium
#   remediation: "Add dnssec_config with state = \"on\", and default_key_specs with rsasha256 or ecdsap256sha256."
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.google_dnssec

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

public := [i |
	some i in cloud.managed({"google_dns_managed_zone"})
	lower(cloud.text(cloud.get(i.values, "visibility", "public"))) == "public"
]

finding contains f if {
	some i in public
	some p in cloud.at(i.values, ["dnssec_config"])
	lower(cloud.text(object.get(p.block, "state", ""))) == "off"
	f := cloud.fault(i, config.child(p.path, ["state"]), "answers of the zone are not signed", "state = off", "on")
}

finding contains f if {
	some i in public
	cloud.no_blocks(i, "dnssec_config")
	f := cloud.rated(cloud.fault(i, ["dnssec_config"], "answers of the zone are not signed", "no dnssec_config", "state = \"on\""), "low")
}

finding contains f if {
	some i in public
	some p in cloud.at(i.values, ["dnssec_config", "default_key_specs"])
	lower(cloud.text(object.get(p.block, "algorithm", ""))) == "rsasha1"
	f := cloud.fault(i, config.child(p.path, ["algorithm"]), "answers of the zone are signed with SHA-1", "rsasha1", "rsasha256 or ecdsap256sha256")
}
