# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.etcd_peers_test

import data.sealock.config.transit.etcd_peers as rule
import data.sealock.lib.samples_test as samples

test_switched_off if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("etcd", ["--peer-client-cert-auth=false"])
	samples.marks(rule.finding) == {"high etcd/local/extraArgs/peer-client-cert-auth"} with input as samples.kubeadm({"etcd": {"local": {"extraArgs": {"peer-client-cert-auth": "false"}}}})
}

test_by_default if {
	samples.marks(rule.finding) == {"high spec/containers/0/command"} with input as samples.component("etcd", ["--listen-peer-urls=https://0.0.0.0:2379"])
}

test_switched_on if {
	rule.finding == set() with input as samples.component("etcd", ["--peer-client-cert-auth=true"])
	rule.finding == set() with input as samples.component("etcd", ["--peer-client-cert-auth"])
}

test_told_otherwise if {
	rule.finding == set() with input as samples.component("etcd", ["--config-file=/etc/etcd.yaml"])
	rule.finding == set() with input as samples.pod({"containers": [{"name": "etcd", "command": ["etcd"], "env": [{"name": "ETCD_PEER_CLIENT_CERT_AUTH", "value": "true"}]}]})
}

test_on_one_machine if {
	rule.finding == set() with input as samples.component("etcd", ["--listen-peer-urls=http://127.0.0.1:2379"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--peer-client-cert-auth=false"])
}
