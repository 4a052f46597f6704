# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_cloudfront_test

import data.sealock.config.cloud_encryption.aws_cloudfront as rule
import data.sealock.lib.config_cloud_test as t

test_plain if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudfront_distribution", {"default_cache_behavior": [{"viewer_protocol_policy": "allow-all"}]})])
	t.paths(findings) == {["default_cache_behavior", 0, "viewer_protocol_policy"]}
}

test_old_tls if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudfront_distribution", {"viewer_certificate": [{"acm_certificate_arn": "${aws_acm_certificate.a.arn}", "minimum_protocol_version": "TLSv1"}]})])
	t.paths(findings) == {["viewer_certificate", 0, "minimum_protocol_version"]}
}

test_default_certificate if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudfront_distribution", {"viewer_certificate": [{"cloudfront_default_certificate": true}]})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["viewer_certificate", 0, "cloudfront_default_certificate"]}
}

test_origin if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudfront_distribution", {"origin": [{"custom_origin_config": [{"origin_protocol_policy": "http-only"}]}, {"custom_origin_config": [{"origin_protocol_policy": "https-only", "origin_ssl_protocols": ["TLSv1.1", "TLSv1.2"]}]}]})])
	t.paths(findings) == {["origin", 0, "custom_origin_config", 0, "origin_protocol_policy"], ["origin", 1, "custom_origin_config", 0, "origin_ssl_protocols"]}
}

test_modern if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudfront_distribution", {"default_cache_behavior": [{"viewer_protocol_policy": "redirect-to-https"}], "viewer_certificate": [{"acm_certificate_arn": "a", "minimum_protocol_version": "TLSv1.2_2021"}], "origin": [{"custom_origin_config": [{"origin_protocol_policy": "https-only", "origin_ssl_protocols": ["TLSv1.2"]}]}]})])
	findings == set()
}
