# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_function_urls_test

import data.sealock.config.cloud_exposure.aws_function_urls as rule
import data.sealock.lib.config_cloud_test as t

test_url if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_function_url", {"authorization_type": "NONE"})])
	t.paths(findings) == {["authorization_type"]}
}

test_method if {
	findings := rule.finding with input as t.doc([t.res("aws_api_gateway_method", {"authorization": "NONE", "http_method": "POST"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["authorization"]}
}

test_signed if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_function_url", {"authorization_type": "AWS_IAM"})])
	findings == set()
}

test_preflight if {
	findings := rule.finding with input as t.doc([t.res("aws_api_gateway_method", {"authorization": "NONE", "http_method": "OPTIONS"}), t.res("aws_api_gateway_method", {"authorization": "CUSTOM", "http_method": "GET"})])
	findings == set()
}

test_routes if {
	findings := rule.finding with input as t.doc([t.res("aws_apigatewayv2_route", {"route_key": "GET /orders"}), t.res("aws_apigatewayv2_route", {"route_key": "GET /a", "authorization_type": "JWT"}), t.res("aws_apigatewayv2_route", {"route_key": "OPTIONS /a"})])
	count(findings) == 1
	t.paths(findings) == {["authorization_type"]}
}

test_graphql if {
	findings := rule.finding with input as t.doc([t.res("aws_appsync_graphql_api", {"authentication_type": "API_KEY"}), t.res("aws_appsync_graphql_api", {"authentication_type": "AWS_IAM"})])
	t.paths(findings) == {["authentication_type"]}
}

test_lattice if {
	findings := rule.finding with input as t.doc([t.res("aws_vpclattice_service", {"name": "orders"}), t.res("aws_vpclattice_service_network", {"auth_type": "NONE"}), t.res("aws_vpclattice_service", {"auth_type": "AWS_IAM"})])
	t.paths(findings) == {["auth_type"]}
	count(findings) == 2
}
