# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Pods mount nothing of the node's files"
# description: "A hostPath volume shows the pod files of the node, and with a folder such as /etc or /var/lib/kubelet lets it read other pods' secrets or take over the node."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: HostPath Volumes"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.12"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# custom:
#   id: workload.host-path
#   severity: medium
#   remediation: "Use a persistentVolumeClaim, an emptyDir, a configMap or a projected volume."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.host_path

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

# roots are folders of the node that hold its configuration, credentials, binaries or devices.
roots := {"/etc", "/root", "/boot", "/dev", "/proc", "/sys", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/run", "/var/run", "/var/lib/kubelet", "/var/lib/docker", "/var/lib/containerd", "/var/lib/etcd", "/home", "/opt/cni"}

finding contains f if {
	some w in config.workloads
	some i, v in pods.list(w.pod.spec, ["volumes"])
	host := pods.at(v, ["hostPath"], null)
	host != null
	path := pods.text(pods.at(host, ["path"], ""))
	not pods.runtime_socket(path)
	name := pods.text(pods.at(v, ["name"], ""))
	f := {
		"item": w.id, "path": pods.spec_path(w, ["volumes", i, "hostPath"]), "severity": severity(w, name, path),
		"message": sprintf("volume %q is %s of the node", [name, path]), "found": sprintf("hostPath %s", [path]),
		"expected": "no hostPath volume",
	}
}

# A PersistentVolume of this type is the same by another way, for whoever has a claim to it.
finding contains f if {
	some v in pods.of_kind({"PersistentVolume"})
	host := pods.at(v.object, ["spec", "hostPath"], null)
	host != null
	path := pods.text(pods.at(host, ["path"], ""))
	f := {
		"item": v.id, "path": ["spec", "hostPath"], "severity": volume_severity(path), "message": sprintf("the volume %s is %s of the node", [v.name, path]),
		"found": sprintf("hostPath %s", [path]), "expected": "a CSI driver, or the type local on a disk of its own",
	}
}

volume_severity(path) := "high" if {
	sensitive(path)
} else := "high" if {
	secretive(path)
} else := "medium"

severity(w, name, path) := "high" if {
	sensitive(path)
	written(w, name)
} else := "high" if {
	secretive(path)
} else := "low" if {
	harmless(path)
	not written(w, name)
} else := "medium"

# secretive(path) if reading is enough to get at keys and tokens.
secretive(path) if trim_right(path, "/") in {"", "/root", "/var/lib", "/var/lib/kubelet", "/var/lib/kubelet/pods", "/var/lib/etcd", "/etc/kubernetes", "/etc/kubernetes/pki"}

# Files and folders that hold a login: of the cluster's administrator, to a cloud, to other machines.
secretive(path) if regex.match(`^(/root|/home/[^/]+)/\.(aws|azure|kube|ssh|docker|gnupg|config/gcloud)(/|$)`, path)

secretive(path) if regex.match(`^/etc/kubernetes/([a-z-]+\.conf|azure\.json|cloud-config|cloud\.conf|pki/.+\.key)$`, path)

secretive(path) if regex.match(`^/etc/(shadow|ssh|rancher/(k3s|rke2)/[a-z0-9]+\.yaml)/?$|^/var/lib/rancher/(k3s|rke2)/server(/|$)`, path)

sensitive(path) if trim_right(path, "/") in {"", "/var", "/var/lib"}

sensitive(path) if {
	some r in roots
	startswith(sprintf("%s/", [trim_right(path, "/")]), sprintf("%s/", [r]))
	not harmless(path)
}

# harmless(path) is for files that every container may know.
harmless(path) if trim_right(path, "/") in {"/etc/localtime", "/etc/timezone", "/etc/ssl/certs", "/usr/share/ca-certificates", "/usr/share/zoneinfo", "/etc/ca-certificates", "/usr/local/share/ca-certificates", "/etc/pki"}

written(w, name) if {
	some c in w.pod.containers
	some m in pods.list(c.spec, ["volumeMounts"])
	m.name == name
	pods.at(m, ["readOnly"], false) != true
}
