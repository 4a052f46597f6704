# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Actions on data name their resources
# description: "Reading or changing data, secrets and keys on * reaches those of every other team and environment in the account."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
#   description: AWS IAM best practices, apply least-privilege permissions
# custom:
#   id: cloud-iam.aws-wildcard-resources
#   severity: medium
#   remediation: "Name the ARNs: a bucket with its prefix, the secret, the key, the table."
#   zeroTrust: [Z13, Z14]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_wildcard_resources

import data.sealock.lib.config_cloud as cloud

# Actions that read or change what others store, or become somebody else. Those that change permissions are aws-privilege-escalation's.
sensitive := {
	"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutObjectAcl", "s3:PutBucketAcl",
	"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath",
	"ssm:SendCommand", "ssm:StartSession", "kms:Decrypt", "kms:CreateGrant", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion",
	"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem", "dynamodb:DeleteTable",
	"rds-db:connect", "rds:DeleteDBInstance", "rds:DeleteDBCluster", "rds:ModifyDBInstance", "sqs:ReceiveMessage", "sqs:DeleteQueue",
	"sts:AssumeRole", "lambda:InvokeFunction", "ec2:TerminateInstances", "ec2:GetPasswordData", "redshift:GetClusterCredentials",
	"cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "ecr:SetRepositoryPolicy", "codecommit:GitPull",
}

finding contains f if {
	some g in cloud.grants
	of_a_kind(g.s.resources)
	count(g.s.conditions) == 0
	named := sort([a | some a in sensitive; cloud.allows(g.s, a)])
	count(named) > 0
	f := cloud.fault(
		g.item,
		cloud.part(g, "resources"),
		sprintf("the policy allows %s on every resource", [concat(", ", array.slice(named, 0, 5))]),
		sprintf("resources %s", [json.marshal(g.s.resources)]),
		"the ARNs that are needed",
	)
}

of_a_kind(resources) if cloud.everything(resources)

# All secrets, keys, tables … of an account.
of_a_kind(resources) if {
	some r in resources
	regex.match(`^arn:[^:]*:[a-z-]+:[^:]*:[^:]*:(secret|key|table|parameter|function|role|db|cluster|instance)[:/](\*[:/]?)+$`, cloud.known_text(r))
}
