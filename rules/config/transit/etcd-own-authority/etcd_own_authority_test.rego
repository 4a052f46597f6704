# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.etcd_own_authority_test

import data.sealock.config.transit.etcd_own_authority as rule
import data.sealock.lib.samples_test as samples

component(program, flag) := {"name": program, "command": [program, flag]}

both(a, b) := samples.pod({"containers": [component("kube-apiserver", a), component("etcd", b)]})

test_one_for_both if {
	samples.marks(rule.finding) == {"medium spec/containers/1/command/1"} with input as both("--client-ca-file=/etc/ca.crt", "--trusted-ca-file=/etc/ca.crt")
}

test_in_two_manifests if {
	a := samples.workload(1, "Pod", "api", {"containers": [component("kube-apiserver", "--client-ca-file=/etc/ca.crt")]})
	b := samples.workload(2, "Pod", "etcd", {"containers": [component("etcd", "--trusted-ca-file=/etc/ca.crt")]})
	samples.items(rule.finding) == {2} with input as samples.kube([a, b])
}

test_two if {
	rule.finding == set() with input as both("--client-ca-file=/etc/ca.crt", "--trusted-ca-file=/etc/etcd/ca.crt")
}

test_only_one_is_known if {
	rule.finding == set() with input as samples.component("etcd", ["--trusted-ca-file=/etc/ca.crt"])
}
