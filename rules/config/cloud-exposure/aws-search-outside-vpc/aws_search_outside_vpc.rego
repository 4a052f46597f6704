# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Search domains are inside a network
# description: A domain without vpc_options has an address on the internet, and only its access policy stands before the data.
# related_resources:
# - ref: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
#   description: Launching OpenSearch domains within a VPC
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.aws-search-outside-vpc
#   severity: high
#   remediation: Add vpc_options with private subnets and a security group.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_search_outside_vpc

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_opensearch_domain", "aws_elasticsearch_domain"})
	cloud.no_blocks(i, "vpc_options")
	count(cloud.companions(i, {"aws_opensearch_domain_vpc_options"}, "domain_name")) == 0
	f := cloud.fault(i, ["vpc_options"], "the domain is outside of any network", "no vpc_options", "vpc_options with private subnets")
}

# Collections without servers say it in a policy of their own.
finding contains f if {
	some i in cloud.managed({"aws_opensearchserverless_security_policy"})
	object.get(i.values, "type", "") == "network"
	text := cloud.text(object.get(i.values, "policy", null))
	json.is_valid(text)
	some rule in cloud.list(json.unmarshal(text))
	cloud.put_on(rule, "AllowFromPublic")
	f := cloud.rated(cloud.fault(i, ["policy"], "everybody reaches the collection", "AllowFromPublic = true", "SourceVPCEs"), "high")
}
