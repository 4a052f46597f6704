# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Cloud SQL takes encrypted connections only
# description: Over a plain connection whoever is on the way reads passwords and data.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 6.4 (all incoming connections use SSL)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-8(1) Cryptographic Protection in transit
# custom:
#   id: cloud-encryption.google-sql-tls
#   severity: high
#   remediation: "Set ip_configuration.ssl_mode = \"ENCRYPTED_ONLY\" or \"TRUSTED_CLIENT_CERTIFICATE_REQUIRED\"."
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.google_sql_tls

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_sql_database_instance"})
	cloud.get(i.values, "instance_type", "") != "ON_PREMISES_INSTANCE"
	some p in places(i)
	plain(p.block)
	f := cloud.fault(
		i,
		config.child(p.path, ["ssl_mode"]),
		"the database takes unencrypted connections",
		sprintf("ssl_mode is %s, require_ssl is %s", [cloud.shown(object.get(p.block, "ssl_mode", null)), cloud.shown(object.get(p.block, "require_ssl", null))]),
		"ssl_mode = \"ENCRYPTED_ONLY\"",
	)
}

places(i) := found if {
	found := cloud.at(i.values, ["settings", "ip_configuration"])
	count(found) > 0
} else := [{"path": ["settings", "ip_configuration"], "block": {}}]

plain(block) if object.get(block, "ssl_mode", null) == "ALLOW_UNENCRYPTED_AND_ENCRYPTED"

plain(block) if {
	object.get(block, "ssl_mode", null) in {null, "", "SSL_MODE_UNSPECIFIED"}
	cloud.off(block, "require_ssl")
}
