# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.insecure_flags_test

import data.sealock.config.transit.insecure_flags as rule
import data.sealock.lib.samples_test as samples

test_a_flag if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/args/1"} with input as samples.one({"args": ["--secure-port=10250", "--kubelet-insecure-tls"]})
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/command/1"} with input as samples.one({"command": ["agent", "--insecure-skip-verify=true"]})
}

test_a_variable if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/env/0/value"} with input as samples.one({"env": [{"name": "NODE_TLS_REJECT_UNAUTHORIZED", "value": "0"}]})
	count(rule.finding) == 1 with input as samples.one({"env": [{"name": "VAULT_SKIP_VERIFY", "value": "true"}]})
}

test_switched_on_again if {
	rule.finding == set() with input as samples.one({"args": ["--insecure-skip-tls-verify=false"], "env": [{"name": "VAULT_SKIP_VERIFY", "value": "false"}]})
}

test_other_flags_are_fine if {
	rule.finding == set() with input as samples.one({"args": ["--tls-verify", "serve", 5], "env": [{"name": "TLS_VERIFY", "value": "true"}, null]})
}

test_custom_resources if {
	transport := samples.namespaced(1, "traefik.io/v1alpha1", "ServersTransport", "web", {"spec": {"insecureSkipVerify": true}})
	samples.marks(rule.finding) == {"medium spec/insecureSkipVerify"} with input as samples.kube([transport])
	monitor := samples.namespaced(1, "monitoring.coreos.com/v1", "ServiceMonitor", "web", {"spec": {"endpoints": [{"port": "a"}, {"tlsConfig": {"insecureSkipVerify": true}}]}})
	samples.marks(rule.finding) == {"low spec/endpoints/1/tlsConfig/insecureSkipVerify"} with input as samples.kube([monitor])
}

test_custom_resources_that_check if {
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "traefik.io/v1alpha1", "ServersTransport", "web", {"spec": {"insecureSkipVerify": false, "rootCAsSecrets": ["ca"]}})])
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "fleet.example.com/v1", "Rocket", "web", {"spec": {"insecureSkipVerify": true}})])
}

store(server) := samples.kube([samples.namespaced(1, "external-secrets.io/v1", "SecretStore", "vault", {"spec": {"provider": {"vault": {"server": server}}}})])

test_secrets_in_plain_text if {
	samples.marks(rule.finding) == {"spec/provider/vault/server"} with input as store("http://vault.example.com:8200")
	rule.finding == set() with input as store("https://vault.example.com:8200")
}
