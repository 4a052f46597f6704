# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Cloud SQL has a private address only
# description: A database with an address on the internet stands one stolen password or one flaw away from everybody.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 6.5 and 6.6 (no public addresses, no access from all addresses)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.google-sql-public
#   severity: high
#   remediation: Set ipv4_enabled = false and private_network, or use the Cloud SQL connectors; never authorize 0.0.0.0/0.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_sql_public

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

instances := [i |
	some i in cloud.managed({"google_sql_database_instance"})
	cloud.get(i.values, "instance_type", "") != "ON_PREMISES_INSTANCE"
]

finding contains f if {
	some i in instances
	some p in networks(i)
	some a in cloud.world(object.get(p.block, "value", null))
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["value"]), "every address may connect to the database", a, "the peers' ranges, or a private address only"), "critical")
}

finding contains f if {
	some i in instances
	count(world(i)) == 0
	some s in cloud.settings(i.values, ["settings", "ip_configuration"], "ipv4_enabled")
	s.value in {null, true, "true"}
	f := cloud.rated(cloud.fault(i, s.path, "the database has a public address", sprintf("ipv4_enabled is %s", [cloud.shown(s.value)]), "ipv4_enabled = false"), "medium")
}

networks(i) := [{"path": array.concat(p.path, n.path), "block": n.block} |
	some p in cloud.at(i.values, ["settings", "ip_configuration"])
	some n in cloud.at(p.block, ["authorized_networks"])
]

world(i) := {a | some p in networks(i); some a in cloud.world(object.get(p.block, "value", null))}
