# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.legacy_token_test

import data.sealock.config.identity.legacy_token as rule
import data.sealock.lib.samples_test as samples

secret(body) := samples.kube([samples.namespaced(1, "v1", "Secret", "web-token", body)])

test_a_token_for_an_account if {
	some f in rule.finding with input as secret({"type": "kubernetes.io/service-account-token", "metadata": {"annotations": {"kubernetes.io/service-account.name": "web"}}})
	f.path == ["type"]
	contains(f.message, "web")
}

test_without_an_annotation if {
	samples.marks(rule.finding) == {"type"} with input as secret({"type": "kubernetes.io/service-account-token"})
}

test_other_types_are_fine if {
	rule.finding == set() with input as secret({"type": "kubernetes.io/tls"})
}

test_no_type if {
	rule.finding == set() with input as secret({})
}
