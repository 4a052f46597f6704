// SPDX-License-Identifier: Apache-2.0

package flows

import "strings"

// Reads is what Compute reads of a manifest, in a copy that shares its values; nil if it reads nothing of it. Whoever keeps only this of a large tree gets
// the same graph.
func Reads(object map[string]any) map[string]any {
	x := value{v: object}
	kind, _ := x.get("kind").text()
	metadata, _ := x.get("metadata").v.(map[string]any)
	out := map[string]any{"metadata": some(metadata, "name", "generateName", "labels")}
	for _, key := range []string{"apiVersion", "kind"} {
		out[key] = object[key]
	}
	switch {
	case decides(kind, group(x)):
		for _, key := range []string{"spec", "specs"} {
			if v, there := object[key]; there {
				out[key] = v
			}
		}
	case kind == "Service" && group(x) == "":
		out["spec"] = map[string]any{"selector": x.get("spec", "selector").v}
	case !readsTemplate(x, kind, out) && (group(x) != "" || kind != "Namespace" && kind != "ServiceAccount"):
		return nil
	}
	return out
}

// decides reports whether a kind is one of policies, or one that policies refer to.
func decides(kind, group string) bool {
	switch group {
	case "networking.k8s.io", "extensions":
		return kind == "NetworkPolicy"
	case "policy.networking.k8s.io", "crd.antrea.io":
		return true
	case "cilium.io", "security.istio.io":
		return strings.HasSuffix(kind, "Policy")
	}
	return isCalico(group)
}

// readsTemplate adds what is read of a pod template, and reports whether there is one.
func readsTemplate(x value, kind string, out map[string]any) bool {
	at := templatePath(kind)
	template := x.get(at...)
	spec, _ := template.get("spec").v.(map[string]any)
	if l, ok := spec["containers"].([]any); !ok || len(l) == 0 {
		return false
	}
	metadata, _ := template.get("metadata").v.(map[string]any)
	pod := some(spec, "serviceAccountName", "serviceAccount", "hostNetwork")
	for _, field := range []string{"containers", "initContainers"} {
		if v, there := spec[field]; there {
			pod[field] = onlyPorts(v)
		}
	}
	about := some(metadata, "labels")
	if annotations, ok := metadata["annotations"].(map[string]any); ok {
		about["annotations"] = some(annotations, injectKey, excludePorts, includePorts)
	}
	if len(at) == 0 { // the object is the pod
		for k, v := range out["metadata"].(map[string]any) {
			about[k] = v
		}
		out["metadata"], out["spec"] = about, pod
		return true
	}
	var below any = map[string]any{"metadata": about, "spec": pod}
	for i := len(at) - 1; i > 0; i-- {
		below = map[string]any{at[i]: below}
	}
	out[at[0]] = below
	return true
}

// onlyPorts is a list of containers of which only the ports are read.
func onlyPorts(v any) any {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	out := make([]any, len(list))
	for i, e := range list {
		c, _ := e.(map[string]any)
		out[i] = some(c, "ports")
	}
	return out
}

// some is an object without other members than these.
func some(m map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for _, name := range names {
		if v, there := m[name]; there {
			out[name] = v
		}
	}
	return out
}
