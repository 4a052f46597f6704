// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"
)

// Where an object comes from.
const (
	fromManifest  = "manifest"
	fromHelm      = "helm"
	fromKustomize = "kustomize"
)

// maxListDepth is how deep Lists may hold Lists.
const maxListDepth = 8

// object is a Kubernetes object before its scope is known.
type object struct {
	file   string
	origin string
	value  map[string]any
	kind   string // of an element of a typed list that does not say it itself
	api    string
	locate locator
	depth  int // how many objects it is held in
	pod    *madePod
	same   string // what the object is called where it was written, if that is not what it is called here
}

// inside is the locator of something below a document.
type inside struct {
	doc  locator
	base []any
}

func (i inside) position(path []any) Position {
	return i.doc.position(append(append(make([]any, 0, len(i.base)+len(path)), i.base...), path...))
}

// objectsOf are the Kubernetes objects of a file's documents, Lists taken apart. Documents that are none are left out.
func objectsOf(f file, docs []yamlDocument, origin string) ([]object, []Problem) {
	var out []object
	var problems []Problem
	for _, d := range docs {
		m, ok := d.value.(map[string]any)
		if !ok {
			continue
		}
		problems = append(problems, flatten(object{file: f.path, origin: origin, value: m, locate: d}, 0, &out)...)
	}
	return out, problems
}

// flatten adds an object, or those of a List.
func flatten(o object, depth int, out *[]object) []Problem {
	o.api, o.kind = textOr(o.value["apiVersion"], o.api), textOr(o.value["kind"], o.kind)
	if o.api == "" || o.kind == "" {
		return nil
	}
	items, list := o.value["items"].([]any)
	if !list || !strings.HasSuffix(o.kind, "List") {
		*out = append(*out, o)
		return nil
	}
	var problems []Problem
	for n, v := range items {
		at := []any{"items", n}
		m, ok := v.(map[string]any)
		if !ok || depth >= maxListDepth {
			p := o.locate.position(at)
			problems = append(problems, Problem{File: o.file, Line: p.Line, Column: p.Column, Message: fmt.Sprintf("element %d of the %s is no object", n, o.kind)})
			continue
		}
		e := object{file: o.file, origin: o.origin, value: m, locate: inside{o.locate, at}}
		if kind := strings.TrimSuffix(o.kind, "List"); kind != "" {
			e.api, e.kind = o.api, kind
		}
		problems = append(problems, flatten(e, depth+1, out)...)
	}
	return problems
}

func (o object) name() string { return textOr(mapping(o.value["metadata"])["name"], "") }

// isFragment reports whether a workload has no containers, a container without an image, or no selector where it must have one.
func (o object) isFragment() bool {
	group, _ := splitVersion(o.api)
	pod := podOf(group, o.kind, o.value)
	if pod == nil {
		return false
	}
	containers, _ := mapping(pod["spec"])["containers"].([]any)
	for _, c := range containers {
		if textOr(mapping(c)["image"], "") == "" {
			return true
		}
	}
	selects := o.kind == "Deployment" || o.kind == "StatefulSet" || o.kind == "DaemonSet" || o.kind == "ReplicaSet"
	return len(containers) == 0 || (selects && mapping(o.value["spec"])["selector"] == nil)
}

func textOr(v any, or string) string {
	if s, ok := v.(string); ok && s != "" {
		return s
	}
	return or
}

// kubernetesItems makes items of objects. Custom resource definitions among them say which kinds have no namespace.
func kubernetesItems(objects []object) []Item {
	scopes := definedScopes(objects)
	out := make([]Item, 0, len(objects))
	for _, o := range objects {
		out = append(out, o.items(scopes)...)
	}
	return out
}

// items are the object, its pods where it has several or not as a template, and the objects that it holds.
func (o object) items(scopes map[string]bool) []Item {
	out := []Item{o.item(scopes)}
	group, _ := splitVersion(o.api)
	for _, p := range o.morePods(group) {
		one := o
		one.value, one.pod, one.locate = p.part(o.value), &p, madePlace{o.locate, o.value, p.at, p.bases}
		out = append(out, one.item(scopes))
	}
	for _, pattern := range heldObjects(group, o.kind) {
		for _, path := range patternPlaces(o.value, pattern) {
			if held := mapping(follow(o.value, path)); o.depth < maxListDepth && textOr(held["apiVersion"], "") != "" && textOr(held["kind"], "") != "" {
				one := object{file: o.file, origin: o.origin, value: held, api: held["apiVersion"].(string), kind: held["kind"].(string), locate: inside{o.locate, path}, depth: o.depth + 1}
				out = append(out, one.items(scopes)...)
			}
		}
	}
	return out
}

