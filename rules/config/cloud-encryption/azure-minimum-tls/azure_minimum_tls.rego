# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Services take TLS 1.2 or later
# description: TLS 1.0 and 1.1 are broken, and a client can be talked down to the oldest version that is offered.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 3.15 and 9.3 (minimum TLS version of storage accounts and App Service)
# - ref: https://csrc.nist.gov/pubs/sp/800/52/r2/final
#   description: NIST SP 800-52 Rev. 2, section 3.1 (protocol version support)
# custom:
#   id: cloud-encryption.azure-minimum-tls
#   severity: high
#   remediation: Set the minimum to 1.2 (TLS1_2).
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.azure_minimum_tls

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

keys := {
	"min_tls_version", "minimum_tls_version", "ssl_minimal_tls_version_enforced", "scm_minimum_tls_version", "tls_version", "minimal_tls_version",
	"tls_minimum_version", "tls_min_version",
}

weak(v) if regex.match(`(?i)^(TLS ?v?)?(1[._][01]|10|11|None|Disabled|TLSEnforcementDisabled)$`, cloud.text(v))

weak(v) if v in {1, 1.1}

# At the top, in site_config and in custom domains.
finding contains f if {
	some i in input.terraform
	i.mode == "managed"
	startswith(i.type, "azurerm_")
	some names in [[], ["site_config"], ["tls_settings"], ["tls"], ["user_managed_https"], ["cdn_managed_https"]]
	some p in cloud.at(i.values, names)
	some key in keys
	v := object.get(p.block, key, null)
	weak(v)
	f := cloud.fault(i, config.child(p.path, [key]), "old versions of TLS are taken", sprintf("%s = %v", [key, v]), "1.2")
}

# Where nothing is said, a cache takes all versions.
finding contains f if {
	some i in cloud.managed({"azurerm_redis_cache"})
	cloud.unset(i.values, "minimum_tls_version")
	f := cloud.rated(cloud.fault(i, ["minimum_tls_version"], "old versions of TLS are taken", "minimum_tls_version is not set", "1.2"), "medium")
}

old_policies := {"AppGwSslPolicy20150501", "AppGwSslPolicy20170401"}

finding contains f if {
	some i in cloud.managed({"azurerm_application_gateway"})
	some p in cloud.at(i.values, ["ssl_policy"])
	some key in ["policy_name", "min_protocol_version"]
	v := object.get(p.block, key, null)
	v in (old_policies | {"TLSv1_0", "TLSv1_1"})
	f := cloud.fault(i, config.child(p.path, [key]), "old versions of TLS are taken", sprintf("%s = %v", [key, v]), "AppGwSslPolicy20220101, or TLSv1_2")
}

# Protocols and ciphers of an API gateway that are put on.
finding contains f if {
	some i in cloud.managed({"azurerm_api_management"})
	some name in ["security", "protocols"]
	some p in cloud.at(i.values, [name])
	some key, v in p.block
	regex.match(`^(enable_)?(frontend|backend)_(ssl30|tls10|tls11)(_enabled)?$|triple_des_ciphers`, key)
	config.truthy(v)
	f := cloud.fault(i, config.child(p.path, [key]), "broken protocols or ciphers are taken", sprintf("%s = true", [key]), "false")
}

# Settings of servers: a list of versions, or the least one.
finding contains f if {
	some i in cloud.managed({"azurerm_mysql_flexible_server_configuration", "azurerm_postgresql_flexible_server_configuration", "azurerm_mysql_configuration"})
	object.get(i.values, "name", "") in {"tls_version", "ssl_min_protocol_version"}
	some version in split(cloud.text(object.get(i.values, "value", "")), ",")
	lower(trim_space(version)) in {"tlsv1", "tlsv1.0", "tlsv1.1"}
	f := cloud.fault(i, ["value"], "old versions of TLS are taken", i.values.value, "TLSv1.2")
}

# What a tunnel agrees to: the attributes, and values that are broken.
weak_tunnels := {
	"dh_group": {"DHGroup1", "DHGroup2", "None"}, "pfs_group": {"PFS1", "PFS2"}, "ike_encryption": {"DES", "DES3"}, "ipsec_encryption": {"DES", "DES3", "None"},
	"ike_integrity": {"MD5", "SHA1"}, "ipsec_integrity": {"MD5", "SHA1"},
}

finding contains f if {
	some place in [[{"azurerm_virtual_network_gateway_connection"}, ["ipsec_policy"]], [{"azurerm_vpn_gateway_connection"}, ["vpn_link", "ipsec_policy"]]]
	some i in cloud.managed(place[0])
	some p in cloud.at(i.values, place[1])
	some key, wrong in weak_tunnels
	v := object.get(p.block, key, null)
	v in wrong
	f := cloud.rated(cloud.fault(i, config.child(p.path, [key]), "the tunnel takes broken ciphers", sprintf("%s = %v", [key, v]), "AES256 or GCMAES256, SHA256, DHGroup14 or better"), "medium")
}
