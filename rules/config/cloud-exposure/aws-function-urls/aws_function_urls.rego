# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Functions and APIs know who calls
# description: An address without authentication runs the code for everybody.
# related_resources:
# - ref: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
#   description: Control access to Lambda function URLs
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-exposure.aws-function-urls
#   severity: high
#   remediation: "Set authorization_type = \"AWS_IAM\", or an authorizer (JWT, Cognito, Lambda)."
#   zeroTrust: [Z10, Z24]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_function_urls

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_lambda_function_url"})
	object.get(i.values, "authorization_type", "") == "NONE"
	f := cloud.fault(i, ["authorization_type"], "everybody may call the function", "authorization_type = NONE", "AWS_IAM")
}

finding contains f if {
	some i in cloud.managed({"aws_api_gateway_method"})
	object.get(i.values, "authorization", "") == "NONE"
	object.get(i.values, "http_method", "") != "OPTIONS"
	not cloud.put_on(i.values, "api_key_required")
	f := cloud.rated(cloud.fault(i, ["authorization"], "everybody may call the method", "authorization = NONE", "AWS_IAM, COGNITO_USER_POOLS or CUSTOM"), "medium")
}

finding contains f if {
	some i in cloud.managed({"aws_apigatewayv2_route"})
	object.get(i.values, "authorization_type", null) in {null, "", "NONE"}
	not preflight(object.get(i.values, "route_key", ""))
	not cloud.put_on(i.values, "api_key_required")
	f := cloud.rated(cloud.fault(i, ["authorization_type"], "everybody may call the route", sprintf("authorization_type is %s", [cloud.shown(object.get(i.values, "authorization_type", null))]), "JWT, AWS_IAM or CUSTOM"), "medium")
}

preflight(key) if regex.match(`^(OPTIONS |\$disconnect$|\$default$)`, cloud.text(key))

finding contains f if {
	some i in cloud.managed({"aws_appsync_graphql_api"})
	object.get(i.values, "authentication_type", "") == "API_KEY"
	f := cloud.rated(cloud.fault(i, ["authentication_type"], "everybody who has the page's key may call the API", "authentication_type = API_KEY", "AWS_IAM, AMAZON_COGNITO_USER_POOLS, OPENID_CONNECT or AWS_LAMBDA"), "low")
}

# Services of a lattice are called by whoever is in its networks unless IAM is asked.
finding contains f if {
	some i in cloud.managed({"aws_vpclattice_service", "aws_vpclattice_service_network"})
	kind := cloud.get(i.values, "auth_type", "NONE")
	kind == "NONE"
	f := cloud.rated(cloud.fault(i, ["auth_type"], "everybody in the network may call the service", sprintf("auth_type is %s", [cloud.shown(object.get(i.values, "auth_type", null))]), "AWS_IAM"), "medium")
}
