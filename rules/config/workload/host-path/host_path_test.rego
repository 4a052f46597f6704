# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.host_path_test

import data.sealock.config.workload.host_path as rule
import data.sealock.lib.samples_test as samples

mounted(path, options) := samples.deployment({
	"containers": [{"name": "web", "volumeMounts": [object.union({"name": "host", "mountPath": "/host"}, options)]}],
	"volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "host", "hostPath": {"path": path, "type": "Directory"}}],
})

test_the_root_of_the_node if {
	samples.marks(rule.finding) == {"high spec/template/spec/volumes/1/hostPath"} with input as mounted("/", {})
}

test_a_folder_below_etc if {
	samples.marks(rule.finding) == {"high spec/template/spec/volumes/1/hostPath"} with input as mounted("/etc/kubernetes/pki", {"readOnly": false})
}

test_read_only_is_less_bad if {
	samples.marks(rule.finding) == {"medium spec/template/spec/volumes/1/hostPath"} with input as mounted("/etc", {"readOnly": true})
}

test_reading_the_kubelets_folder_is_enough if {
	samples.marks(rule.finding) == {"high spec/template/spec/volumes/1/hostPath"} with input as mounted("/var/lib/kubelet/", {"readOnly": true})
}

test_reading_a_login_is_enough if {
	every path in [
		"/etc/kubernetes/admin.conf", "/etc/kubernetes/azure.json", "/root/.aws/credentials", "/home/alice/.ssh", "/root/.config/gcloud/", "/etc/shadow",
		"/var/lib/rancher/k3s/server/node-token", "/etc/kubernetes/pki/ca.key",
	] {
		samples.marks(rule.finding) == {"high spec/template/spec/volumes/1/hostPath"} with input as mounted(path, {"readOnly": true})
	}
}

test_the_authoritys_certificate_is_no_login if {
	samples.marks(rule.finding) == {"medium spec/template/spec/volumes/1/hostPath"} with input as mounted("/etc/kubernetes/pki/ca.crt", {"readOnly": true})
}

test_the_time_zone_is_low if {
	samples.marks(rule.finding) == {"low spec/template/spec/volumes/1/hostPath"} with input as mounted("/etc/localtime", {"readOnly": true})
}

test_other_folders_are_findings_too if {
	samples.marks(rule.finding) == {"medium spec/template/spec/volumes/1/hostPath"} with input as mounted("/data/web", {})
	samples.marks(rule.finding) == {"medium spec/template/spec/volumes/1/hostPath"} with input as mounted("/etcetera", {})
}

test_other_volumes_are_fine if {
	rule.finding == set() with input as samples.pod({"containers": [{"name": "web"}], "volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "persistentVolumeClaim": {"claimName": "b"}}]})
}

test_the_socket_of_the_runtime_has_a_rule_of_its_own if {
	rule.finding == set() with input as mounted("/var/run/docker.sock", {})
}

test_no_volumes if {
	rule.finding == set() with input as samples.pod({"containers": [{"name": "web"}], "volumes": null})
}

volume(spec) := samples.kube([samples.global(1, "v1", "PersistentVolume", "disk", {"spec": spec})])

test_persistent_volumes if {
	samples.marks(rule.finding) == {"high spec/hostPath"} with input as volume({"hostPath": {"path": "/var/lib/kubelet"}})
	samples.marks(rule.finding) == {"medium spec/hostPath"} with input as volume({"hostPath": {"path": "/data"}})
	rule.finding == set() with input as volume({"local": {"path": "/mnt/disks/a"}})
}
