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
