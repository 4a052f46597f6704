# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_imdsv2_test

import data.sealock.config.cloud_exposure.aws_imdsv2 as rule
import data.sealock.lib.config_cloud_test as t

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {"ami": "ami-1"})])
	t.paths(findings) == {["metadata_options", "http_tokens"]}
}

test_optional if {
	findings := rule.finding with input as t.doc([t.res("aws_launch_template", {"metadata_options": [{"http_endpoint": "enabled", "http_tokens": "optional"}]})])
	t.paths(findings) == {["metadata_options", 0, "http_tokens"]}
}

test_required if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {"metadata_options": [{"http_tokens": "required"}]})])
	findings == set()
}

test_off if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {"metadata_options": [{"http_endpoint": "disabled"}]})])
	findings == set()
}

test_by_the_template if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {"launch_template": [{"id": "${aws_launch_template.a.id}"}]})])
	findings == set()
}

test_by_the_account if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {}), t.res("aws_ec2_instance_metadata_defaults", {"http_tokens": "required"})])
	findings == set()
}

test_hops if {
	findings := rule.finding with input as t.doc([
		t.res("aws_launch_template", {"metadata_options": [{"http_tokens": "required", "http_put_response_hop_limit": 2}]}),
		t.res("aws_instance", {"metadata_options": [{"http_tokens": "required", "http_put_response_hop_limit": 1}]}),
		t.res("aws_instance", {"metadata_options": [{"http_endpoint": "disabled", "http_put_response_hop_limit": 2}]}),
	])
	t.paths(findings) == {["metadata_options", 0, "http_put_response_hop_limit"]}
	t.severities(findings) == {"low"}
}
