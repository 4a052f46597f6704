# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.audit_policy_file_test

import data.sealock.config.identity.audit_policy_file as rule
import data.sealock.lib.samples_test as samples

test_none if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--audit-log-path=/var/log/audit.log"])
}

test_bare if {
	count(rule.finding) == 1 with input as samples.component("kube-apiserver", [])
}

test_given if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--audit-policy-file=/etc/audit.yaml"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("kube-scheduler", [])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {}})
}
