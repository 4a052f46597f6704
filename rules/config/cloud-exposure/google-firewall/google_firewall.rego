# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Firewalls let the internet in on web ports only
# description: What everybody can reach is found and tried within minutes; administration and databases are what is looked for.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 3.6 and 3.7 (SSH and RDP access from the internet is restricted)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.google-firewall
#   severity: high
#   remediation: Set source_ranges or source_service_accounts to the peers; people come in by Identity-Aware Proxy (35.235.240.0/20).
#   zeroTrust: [Z14, Z20]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_firewall

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_compute_firewall"})
	upper(cloud.text(cloud.get(i.values, "direction", "INGRESS"))) == "INGRESS"
	not cloud.put_on(i.values, "disabled")
	open := sources(i)
	count(open) > 0
	ranges := [r | some p in cloud.at(i.values, ["allow"]); some r in opened(p.block)]
	reach := cloud.reach(ranges)
	f := cloud.rated(
		cloud.fault(
			i,
			["source_ranges"],
			sprintf("everybody reaches %s", [reach.what]),
			sprintf("source_ranges = %s", [concat(", ", sort([a | some a in open]))]),
			"the peers' ranges, tags or service accounts",
		),
		reach.severity,
	)
}

# Without any source a rule is for everybody.
sources(i) := cloud.world(i.values.source_ranges) if {
	count(cloud.list(object.get(i.values, "source_ranges", null))) > 0
} else := {"all sources"} if {
	every k in ["source_ranges", "source_tags", "source_service_accounts"] {
		cloud.unset(i.values, k)
	}
} else := set()

opened(block) := [[0, 65535]] if {
	lower(sprintf("%v", [cloud.get(block, "protocol", "all")])) == "all"
} else := [[0, 65535]] if {
	lower(sprintf("%v", [cloud.get(block, "protocol", "all")])) in {"tcp", "udp", "6", "17"}
	count(cloud.list(object.get(block, "ports", null))) == 0
} else := [cloud.port_range(p) | some p in cloud.list(object.get(block, "ports", null))]

# Rules of firewall policies: those of a network, a region, a folder or an organization.
policies := {
	"google_compute_firewall_policy_rule", "google_compute_network_firewall_policy_rule", "google_compute_region_network_firewall_policy_rule",
	"google_compute_organization_security_policy_rule",
}

finding contains f if {
	some i in cloud.managed(policies)
	lower(cloud.text(object.get(i.values, "action", ""))) == "allow"
	upper(cloud.text(cloud.get(i.values, "direction", "INGRESS"))) == "INGRESS"
	not cloud.put_on(i.values, "disabled")
	some place in [[["match"], "src_ip_ranges"], [["match", "config"], "src_ip_ranges"]]
	some p in cloud.at(i.values, place[0])
	open := cloud.world(object.get(p.block, place[1], null))
	count(open) > 0
	ranges := [r | some name in ["layer4_configs", "layer4_config"]; some l in cloud.at(p.block, [name]); some r in opened(as_allowed(l.block))]
	reach := cloud.reach(ranges)
	f := cloud.rated(
		cloud.fault(i, array.concat(p.path, [place[1]]), sprintf("everybody reaches %s", [reach.what]), concat(", ", sort([a | some a in open])), "the peers' ranges, tags or service accounts"),
		reach.severity,
	)
}

as_allowed(block) := {"protocol": object.get(block, "ip_protocol", "all"), "ports": object.get(block, "ports", null)}
