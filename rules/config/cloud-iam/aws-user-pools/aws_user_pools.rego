# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Users of an application prove who they are"
# description: "A user pool without a second factor is as safe as the most common password; an identity pool that takes guests gives everybody a role."
# related_resources:
# - ref: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
#   description: "Amazon Cognito, multi-factor authentication"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, IA-2 Identification and Authentication"
# custom:
#   id: cloud-iam.aws-user-pools
#   severity: low
#   remediation: "Set mfa_configuration = \"ON\" with software_token_mfa_configuration, a password_policy, and allow_unauthenticated_identities = false."
#   zeroTrust: [Z10, Z28]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_user_pools

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_cognito_user_pool"})
	mode := object.get(i.values, "mfa_configuration", null)
	mode in {null, "", "OFF"}
	f := cloud.fault(i, ["mfa_configuration"], "a password alone is enough to sign in", sprintf("mfa_configuration is %s", [cloud.shown(mode)]), "ON, or OPTIONAL where users choose")
}

finding contains f if {
	some i in cloud.managed({"aws_cognito_user_pool"})
	object.get(i.values, "mfa_configuration", null) in {"ON", "OPTIONAL"}
	every way in ["software_token_mfa_configuration", "sms_configuration", "email_mfa_configuration", "web_authn_configuration"] {
		cloud.no_blocks(i, way)
	}
	f := cloud.fault(i, ["mfa_configuration"], "there is no second factor that users could have", "no software_token_mfa_configuration", "software_token_mfa_configuration with enabled = true")
}

finding contains f if {
	some i in cloud.managed({"aws_cognito_user_pool"})
	some p in cloud.at(i.values, ["password_policy"])
	length := cloud.number(object.get(p.block, "minimum_length", null))
	length < 8
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["minimum_length"]), "short passwords are accepted", sprintf("minimum_length = %v", [length]), "12 or more"), "medium")
}

finding contains f if {
	some i in cloud.managed({"aws_cognito_identity_pool"})
	cloud.put_on(i.values, "allow_unauthenticated_identities")
	f := cloud.rated(cloud.fault(i, ["allow_unauthenticated_identities"], "guests get credentials of the account", "allow_unauthenticated_identities = true", "false"), "medium")
}