func (o object) item(scopes map[string]bool) Item {
	group, version := splitVersion(o.api)
	meta := mapping(o.value["metadata"])
	name := textOr(meta["name"], textOr(meta["generateName"], ""))
	namespace := ""
	if !clusterScoped(group, o.kind, scopes) {
		namespace = textOr(meta["namespace"], "default")
	}
	resource := o.kind + " " + name
	if namespace != "" {
		resource = o.kind + " " + namespace + "/" + name
	}
	var pod any
	if o.pod != nil {
		pod = podIn(o.pod.template, o.pod.at)
	} else if p := podOf(group, o.kind, o.value); p != nil {
		pod = p
	}
	return Item{Kind: Kubernetes, File: o.file, Resource: resource, same: o.same, locate: o.locate, Doc: map[string]any{
		"apiVersion": o.api, "group": group, "version": version, "kind": o.kind, "name": name, "namespace": namespace,
		"labels": mapping(meta["labels"]), "object": o.value, "pod": pod, "origin": o.origin,
	}}
}

// splitVersion takes an apiVersion apart.
func splitVersion(api string) (group, version string) {
	if group, version, grouped := strings.Cut(api, "/"); grouped {
		return group, version
	}
	return "", api
}

// mapping is v if it is one, else an empty one.
func mapping(v any) map[string]any {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	return map[string]any{}
}

// podPath is where the kinds that Kubernetes has keep their pod template.
func podPath(group, kind string) ([]any, bool) {
	switch group + "/" + kind {
	case "/Pod", "serving.knative.dev/Revision":
		return []any{}, true
	case "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet", "extensions/Deployment", "extensions/DaemonSet", "extensions/ReplicaSet",
		"/ReplicationController", "batch/Job":
		return []any{"spec", "template"}, true
	case "batch/CronJob":
		return []any{"spec", "jobTemplate", "spec", "template"}, true
	case "/PodTemplate":
		return []any{"template"}, true
	}
	return nil, false
}

// podPlaces is where other kinds keep one: Argo's Rollout, Knative's Service, KEDA's ScaledJob, operators' own.
func podPlaces() [][]any {
	return [][]any{{"spec", "template"}, {"spec", "jobTemplate", "spec", "template"}, {"spec", "jobTargetRef", "template"}, {"spec", "podTemplate"}, {"template"}}
}

// podOf brings the pod of an object to one form, or gives nil.
func podOf(group, kind string, value map[string]any) map[string]any {
	path, known := podPath(group, kind)
	if known {
		return podAt(value, path)
	}
	if podTemplates(group, kind) != nil || podSpecs(group, kind) != nil || group == "tekton.dev" {
		return nil // each of its pods is an item
	}
	for _, path := range podPlaces() {
		spec := mapping(follow(value, append(path[:len(path):len(path)], "spec")))
		if _, ok := spec["containers"].([]any); ok {
			return podAt(value, path)
		}
	}
	return nil
}

func podAt(value map[string]any, path []any) map[string]any {
	return podIn(mapping(follow(value, path)), path)
}

// podIn is what rules see of a pod template.
func podIn(template map[string]any, path []any) map[string]any {
	meta, spec := mapping(template["metadata"]), mapping(template["spec"])
	specPath := append(path[:len(path):len(path)], "spec")
	containers := []any{}
	for _, list := range []struct{ field, kind string }{{"initContainers", "init"}, {"containers", "container"}, {"ephemeralContainers", "ephemeral"}} {
		all, _ := spec[list.field].([]any)
		for n, v := range all {
			c, ok := v.(map[string]any)
			if !ok {
				continue
			}
			kind := list.kind
			if kind == "init" && c["restartPolicy"] == "Always" {
				kind = "sidecar"
			}
			containers = append(containers, map[string]any{
				"name": textOr(c["name"], ""), "kind": kind, "spec": c, "path": append(specPath[:len(specPath):len(specPath)], list.field, n),
			})
		}
	}
	return map[string]any{"path": path, "labels": mapping(meta["labels"]), "annotations": mapping(meta["annotations"]), "spec": spec, "containers": containers}
}

// follow walks down a path.
func follow(v any, path []any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if v = nil; step >= 0 && step < len(list) {
				v = list[step]
			}
		}
	}
	return v
}

// definedScopes is the scope of kinds that the tree itself defines: true for cluster-scoped ones, by group and kind.
func definedScopes(objects []object) map[string]bool {
	scopes := map[string]bool{}
	for _, o := range objects {
		if o.kind != "CustomResourceDefinition" {
			continue
		}
		spec := mapping(o.value["spec"])
		kind, group, scope := textOr(mapping(spec["names"])["kind"], ""), textOr(spec["group"], ""), textOr(spec["scope"], "")
		if kind != "" && scope != "" {
			scopes[group+"/"+kind] = scope == "Cluster"
		}
	}
	return scopes
}
