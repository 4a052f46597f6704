# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.static_credentials_test

import data.sealock.config.identity.static_credentials as rule
import data.sealock.lib.samples_test as samples

test_tokens if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/2"} with input as samples.component("kube-apiserver", ["--v=2", "--token-auth-file=/etc/tokens.csv"])
}

test_passwords if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--basic-auth-file=/etc/users.csv"])
	samples.marks(rule.finding) == {"high apiServer/extraArgs/basic-auth-file"} with input as samples.kubeadm({"apiServer": {"extraArgs": {"basic-auth-file": "/etc/users.csv"}}})
}

test_none if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--oidc-issuer-url=https://login.example.com"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--token-auth-file=/etc/tokens.csv"])
}
