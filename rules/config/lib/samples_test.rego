# SPDX-License-Identifier: Apache-2.0

# Builders of input documents for the tests of the rules: manifests and Compose files as scanners/config gives them.
package sealock.lib.samples_test

import data.sealock.lib.config

# kube(items) is an input document with Kubernetes objects, compose(services) one with one Compose file.
kube(items) := object.union(empty, {"kubernetes": items})

compose(services) := object.union(empty, {"compose": [{
	"id": 1, "file": "compose.yaml", "resource": "compose.yaml", "object": {"services": services},
	"services": [{"name": name, "path": ["services", name], "spec": spec} | some name, spec in services],
}]})

empty := {"kubernetes": [], "terraform": [], "dockerfiles": [], "compose": [], "github": [], "gitlab": [], "graph": null, "declared": null}

# namespaced(id, api, kind, name, body) is a manifest in the namespace shop, body its fields beside apiVersion, kind and metadata; a metadata in
# body is merged.
namespaced(id, api, kind, name, body) := item(id, api, kind, name, body, "shop")

# global(id, api, kind, name, body) is one without a namespace.
global(id, api, kind, name, body) := item(id, api, kind, name, body, "")

item(id, api, kind, name, body, namespace) := {
	"id": id, "file": "k8s.yaml", "resource": sprintf("%s %s", [kind, name]), "origin": "manifest", "apiVersion": api, "group": group(api),
	"version": parts[count(parts) - 1], "kind": kind, "name": name, "namespace": object.get(manifest, ["metadata", "namespace"], ""),
	"labels": object.get(manifest, ["metadata", "labels"], {}), "object": manifest, "pod": null,
} if {
	parts := split(api, "/")
	metadata := object.union({"name": name}, {k: v | some k, v in {"namespace": namespace}; v != ""})
	manifest := object.union({"apiVersion": api, "kind": kind, "metadata": metadata}, body)
}

group(api) := split(api, "/")[0] if {
	contains(api, "/")
} else := ""

# workload(id, kind, name, spec) is an object with this pod spec; labelled(…) has labels and annotations on its pods.
workload(id, kind, name, spec) := labelled(id, kind, name, spec, {"labels": {"app": name}})

labelled(id, kind, name, spec, metadata) := object.union(base, {"pod": {
	"path": path, "labels": object.get(metadata, "labels", {}), "annotations": object.get(metadata, "annotations", {}), "spec": spec,
	"containers": array.flatten([containers(path, spec, "containers"), containers(path, spec, "initContainers"), containers(path, spec, "ephemeralContainers")]),
}}) if {
	path := pod_path(kind)
	base := namespaced(id, api(kind), kind, name, nested(path, metadata, spec))
}

# nested(path, metadata, spec) is the body of a manifest that has this pod template.
nested([], metadata, spec) := {"metadata": metadata, "spec": spec}

nested(["spec", "template"], metadata, spec) := {"spec": {"template": {"metadata": metadata, "spec": spec}}}

nested(["spec", "jobTemplate", "spec", "template"], metadata, spec) := {"spec": {"jobTemplate": {"spec": {"template": {"metadata": metadata, "spec": spec}}}}}

pod_path(kind) := [] if {
	kind == "Pod"
} else := ["spec", "jobTemplate", "spec", "template"] if {
	kind == "CronJob"
} else := ["spec", "template"]

api(kind) := "v1" if {
	kind in {"Pod", "ReplicationController", "PodTemplate"}
} else := "batch/v1" if {
	kind in {"Job", "CronJob"}
} else := "apps/v1"

containers(path, spec, field) := [{
	"name": object.get(c, "name", ""), "kind": container_kind(field, c), "path": array.concat(path, ["spec", field, i]), "spec": c,
} |
	some i, c in object.get(spec, field, [])
]

container_kind("containers", _) := "container"

container_kind("ephemeralContainers", _) := "ephemeral"

container_kind("initContainers", c) := "sidecar" if {
	object.get(c, "restartPolicy", "") == "Always"
} else := "init"

# deployment(spec) and pod(spec) are documents with one workload; one(c) a Deployment with one container.
deployment(spec) := kube([workload(1, "Deployment", "web", spec)])

pod(spec) := kube([workload(1, "Pod", "web", spec)])

one(c) := deployment({"containers": [object.union({"name": "web", "image": "registry.example.com/web:1.4.2"}, c)]})

# context(c) is one container with this security context.
context(c) := one({"securityContext": c})

# component(program, flags) is a pod that starts one of Kubernetes' own programs, kubelet_file(settings) the kubelet's settings.
component(program, flags) := pod({"containers": [{"name": program, "image": sprintf("registry.k8s.io/%s:v1.34.1", [program]), "command": array.concat([program], flags)}]})

kubelet_file(settings) := kube([global(1, "kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", "", settings)])

# static_pod(program, labels, spec) is a pod as kubeadm writes it into /etc/kubernetes/manifests; labels and spec are laid over its own.
static_pod(program, labels, spec) := object.union(labelled(1, "Pod", program, whole, metadata), {"namespace": "kube-system"}) if {
	metadata := {"namespace": "kube-system", "labels": object.union({"component": program, "tier": "control-plane"}, labels)}
	whole := object.union({"hostNetwork": true, "containers": [{"name": program, "command": [program, "--v=2"]}]}, spec)
}

# kubeadm(settings) is kubeadm's file for a cluster.
kubeadm(settings) := kube([global(1, "kubeadm.k8s.io/v1beta4", "ClusterConfiguration", "", settings)])

# marks(findings) is their severities (if not the rule's own) and paths, for comparison: "high spec/containers/0/image".
marks(findings) := {trim_space(sprintf("%s %s", [object.get(f, "severity", ""), concat("/", [sprintf("%v", [s]) | some s in f.path])])) | some f in findings}

# items(findings) is the items that they are about.
items(findings) := {f.item | some f in findings}

test_the_pod_of_a_cron_job_is_found if {
	doc := kube([workload(7, "CronJob", "clean", {"containers": [{"name": "clean", "image": "clean:1"}]})])
	some w in config.workloads with input as doc
	w.id == 7
	object.get(w.object, w.pod.containers[0].path, null) == w.pod.containers[0].spec
}
