# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "API Gateway's domains take TLS 1.2 or later"
# description: TLS 1.0 and 1.1 are broken, and a client can be talked down to the oldest version that is offered.
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/52/r2/final
#   description: NIST SP 800-52 Rev. 2, section 3.1 (protocol version support)
# - ref: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html
#   description: API Gateway, security policy of a custom domain
# custom:
#   id: cloud-encryption.aws-api-domains
#   severity: high
#   remediation: "Set security_policy = \"TLS_1_2\"."
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_api_domains

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_api_gateway_domain_name"})
	policy := object.get(i.values, "security_policy", null)
	old(i, policy)
	f := cloud.fault(i, ["security_policy"], "the domain takes old versions of TLS", sprintf("security_policy is %s", [cloud.shown(policy)]), "TLS_1_2")
}

old(i, _) if cloud.unset(i.values, "security_policy")

old(_, "TLS_1_0")
