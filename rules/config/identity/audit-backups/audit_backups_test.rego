# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.audit_backups_test

import data.sealock.config.identity.audit_backups as rule
import data.sealock.lib.samples_test as samples

test_not_said if {
	samples.marks(rule.finding) == {"low spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--audit-log-path=/var/log/audit.log"])
}

test_too_little if {
	samples.marks(rule.finding) == {"low spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--audit-log-maxbackup=5"])
	samples.marks(rule.finding) == {"low apiServer/extraArgs/audit-log-maxbackup"} with input as samples.kubeadm({"apiServer": {"extraArgs": {"audit-log-maxbackup": 3}}})
}

test_enough if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--audit-log-maxbackup=10"])
}

test_sent_away_and_other_programs if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--audit-webhook-config-file=/etc/hook.yaml"])
	rule.finding == set() with input as samples.component("web", ["--audit-log-maxbackup=1"])
}
