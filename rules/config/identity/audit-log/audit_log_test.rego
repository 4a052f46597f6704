# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.audit_log_test

import data.sealock.config.identity.audit_log as rule
import data.sealock.lib.samples_test as samples

test_none if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--secure-port=6443"])
}

test_only_a_policy if {
	count(rule.finding) == 1 with input as samples.component("kube-apiserver", ["--audit-policy-file=/etc/audit.yaml"])
}

test_a_file if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--audit-log-path=/var/log/audit.log"])
}

test_a_webhook_and_other_programs if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--audit-webhook-config-file=/etc/w.yaml"])
	rule.finding == set() with input as samples.component("kube-scheduler", ["--secure-port=1"])
}
