# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.controller_credentials_test

import data.sealock.config.identity.controller_credentials as rule
import data.sealock.lib.samples_test as samples

test_switched_off if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kube-controller-manager", ["--use-service-account-credentials=false"])
}

test_by_default if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-controller-manager", ["--v=2"])
}

test_switched_on if {
	rule.finding == set() with input as samples.component("kube-controller-manager", ["--use-service-account-credentials=true"])
	rule.finding == set() with input as samples.component("kube-controller-manager", ["--use-service-account-credentials"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("kube-scheduler", ["--v=2"])
	rule.finding == set() with input as samples.kubeadm({"controllerManager": {}})
}
