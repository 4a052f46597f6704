# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.etcd_auto_tls_test

import data.sealock.config.transit.etcd_auto_tls as rule
import data.sealock.lib.samples_test as samples

test_for_clients if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("etcd", ["--auto-tls=true"])
}

test_for_members if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("etcd", ["--peer-auto-tls"])
	samples.marks(rule.finding) == {"high etcd/local/extraArgs/0/value"} with input as samples.kubeadm({"etcd": {"local": {"extraArgs": [{"name": "auto-tls", "value": "true"}]}}})
}

test_off if {
	rule.finding == set() with input as samples.component("etcd", ["--auto-tls=false", "--peer-auto-tls=false"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("etcd", [])
	rule.finding == set() with input as samples.component("web", ["--auto-tls=true"])
}
