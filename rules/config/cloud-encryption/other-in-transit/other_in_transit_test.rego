# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.other_in_transit_test

import data.sealock.config.cloud_encryption.other_in_transit as rule
import data.sealock.lib.config_cloud_test as t

test_any_certificate if {
	github := t.res("github_organization_webhook", {"configuration": [{"url": "https://hooks.example.com/", "insecure_ssl": true}]})
	gitlab := t.res("gitlab_project_hook", {"url": "https://hooks.example.com/", "enable_ssl_verification": false})
	findings := rule.finding with input as t.doc([github, gitlab])
	t.paths(findings) == {["configuration", 0, "insecure_ssl"], ["enable_ssl_verification"]}
}

test_in_the_open if {
	findings := rule.finding with input as t.doc([t.res("github_repository_webhook", {"configuration": [{"url": "http://hooks.example.com/"}]})])
	t.paths(findings) == {["configuration", 0, "url"]}
}

test_balancer if {
	findings := rule.finding with input as t.doc([t.res("digitalocean_loadbalancer", {"forwarding_rule": [{"entry_protocol": "http", "entry_port": 80}]})])
	t.paths(findings) == {["forwarding_rule", 0, "entry_protocol"]}
}

test_encrypted if {
	findings := rule.finding with input as t.doc([
		t.res("github_repository_webhook", {"configuration": [{"url": "https://hooks.example.com/", "insecure_ssl": false}]}),
		t.res("digitalocean_loadbalancer", {"redirect_http_to_https": true, "forwarding_rule": [{"entry_protocol": "http"}, {"entry_protocol": "https"}]}),
	])
	findings == set()
}
