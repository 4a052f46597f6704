# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Services may invoke a function for one source only
# description: "Without a source a service may invoke the function on behalf of anybody's bucket, topic or rule in any account (the confused deputy)."
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
#   description: The confused deputy problem
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-iam.aws-lambda-permission-source
#   severity: medium
#   remediation: Set source_arn (and source_account for S3) in the aws_lambda_permission.
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_lambda_permission_source

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_lambda_permission"})
	principal := object.get(i.values, "principal", "")
	is_string(principal)
	endswith(principal, ".amazonaws.com")
	every k in ["source_arn", "source_account", "principal_org_id", "event_source_token"] {
		cloud.unset(i.values, k)
	}
	f := cloud.fault(i, ["principal"], sprintf("%s may invoke the function for anybody", [principal]), "no source_arn", "source_arn of the bucket, topic, rule or API")
}

finding contains f if {
	some i in cloud.managed({"aws_lambda_permission"})
	action := object.get(i.values, "action", "")
	regex.match(`^(\*|lambda:)`, cloud.text(action))
	not action in {"lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:GetFunction", "lambda:EnableReplication*", "lambda:GetLayerVersion"}
	f := cloud.rated(cloud.fault(i, ["action"], "more than invoking the function is allowed", action, "lambda:InvokeFunction"), severity(action))
}

# With a source everybody stands for the services that name one.
finding contains f if {
	some i in cloud.managed({"aws_lambda_permission"})
	i.values.principal == "*"
	some k in ["source_arn", "source_account"]
	not cloud.unset(i.values, k)
	cloud.unset(i.values, "principal_org_id")
	f := cloud.fault(i, ["principal"], "any service or account that matches the source may invoke the function", "principal = \"*\"", "the service's name")
}

severity(action) := "high" if contains(action, "*")
else := "medium"
