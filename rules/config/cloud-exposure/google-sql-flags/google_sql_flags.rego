# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Cloud SQL runs without the flags that let a session out of its database
# description: Such flags let one who may query one database read files of the server, run programs, sign in past the server, or see the others' databases.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 6.1.2, 6.1.3 and 6.3.1 to 6.3.7 (flags of MySQL and SQL Server)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, CM-7 Least Functionality
# custom:
#   id: cloud-exposure.google-sql-flags
#   severity: medium
#   remediation: Set local_infile, external scripts, remote access, contained database authentication and cross db ownership chaining to off, skip_show_database to on.
#   zeroTrust: [Z13, Z20]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_sql_flags

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Flags that have to be off: engine, name, severity, what they do.
unwanted := [
	["MYSQL", "local_infile", "medium", "files of the client are loaded by the server's word"],
	["SQLSERVER", "external scripts enabled", "high", "queries run programs"],
	["SQLSERVER", "cross db ownership chaining", "medium", "rights in one database reach into others"],
	["SQLSERVER", "contained database authentication", "medium", "people sign in to a database past the server"],
	["SQLSERVER", "remote access", "medium", "procedures are run from and on other servers"],
]

finding contains f if {
	some i in cloud.managed({"google_sql_database_instance"})
	some u in unwanted
	startswith(engine(i), u[0])
	some p in flags(i)
	object.get(p.block, "name", "") == u[1]
	on(p.block)
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["value"]), u[3], sprintf("%s = %v", [u[1], p.block.value]), "off"), u[2])
}

# Flags that have to be said, for what holds without them is the weak choice: engine, name, value, what they do.
wanted := [
	["MYSQL", "skip_show_database", "on", "everybody who signs in sees the names of all databases"],
	["SQLSERVER", "3625", "on", "error messages tell of the inside of the server to everybody"],
]

finding contains f if {
	some i in cloud.managed({"google_sql_database_instance"})
	some w in wanted
	startswith(engine(i), w[0])
	some p in flags(i)
	object.get(p.block, "name", "") == w[1]
	off(p.block)
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["value"]), w[3], sprintf("%s = %v", [w[1], p.block.value]), w[2]), "medium")
}

finding contains f if {
	some i in originals
	missing := [w | some w in wanted; startswith(engine(i), w[0]); not has(i, w[1])]
	some w in missing
	f := cloud.rated(cloud.fault(i, ["settings", 0, "database_flags"], w[3], sprintf("no flag %s", [w[1]]), sprintf("%s = %s", [w[1], w[2]])), "low")
}

# On unless it is said otherwise.
finding contains f if {
	some i in originals
	startswith(engine(i), "SQLSERVER")
	not has(i, "remote access")
	f := cloud.rated(cloud.fault(i, ["settings", 0, "database_flags"], "procedures are run from and on other servers", "no flag remote access", "remote access = off"), "low")
}

# Numbers that change what all sessions get.
finding contains f if {
	some i in cloud.managed({"google_sql_database_instance"})
	startswith(engine(i), "SQLSERVER")
	some p in flags(i)
	some name, what in {"user options": "settings of all sessions are changed", "user connections": "the number of connections is limited, and a few can shut out the others"}
	object.get(p.block, "name", "") == name
	cloud.number(object.get(p.block, "value", null)) > 0
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["value"]), what, sprintf("%s = %v", [name, p.block.value]), "0"), "low")
}

# A copy has the flags of what it was made from.
originals := [i |
	some i in cloud.managed({"google_sql_database_instance"})
	cloud.no_blocks(i, "clone")
	cloud.unset(i.values, "master_instance_name")
	cloud.get(i.values, "instance_type", "") != "ON_PREMISES_INSTANCE"
	every p in flags(i) {
		config.known(object.get(p.block, "name", ""))
	}
]

engine(i) := upper(cloud.text(object.get(i.values, "database_version", "")))

flags(i) := cloud.at(i.values, ["settings", "database_flags"])

has(i, name) if {
	some p in flags(i)
	object.get(p.block, "name", "") == name
}

on(block) if lower(sprintf("%v", [object.get(block, "value", "")])) in {"on", "1", "true"}

off(block) if lower(sprintf("%v", [object.get(block, "value", "")])) in {"off", "0", "false"}
