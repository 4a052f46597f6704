# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Secrets are not sent away while Terraform runs"
# description: "A secret in the address of a request stands in the logs of every machine on the way, and a request that a module makes may go to somebody who collects them."
# related_resources:
# - ref: https://owasp.org/www-community/vulnerabilities/Information_exposure_through_query_strings_in_url
#   description: "OWASP, Information exposure through query strings in URL"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-8 Transmission Confidentiality and AC-4 Information Flow Enforcement
# custom:
#   id: cloud-secrets.sent-away
#   severity: high
#   remediation: "Send no secret in an address; where a service needs one, send it in a header over HTTPS to a host that is written out."
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_secrets.sent_away

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in config.data_items({"http"})
	some key in ["url", "request_body"]
	written := cloud.text(object.get(i.values, key, null))
	some reference in regex.find_n(`\$\{[^${}]+\}`, written, 100)
	secret(reference)
	f := cloud.fault(i, [key], "a secret is sent to another host", trim_suffix(trim_prefix(reference, "${"), "}"), "an address without secrets")
}

# Where secrets come from, and names that say so.
secret(reference) if regex.match(`(random_password|aws_ssm_parameter|aws_secretsmanager_secret_version|google_secret_manager_secret_version|azurerm_key_vault_secret|vault_[a-z0-9_]+|tls_private_key|aws_iam_access_key)\.[A-Za-z0-9_-]+(\[[^\]]*\])?\.(result|value|insecure_value|secret_string|secret_data|secret|data|private_key_[a-z]+)`, reference)

secret(reference) if {
	parts := split(trim_suffix(reference, "}"), ".")
	name := parts[count(parts) - 1]
	cloud.secret_name(name)
	not cloud.vague(name)
}

# What is sent in clear text is given to everybody on the way.
finding contains f if {
	some i in config.data_items({"http"})
	startswith(lower(cloud.text(object.get(i.values, "url", null))), "http://")
	headers := object.get(i.values, "request_headers", null)
	is_object(headers)
	some name, _ in headers
	lower(name) in {"authorization", "x-api-key", "private-token", "x-vault-token"}
	f := cloud.fault(i, ["url"], "credentials are sent by plain HTTP", "url begins with http://", "https://")
}
