# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Webhooks and load balancers of other providers use TLS, and check it
# description: A webhook that takes any certificate tells its secrets to whoever is on the way; over plain HTTP everybody there reads and changes what is sent.
# related_resources:
# - ref: https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
#   description: Best practices for using webhooks, HTTPS and SSL verification
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-8(1) Cryptographic Protection in transit
# custom:
#   id: cloud-encryption.other-in-transit
#   severity: medium
#   remediation: Leave insecure_ssl out, use an https address, and redirect HTTP to HTTPS.
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.other_in_transit

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

hooks := {"github_repository_webhook", "github_organization_webhook"}

finding contains f if {
	some i in cloud.managed(hooks)
	some p in cloud.at(i.values, ["configuration"])
	object.get(p.block, "insecure_ssl", null) in {true, "true", 1, "1"}
	f := cloud.fault(i, config.child(p.path, ["insecure_ssl"]), "any certificate is taken", "insecure_ssl = true", "false")
}

finding contains f if {
	some i in cloud.managed(hooks)
	some p in cloud.at(i.values, ["configuration"])
	startswith(lower(cloud.text(object.get(p.block, "url", ""))), "http://")
	f := cloud.fault(i, config.child(p.path, ["url"]), "events are sent in the open", p.block.url, "https")
}

finding contains f if {
	some i in cloud.managed({"gitlab_project_hook", "gitlab_group_hook", "gitlab_system_hook"})
	cloud.put_off(i.values, "enable_ssl_verification")
	f := cloud.fault(i, ["enable_ssl_verification"], "any certificate is taken", "enable_ssl_verification = false", "true")
}

finding contains f if {
	some i in cloud.managed({"digitalocean_loadbalancer"})
	cloud.off(i.values, "redirect_http_to_https")
	some p in cloud.at(i.values, ["forwarding_rule"])
	object.get(p.block, "entry_protocol", "") == "http"
	f := cloud.fault(i, config.child(p.path, ["entry_protocol"]), "plain HTTP is taken and not redirected", "entry_protocol = http", "https, or redirect_http_to_https = true")
}
