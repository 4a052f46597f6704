# SPDX-License-Identifier: Apache-2.0

# What the rules about Kubernetes' own components share: their flags in manifests and in kubeadm's files, and the kubelet's file of settings.
package sealock.lib.config_control_plane

import data.sealock.lib.config
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

# api_server is what it may be called.
api_server := {"kube-apiserver", "apiserver"}

programs := {"kube-apiserver", "apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "etcd"}

# components is the commands that start one of the programs. An image alone says little: its own command may have flags.
components := [c |
	some c in mesh.commands
	c.program in programs
	count(c.flags) + count(pods.list(c.spec, ["command"])) > 0
]

# static_pods is the pods that the kubelet starts from files on a node of the control plane, by id. They can have neither a service account nor a token.
# They are told by what kubeadm writes, and by a program of Kubernetes itself in every container: labels alone make none.
static_pods := {w.id |
	some w in config.workloads
	w.kind == "Pod"
	w.namespace == "kube-system"
	w.pod.labels.tier == "control-plane"
	w.pod.labels.component in {"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "etcd"}
	every field in ["serviceAccountName", "serviceAccount"] {
		pods.at(w.pod.spec, [field], "") == ""
	}
	count(w.pod.containers) > 0
	every c in w.pod.containers {
		mesh.base(pods.text(pods.list(c.spec, ["command"])[0])) == w.pod.labels.component
	}
}

# kubeadm is the flags that kubeadm is to add, in the form of commands. It sets others itself, so what is missing here says nothing.
kubeadm := array.concat(cluster, nodes)

cluster := [c |
	some k in pods.of_kind({"ClusterConfiguration"})
	some place in [
		{"path": ["apiServer"], "program": "kube-apiserver"}, {"path": ["controllerManager"], "program": "kube-controller-manager"},
		{"path": ["scheduler"], "program": "kube-scheduler"}, {"path": ["etcd", "local"], "program": "etcd"},
	]
	c := {"item": k, "program": place.program, "flags": extra(k, array.concat(place.path, ["extraArgs"]))}
]

nodes := [c |
	some k in pods.of_kind({"InitConfiguration", "JoinConfiguration"})
	c := {"item": k, "program": "kubelet", "flags": extra(k, ["nodeRegistration", "kubeletExtraArgs"])}
]

# extra is by name up to v1beta3, and a list of names and values since.
extra(k, path) := array.concat(
	[{"flag": name, "value": sprintf("%v", [v]), "path": array.concat(path, [name])} | some name, v in pods.dict(k.object, path)],
	[{"flag": pods.text(pods.at(a, ["name"], "")), "value": sprintf("%v", [pods.at(a, ["value"], "")]), "path": array.concat(path, [i, "value"])} |
		some i, a in pods.list(k.object, path)
	],
)

all := array.concat(components, kubeadm)

# given(names, flags) is each of these flags that one of the programs is given: c is the command, x the flag.
given(names, flags) := [{"c": c, "x": x} | some c in all; c.program in names; some x in c.flags; x.flag in flags]

# without(names, flags) is the commands of these programs that are given none of the flags, nor a file or environment that may say the same.
without(names, flags) := [c |
	some c in components
	c.program in names
	count([x | some x in c.flags; x.flag in flags]) == 0
	not by_file(c)
	not by_environment(c, flags)
]

# without_all(names, flags) is the commands of these programs that are not given all of the flags, which belong together.
without_all(names, flags) := [c | some c in control_of(names); count(lacking(c, flags)) > 0; not by_file(c); not by_environment(c, flags)]

control_of(names) := [c | some c in components; c.program in names]

# lacking(c, flags) is those that a command leaves out.
lacking(c, flags) := sort(flags - {x.flag | some x in c.flags})

# local(c, flag) if only programs on the same machine are spoken to at the addresses in a flag.
local(c, flag) if {
	some x in c.flags
	x.flag == flag
	on_this_machine(x.value)
}

on_this_machine(urls) if {
	every url in split(urls, ",") {
		regex.match(`^https?://(127\.0\.0\.1|localhost|\[::1\])(:|/|$)`, url)
	}
}

by_file(c) if {
	some x in c.flags
	x.flag in {"config", "config-file"}
}

by_environment(c, flags) if {
	c.program == "etcd"
	names := {sprintf("ETCD_%s", [upper(replace(f, "-", "_"))]) | some f in flags}
	some e in pods.list(c.spec, ["env"])
	pods.at(e, ["name"], "") in names
}

# wrong(g, severity, why, expected) is the finding of a flag with a wrong value.
wrong(g, severity, why, expected) := {
	"item": g.c.item.id, "path": g.x.path, "severity": severity, "message": sprintf("%s: %s", [g.c.program, why]),
	"found": sprintf("--%s=%s", [g.x.flag, g.x.value]), "expected": expected,
}

# missing(c, flag, severity, why) is the finding of a flag that is left out.
missing(c, flag, severity, why) := {
	"item": c.item.id, "path": mesh.anchor(c), "severity": severity, "message": sprintf("%s: %s", [c.program, why]), "found": sprintf("no --%s", [flag]),
	"expected": sprintf("--%s", [flag]),
}

# kubelet_files is the kubelet's settings in files.
kubelet_files := pods.of_kind({"KubeletConfiguration"})

# setting(k, path, severity, why, expected) is the finding of what such a file says or leaves out.
setting(k, path, severity, why, expected) := {
	"item": k.id, "path": path, "severity": severity, "message": sprintf("kubelet: %s", [why]),
	"found": sprintf("%s: %v", [concat(".", path), pods.at(k.object, path, "not set")]), "expected": expected,
}
