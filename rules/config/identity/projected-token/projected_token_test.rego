# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.projected_token_test

import data.sealock.config.identity.projected_token as rule
import data.sealock.lib.samples_test as samples

params := {"identity.projected-token": {"maxSeconds": 86400}}

token(sources) := samples.deployment({"containers": [{"name": "web"}], "volumes": [{"name": "token", "projected": {"sources": sources}}]})

test_a_token_for_a_year if {
	samples.marks(rule.finding) == {"spec/template/spec/volumes/0/projected/sources/0/serviceAccountToken/expirationSeconds"} with input as token([{"serviceAccountToken": {"path": "t", "audience": "vault", "expirationSeconds": 31536000}}]) with data.params as params
}

test_no_audience if {
	samples.marks(rule.finding) == {"low spec/template/spec/volumes/0/projected/sources/1/serviceAccountToken/audience"} with input as token([{"configMap": {"name": "ca"}}, {"serviceAccountToken": {"path": "t"}}]) with data.params as params
}

test_both_are_said if {
	rule.finding == set() with input as token([{"serviceAccountToken": {"path": "t", "audience": "vault", "expirationSeconds": 3600}}]) with data.params as params
}

test_the_token_for_the_api_server if {
	rule.finding == set() with input as token([{"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}}, {"configMap": {"name": "kube-root-ca.crt"}}]) with data.params as params
}

test_no_token if {
	rule.finding == set() with input as token([{"secret": {"name": "x"}}, null]) with data.params as params
}
