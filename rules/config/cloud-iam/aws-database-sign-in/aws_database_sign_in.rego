# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Databases take tokens of IAM instead of passwords
# description: A password of a database is shared, copied and seldom changed; with IAM a service signs in with a token of fifteen minutes under its own name.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
#   description: IAM database authentication for RDS
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-5 Authenticator Management
# custom:
#   id: cloud-iam.aws-database-sign-in
#   severity: low
#   remediation: Set iam_database_authentication_enabled = true.
#   zeroTrust: [Z10, Z28]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_database_sign_in

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_db_instance", "aws_rds_cluster", "aws_neptune_cluster"})
	key := "iam_database_authentication_enabled"
	cloud.off(i.values, key)
	able(i)
	f := cloud.rated(cloud.fault(i, [key], "services sign in with a password", sprintf("%s is %s", [key, cloud.shown(object.get(i.values, key, null))]), "true"), severity(i))
}

too_old(i) if {
	object.get(i.values, "engine", "") == "mariadb"
	regex.match(`^(5|10\.[0-5])(\.|$)`, cloud.text(object.get(i.values, "engine_version", "")))
}

# Oracle, SQL Server, Db2 and MariaDB before 10.6 can't, and replicas take over what their source says.
able(i) if {
	not regex.match(`^(oracle|sqlserver|custom|db2)`, cloud.text(cloud.get(i.values, "engine", "aurora")))
	not too_old(i)
	object.get(i.values, "replicate_source_db", null) in {null, ""}
	object.get(i.values, "engine_mode", null) != "serverless"
}

severity(i) := "medium" if {
	cloud.put_off(i.values, "iam_database_authentication_enabled")
} else := "low"

# Stores and brokers that ask nothing at all: type, blocks, attribute, wrong values.
unasked := [
	[{"aws_elasticache_user"}, [], "no_password_required", {true, "true"}],
	[{"aws_elasticache_user"}, ["authentication_mode"], "type", {"no-password-required"}],
	[{"aws_msk_cluster"}, ["client_authentication"], "unauthenticated", {true, "true"}],
	[{"aws_mskconnect_connector"}, ["kafka_cluster_client_authentication"], "authentication_type", {"NONE"}],
	[{"aws_storagegateway_smb_file_share"}, [], "authentication", {"GuestAccess"}],
	[{"aws_memorydb_cluster"}, [], "acl_name", {"open-access"}],
	[{"aws_opensearch_domain", "aws_elasticsearch_domain"}, ["advanced_security_options"], "anonymous_auth_enabled", {true, "true"}],
]

finding contains f if {
	some w in unasked
	some i in cloud.managed(w[0])
	some p in cloud.at(i.values, w[1])
	v := object.get(p.block, w[2], null)
	v in w[3]
	not disabled(i)
	f := cloud.rated(cloud.fault(i, array.concat(p.path, [w[2]]), "whoever is in the network gets in without a sign-in", sprintf("%s = %v", [w[2], v]), "IAM, certificates or passwords"), asked(v))
}

asked(v) := "high" if {
	v != "NONE"
} else := "medium"

# Ledgers give every right to whoever may send commands.
finding contains f if {
	some i in cloud.managed({"aws_qldb_ledger"})
	object.get(i.values, "permissions_mode", "") == "ALLOW_ALL"
	f := cloud.rated(cloud.fault(i, ["permissions_mode"], "whoever may send commands may do everything", "permissions_mode = ALLOW_ALL", "STANDARD"), "high")
}

# The default user is often made without a password and put off.
disabled(i) if {
	i.type == "aws_elasticache_user"
	regex.match(`(^|\s)off(\s|$)`, cloud.text(object.get(i.values, "access_string", null)))
}

# Caches ask for nothing unless a token or users are given.
finding contains f if {
	some i in cloud.managed({"aws_elasticache_replication_group"})
	every key in ["auth_token", "auth_token_wo", "user_group_ids", "global_replication_group_id"] {
		cloud.unset(i.values, key)
	}
	f := cloud.rated(cloud.fault(i, ["auth_token"], "whoever is in the network gets in without a sign-in", "neither auth_token nor user_group_ids", "user_group_ids with users that IAM knows, or an auth_token"), "medium")
}
