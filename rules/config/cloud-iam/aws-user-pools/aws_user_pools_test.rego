# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_user_pools_test

import data.sealock.config.cloud_iam.aws_user_pools as rule
import data.sealock.lib.config_cloud_test as t

test_no_second_factor if {
	findings := rule.finding with input as t.doc([t.res("aws_cognito_user_pool", {"name": "shop"})])
	t.paths(findings) == {["mfa_configuration"]}
}

test_factor_that_nobody_has if {
	findings := rule.finding with input as t.doc([t.res("aws_cognito_user_pool", {"mfa_configuration": "ON"})])
	t.paths(findings) == {["mfa_configuration"]}
}

test_short_passwords if {
	findings := rule.finding with input as t.doc([t.res("aws_cognito_user_pool", {"mfa_configuration": "ON", "software_token_mfa_configuration": [{"enabled": true}], "password_policy": [{"minimum_length": 6}]})])
	t.severities(findings) == {"medium"}
}

test_guests if {
	findings := rule.finding with input as t.doc([t.res("aws_cognito_identity_pool", {"allow_unauthenticated_identities": true})])
	t.paths(findings) == {["allow_unauthenticated_identities"]}
}

test_strong if {
	findings := rule.finding with input as t.doc([t.res("aws_cognito_user_pool", {"mfa_configuration": "ON", "software_token_mfa_configuration": [{"enabled": true}], "password_policy": [{"minimum_length": 12}]}), t.res("aws_cognito_identity_pool", {"allow_unauthenticated_identities": false})])
	findings == set()
}
