# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Firewalls of databases and caches name few addresses
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
	start := [k | some k in ["start_ip_address", "start_ip"]; object.get(i.values, k, null) != null][0]
	end := [k | some k in ["end_ip_address", "end_ip"]; object.get(i.values, k, null) != null][0]
	from := i.values[start]
	to := i.values[end]
	judged := judge(i, from, to)
	f := cloud.rated(cloud.fault(i, [{"start": start, "end": end}[judged.at]], judged.message, sprintf("%s to %s", [from, to]), "ranges of one's own"), judged.severity)
}

judge(i, from, to) := {"at": "start", "message": "every customer of Azure reaches it", "severity": "medium"} if {
	from == "0.0.0.0"
	to == "0.0.0.0"
} else := {"at": "end", "message": "everybody reaches it", "severity": "critical"} if {
	address(to) - address(from) >= 2130706432
} else := {"at": "end", "message": "a large part of the internet reaches it", "severity": "high"} if {
	address(to) - address(from) >= 16777216
	not private(from, to)
} else := {"at": "end", "message": sprintf("%d addresses reach it", [(address(to) - address(from)) + 1]), "severity": "low"} if {
	address(to) - address(from) >= 1024
	not in_own_network(i, from, to)
}

# A cache can stand in a network of one's own; firewalls of database servers see public addresses only.
in_own_network(i, from, to) if {
	i.type == "azurerm_redis_firewall_rule"
	private(from, to)
}

private(from, to) if {
	some range in [`^10\.`, `^172\.(1[6-9]|2[0-9]|3[01])\.`, `^192\.168\.`]
	every a in [from, to] {
		regex.match(range, a)
	}
}

# 255.255.255 stands for the end of all addresses too.
address(a) := sum([(to_number(o) * weights[n]) | some n, o in octets]) if {
	regex.match(`^([1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])(\.([1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])){2,3}$`, cloud.text(a))
	octets := split(a, ".")
}

weights := [16777216, 65536, 256, 1]
