# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_search_outside_vpc_test

import data.sealock.config.cloud_exposure.aws_search_outside_vpc as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("aws_opensearch_domain", {"domain_name": "shop"})])
	t.paths(findings) == {["vpc_options"]}
}

test_none_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("aws_elasticsearch_domain", {"vpc_options": []})])
	t.paths(findings) == {["vpc_options"]}
}

test_inside if {
	findings := rule.finding with input as t.doc([t.res("aws_opensearch_domain", {"vpc_options": [{"subnet_ids": ["${var.a}"]}]})])
	findings == set()
}

test_several_dynamic if {
	findings := rule.finding with input as t.doc([t.res("aws_elasticsearch_domain", {"vpc_options": [{"subnet_ids": "${vpc_options.value}"}]})])
	findings == set()
}

test_collections if {
	findings := rule.finding with input as t.doc([
		t.res("aws_opensearchserverless_security_policy", {"type": "network", "policy": `[{"Rules":[{"ResourceType":"collection","Resource":["collection/logs"]}],"AllowFromPublic":true}]`}),
		t.res("aws_opensearchserverless_security_policy", {"type": "network", "policy": `[{"AllowFromPublic":false,"SourceVPCEs":["vpce-050f79086ee71ac05"]}]`}),
		t.res("aws_opensearchserverless_security_policy", {"type": "encryption", "policy": `{"AWSOwnedKey":true}`}),
	])
	t.paths(findings) == {["policy"]}
	count(findings) == 1
}
