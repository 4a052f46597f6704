# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Images, snapshots and documents are not shared with all accounts
# description: "Public images and documents carry along what was on the disk: keys, code and configuration."
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/ssm-controls.html
#   description: AWS Security Hub, SSM.4 and EC2.1
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-exposure.aws-public-images
#   severity: high
#   remediation: Share with named accounts or the organisation.
#   zeroTrust: [Z13, Z25]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_public_images

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_ami_launch_permission"})
	object.get(i.values, "group", "") == "all"
	f := cloud.fault(i, ["group"], "every account may start the image", "group = all", "account_id or organization_arn")
}

finding contains f if {
	some i in cloud.managed({"aws_ssm_document"})
	permissions := object.get(i.values, "permissions", {})
	is_object(permissions)
	lower(cloud.text(object.get(permissions, "account_ids", ""))) == "all"
	f := cloud.fault(i, ["permissions", "account_ids"], "every account may use the document", "account_ids = All", "named accounts")
}

finding contains f if {
	some i in cloud.managed({"aws_db_snapshot", "aws_rds_cluster_snapshot", "aws_db_cluster_snapshot", "aws_neptune_cluster_snapshot"})
	some n, account in cloud.list(object.get(i.values, "shared_accounts", null))
	account == "all"
	f := cloud.fault(i, ["shared_accounts", n], "every account may read the snapshot", "shared_accounts has all", "named accounts")
}

# Locks of the account against sharing with everybody, taken off.
locks := [
	["aws_ebs_snapshot_block_public_access", "state", {"unblocked"}],
	["aws_ec2_image_block_public_access", "state", {"unblocked"}],
	["aws_emr_block_public_access_configuration", "block_public_security_group_rules", {false, "false"}],
]

finding contains f if {
	some l in locks
	some i in cloud.managed({l[0]})
	v := object.get(i.values, l[1], null)
	v in l[2]
	f := cloud.rated(cloud.fault(i, [l[1]], "the account does not keep from being public", sprintf("%s = %v", [l[1], v]), "blocked"), "high")
}

finding contains f if {
	some i in cloud.managed({"aws_imagebuilder_distribution_configuration"})
	some p in cloud.at(i.values, ["distribution", "ami_distribution_configuration", "launch_permission"])
	"all" in cloud.list(object.get(p.block, "user_groups", null))
	f := cloud.fault(i, array.concat(p.path, ["user_groups"]), "every account may start the image", "user_groups = all", "user_ids or organization_arns")
}
