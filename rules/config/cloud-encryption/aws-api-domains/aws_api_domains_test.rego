# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_api_domains_test

import data.sealock.config.cloud_encryption.aws_api_domains as rule
import data.sealock.lib.config_cloud_test as t

test_old if {
	findings := rule.finding with input as t.doc([t.res("aws_api_gateway_domain_name", {"security_policy": "TLS_1_0"})])
	t.paths(findings) == {["security_policy"]}
}

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.res("aws_api_gateway_domain_name", {"domain_name": "api.example.com"})])
	t.paths(findings) == {["security_policy"]}
}

test_modern if {
	findings := rule.finding with input as t.doc([t.res("aws_api_gateway_domain_name", {"security_policy": "TLS_1_2"})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("aws_api_gateway_domain_name", {"security_policy": "${var.policy}"})])
	findings == set()
}
