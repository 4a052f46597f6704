# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.audit_retention_test

import data.sealock.config.identity.audit_retention as rule
import data.sealock.lib.samples_test as samples

kept := ["--audit-log-path=/var/log/audit.log", "--audit-log-maxage=30", "--audit-log-maxbackup=10", "--audit-log-maxsize=100"]

test_nothing_said if {
	count(rule.finding) == 3 with input as samples.component("kube-apiserver", ["--audit-log-path=/var/log/audit.log"])
}

test_too_little if {
	samples.marks(rule.finding) == {"low spec/containers/0/command/5"} with input as samples.component("kube-apiserver", array.concat(kept, ["--audit-log-maxage=7"]))
	samples.marks(rule.finding) == {"low apiServer/extraArgs/audit-log-maxbackup"} with input as samples.kubeadm({"apiServer": {"extraArgs": {"audit-log-maxbackup": 3}}})
}

test_enough if {
	rule.finding == set() with input as samples.component("kube-apiserver", kept)
}

test_sent_away if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--audit-webhook-config-file=/etc/hook.yaml"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--audit-log-maxage=1"])
}
