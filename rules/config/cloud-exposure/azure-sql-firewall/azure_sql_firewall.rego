# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Firewalls of databases name single addresses
# description: A rule over all addresses opens the database to the internet; the one over 0.0.0.0 opens it to every customer of Azure.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 4.1.2 (no Azure SQL database allows ingress from 0.0.0.0/0)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.azure-sql-firewall
#   severity: high
#   remediation: "Use private endpoints or virtual network rules; name the ranges that are one's own."
#   zeroTrust: [Z14, Z20]
#   kinds: [terraform]
package sealock.config.cloud_exposure.azure_sql_firewall

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in input.terraform
	i.mode == "managed"
	regex.match(`^azurerm_.*firewall_rule$`, i.type)
	from := object.get(i.values, "start_ip_address", object.get(i.values, "start_ip", ""))
	to := object.get(i.values, "end_ip_address", object.get(i.values, "end_ip", ""))
	judged := judge(from, to)
	f := cloud.rated(cloud.fault(i, ["end_ip_address"], judged.message, sprintf("%s to %s", [from, to]), "ranges of one's own"), judged.severity)
}

judge(from, to) := {"message": "every customer of Azure reaches the database", "severity": "medium"} if {
	from == "0.0.0.0"
	to == "0.0.0.0"
} else := {"message": "everybody reaches the database", "severity": "critical"} if {
	octet(to) - octet(from) >= 127
}

octet(address) := cloud.number(split(address, ".")[0]) if regex.match(`^[0-9]{1,3}\.[0-9.]+$`, cloud.text(address))
