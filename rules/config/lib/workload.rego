# SPDX-License-Identifier: Apache-2.0

# What the rules about pods, containers and images share. Manifests are foreign: nothing here fails on a value of a wrong type.
package sealock.lib.config_workload

import data.sealock.lib.config

# containers is every container of every workload, beside its workload.
containers := [{"item": w, "c": c} | some w in config.workloads; some c in w.pod.containers]

# linux is the containers that run on Linux: much of a security context means nothing on Windows.
linux := [x | some x in containers; on_linux(x.item)]

on_linux(w) if at(w.pod.spec, ["os", "name"], "linux") != "windows"

# at(v, path, otherwise) is what stands at path below v; null counts as missing, and so does a value of another type on the way.
at(v, path, otherwise) := x if {
	is_object(v)
	x := object.get(v, path, null)
	x != null
} else := otherwise

# list(v, path) is the list at path; anything else is an empty one.
list(v, path) := x if {
	x := at(v, path, [])
	is_array(x)
} else := []

# dict(v, path) is the object at path; anything else is an empty one.
dict(v, path) := x if {
	x := at(v, path, {})
	is_object(x)
} else := {}

# text(v) is v if it is text, else "".
text(v) := v if {
	is_string(v)
} else := ""

# spec_path(w, more) is the path to something in the pod's spec.
spec_path(w, more) := array.flatten([w.pod.path, "spec", more])

# path(c, more) is the path to something in a container.
path(c, more) := array.concat(c.path, more)

# context(x, field) is what holds for a container: its own security context's field, else the pod's, else null.
context(x, field) := v if {
	v := at(x.c.spec, ["securityContext", field], null)
	v != null
} else := at(x.item.pod.spec, ["securityContext", field], null)

# context_path(x, field) is where that is said, or where it should be.
context_path(x, field) := path(x.c, ["securityContext", field]) if {
	at(x.c.spec, ["securityContext", field], null) != null
} else := spec_path(x.item, ["securityContext", field]) if {
	at(x.item.pod.spec, ["securityContext", field], null) != null
} else := path(x.c, ["securityContext", field])

# own_users(w) if the pod's users are mapped, so that root in it is not root on the node.
own_users(w) if at(w.pod.spec, ["hostUsers"], true) == false

# runs_to_completion(w) if the workload ends by itself and serves nothing.
runs_to_completion(w) if w.kind in {"Job", "CronJob", "ScaledJob", "BroadcastJob", "AdvancedCronJob", "JobTemplate", "JobSet", "RayJob"}

runs_to_completion(w) if w.group in {"tekton.dev", "kubeflow.org", "trainer.kubeflow.org", "kueue.x-k8s.io"}

runs_to_completion(w) if {
	w.group == "argoproj.io"
	w.kind != "Rollout"
}

runs_to_completion(w) if {
	w.kind == "Pod"
	at(w.pod.spec, ["restartPolicy"], "Always") != "Always"
}

# described(w) if what starts the pods elsewhere says which account they have and what else holds for all of a pod: a Task describes steps only.
described(w) if {
	w.group == "tekton.dev"
	not w.kind in {"TaskRun", "PipelineRun"}
}

described(w) if w.kind == "SidecarSet"

# account(w) is the name of the service account that a workload runs as.
account(w) := name if {
	name := at(w.pod.spec, ["serviceAccountName"], "")
	is_string(name)
	name != ""
} else := name if {
	name := at(w.pod.spec, ["serviceAccount"], "")
	is_string(name)
	name != ""
} else := "default"

# placeholder(ref) if an image is filled in later, by a template or a build tool.
placeholder(ref) if regex.match(`[${}<>%\s]|^ko://|^auto$|^$`, ref)

# image(ref) takes the name of an image apart; name is complete, as in docker.io/library/nginx.
image(ref) := {"name": canonical(name), "tag": tag, "digest": digest} if {
	halves := split(ref, "@")
	digest := concat("@", array.slice(halves, 1, count(halves)))
	segments := split(halves[0], "/")
	last := split(segments[count(segments) - 1], ":")
	tag := concat(":", array.slice(last, 1, count(last)))
	name := trim_suffix(halves[0], concat("", [sprintf(":%s", [t]) | some t in [tag]; t != ""]))
}

canonical(name) := name if {
	regex.match(`^([^/]*[.:][^/]*|localhost)/`, name)
	not startswith(name, "index.docker.io/")
} else := concat("", ["docker.io/", trim_prefix(name, "index.docker.io/")]) if {
	startswith(name, "index.docker.io/")
} else := concat("", ["docker.io/", name]) if {
	contains(name, "/")
} else := concat("", ["docker.io/library/", name])

# pinned(i) if an image is named by a whole digest.
pinned(i) if regex.match(`^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$`, i.digest)

# runtime_socket(path) if it is one of the control sockets of container runtimes.
runtime_socket(path) if regex.match(`(^|/)(docker|containerd|containerd-shim|crio|podman|cri-dockerd|dockershim|frakti|buildkitd|k3s)\.sock$`, path)

# dangerous are the capabilities that lead to the node or to others' traffic.
dangerous := {
	"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_BOOT", "SYS_TIME", "NET_ADMIN", "NET_RAW", "DAC_READ_SEARCH", "BPF",
	"PERFMON", "MAC_ADMIN", "MAC_OVERRIDE", "CHECKPOINT_RESTORE",
}

# ordinary are the capabilities that a container has if nobody drops them.
ordinary := {
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID",
	"SYS_CHROOT",
}

# capability(v) is the name of a capability as capabilities(7) has it, without CAP_.
capability(v) := trim_prefix(upper(v), "CAP_") if {
	is_string(v)
} else := sprintf("%v", [v])

# selects(selector, labels) if a selector of Kubernetes chooses something with these labels. An empty one chooses everything.
selects(selector, labels) if {
	every k, v in dict(selector, ["matchLabels"]) {
		object.get(labels, k, null) == v
	}
	every e in list(selector, ["matchExpressions"]) {
		expression(e, labels)
	}
}

expression(e, labels) if {
	e.operator == "In"
	object.get(labels, e.key, null) in e.values
}

expression(e, labels) if {
	e.operator == "NotIn"
	not object.get(labels, e.key, null) in e.values
}

expression(e, labels) if {
	e.operator == "Exists"
	e.key in object.keys(labels)
}

expression(e, labels) if {
	e.operator == "DoesNotExist"
	not e.key in object.keys(labels)
}

# services is every service of every Compose file, beside its file.
services := [{"item": file, "s": s} | some file in input.compose; some s in file.services; is_object(s.spec)]

# built(x) if a service's image is built from the tree, so that its name is only what the result is called.
built(x) if at(x.s.spec, ["build"], null) != null

# of_kind(kinds) is what config.of_kind gives, by an index that is made once: rules ask for many kinds.
of_kind(kinds) := [i | some kind in kinds; some i in object.get(by_kind, kind, [])]

# OPA makes an index for a comprehension in a comprehension: the objects are gone through once. A rule that is an object of sets (by_kind[k] contains
# i) would compare each entry with all before it.
by_kind := {k: items |
	some k in present
	items := [i | some i in input.kubernetes; k == i.kind]
}

present := {i.kind | some i in input.kubernetes}
