# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.control_plane_access_test

import data.sealock.config.identity.control_plane_access as rule
import data.sealock.lib.samples_test as samples

component(name, args) := samples.pod({"containers": [{"name": name, "image": sprintf("registry.k8s.io/%s:v1.34.1", [name]), "command": array.concat([name], args)}]})

good := ["--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction"]

test_allow_always if {
	samples.marks(rule.finding) == {"critical spec/containers/0/command/1"} with input as component("kube-apiserver", ["--authorization-mode=AlwaysAllow", "--enable-admission-plugins=NodeRestriction"])
}

test_nothing_said if {
	samples.marks(rule.finding) == {"critical spec/containers/0/command", "medium spec/containers/0/command"} with input as component("kube-apiserver", ["--secure-port=6443"])
}

test_anonymous_and_passwords if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/3", "high spec/containers/0/command/4"} with input as component("kube-apiserver", array.concat(good, ["--anonymous-auth=true", "--token-auth-file=/etc/tokens.csv"]))
}

test_a_kubelets_settings if {
	k := samples.global(1, "kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", "", {"authentication": {"anonymous": {"enabled": true}}, "authorization": {"mode": "AlwaysAllow"}, "readOnlyPort": 10255})
	count(rule.finding) == 3 with input as samples.kube([k])
}

test_settings_for_kubeadm if {
	k := samples.global(1, "kubeadm.k8s.io/v1beta3", "ClusterConfiguration", "", {"apiServer": {"extraArgs": {"authorization-mode": "AlwaysAllow"}}})
	samples.marks(rule.finding) == {"critical apiServer/extraArgs/authorization-mode"} with input as samples.kube([k])
	v4 := samples.global(1, "kubeadm.k8s.io/v1beta4", "ClusterConfiguration", "", {"apiServer": {"extraArgs": [{"name": "anonymous-auth", "value": "true"}]}})
	samples.marks(rule.finding) == {"medium apiServer/extraArgs/0/value"} with input as samples.kube([v4])
}

test_a_good_one if {
	rule.finding == set() with input as component("kube-apiserver", array.concat(good, ["--anonymous-auth=false", "--service-account-lookup=true"]))
}

test_good_settings if {
	k := samples.global(1, "kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", "", {"authentication": {"anonymous": {"enabled": false}}, "authorization": {"mode": "Webhook"}, "readOnlyPort": 0})
	rule.finding == set() with input as samples.kube([k])
}

test_other_programs if {
	rule.finding == set() with input as component("web", ["--authorization-mode=AlwaysAllow", "--anonymous-auth", "true"])
}
