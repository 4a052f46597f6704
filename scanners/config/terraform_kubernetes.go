// SPDX-License-Identifier: Apache-2.0

package config

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// moved says where a value of an object stands in the values of the resource that the object was made of.
type moved struct {
	path  []any
	names map[string]*moved
	list  []*moved
	whole bool // everything below has the same names on both sides
}

// movedPlace is the locator of an object that was made of a resource.
type movedPlace struct {
	resource locator
	root     *moved
}

func (m movedPlace) position(path []any) Position {
	n := m.root
	for i, e := range path {
		if n.whole {
			return m.resource.position(append(n.path[:len(n.path):len(n.path)], path[i:]...))
		}
		var next *moved
		switch e := e.(type) {
		case string:
			next = n.names[e]
		case int:
			if e >= 0 && e < len(n.list) {
				next = n.list[e]
			}
		}
		if next == nil {
			break
		}
		n = next
	}
	return m.resource.position(n.path)
}

// terraformObjects are the Kubernetes objects that Terraform's resources make: kubernetes_deployment and its like of the provider
// hashicorp/kubernetes, whose blocks have Kubernetes' fields under names of their own, and manifests in kubernetes_manifest and kubectl_manifest.
// Values that only Terraform knows are taken for right ones.
func terraformObjects(items []Item, lim limits) []object {
	var out []object
	var known references
	for n := range items {
		i := &items[n]
		kind, _ := i.Doc["type"].(string)
		if i.Kind != Terraform || i.Doc["mode"] != "managed" || !strings.HasPrefix(kind, "kube") {
			continue
		}
		if known == nil {
			known = kubernetesResources(items)
		}
		switch kind {
		case "kubernetes_manifest":
			if m, ok := i.body()["manifest"].(map[string]any); ok {
				value, _ := known.resolve(i, assume(m, "", 0)).(map[string]any)
				out = append(out, i.makes(value, inside{i.locate, []any{"manifest"}})...)
			}
		case "kubectl_manifest":
			out = append(out, manifestText(i, lim)...)
		default:
			if o, ok := resourceObject(i, kind, known); ok {
				out = append(out, o)
			}
		}
	}
	return out
}

var typeVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`_v[0-9]+((alpha|beta)[0-9]+)?$`) })

// resourceObject makes an object of a resource of the provider hashicorp/kubernetes.
func resourceObject(i *Item, kind string, known references) (object, bool) {
	of, ok := resourceKinds()[typeVersion().ReplaceAllString(strings.TrimPrefix(kind, "kubernetes_"), "")]
	if !ok {
		return object{}, false
	}
	body := maps.Clone(i.body())
	for _, name := range []string{"lifecycle", "timeouts", "provisioner", "connection", "provider", "count", "for_each", "depends_on"} {
		delete(body, name)
	}
	if of.kind == "Secret" { // cloud-secrets.literal-credentials judges them where they stand
		body = map[string]any{"metadata": body["metadata"], "type": body["type"]}
	}
	value, at := fields(body, nil, "", 0)
	if source, ok := mapping(value["spec"])["persistentVolumeSource"].(map[string]any); ok {
		maps.Copy(value["spec"].(map[string]any), source)
		maps.Copy(at.names["spec"].names, at.names["spec"].names["persistentVolumeSource"].names)
	}
	if of.name != "" {
		value["metadata"] = map[string]any{"name": of.name, "namespace": mapping(value["metadata"])["namespace"]}
	}
	value, _ = known.resolve(i, assume(value, "", 0)).(map[string]any)
	value["apiVersion"], value["kind"] = of.api, of.kind
	return object{file: i.File, origin: fromTerraform, value: value, api: of.api, kind: of.kind, locate: movedPlace{i.locate, at}, same: i.Resource}, true
}

// fields are the values of a block under the names that Kubernetes has for them, and where they come from. in is the name of the block.
func fields(values map[string]any, path []any, in string, depth int) (map[string]any, *moved) {
	out, at := map[string]any{}, &moved{path: path, names: map[string]*moved{}}
	if depth > maxDepth {
		return out, at
	}
	for _, name := range sortedKeys(values) {
		here := append(path[:len(path):len(path)], name)
		field := camel(name)
		switch v := values[name].(type) {
		case nil:
		case map[string]any:
			if mapFields()[name] {
				out[field], at.names[field] = v, &moved{path: here, whole: true}
				continue
			}
			out[field], at.names[field] = fields(v, here, name, depth+1)
		case []any:
			blocks := slices.ContainsFunc(v, isObject)
			plural := listField(in, name)
			switch {
			case len(v) == 0: // in a plan, a block that is not there
			case blocks && plural == "":
				first, _ := v[0].(map[string]any)
				out[field], at.names[field] = fields(first, append(here[:len(here):len(here)], 0), name, depth+1)
			case blocks:
				out[plural], at.names[plural] = blockList(v, here, name, depth)
			default:
				out[field], at.names[field] = v, &moved{path: here, whole: true}
			}
		default:
			out[field], at.names[field] = port(name, v), &moved{path: here}
		}
	}
	return out, at
}

// port is the number of a port that the provider takes as text; a name stays one.
func port(name string, v any) any {
	s, _ := v.(string)
	if n, err := strconv.Atoi(s); err == nil && (name == "port" || name == "target_port") {
		return n
	}
	return v
}

// blockList is a block that may be there several times.
func blockList(blocks []any, path []any, name string, depth int) ([]any, *moved) {
	out, at := make([]any, 0, len(blocks)), &moved{path: path}
	for n, b := range blocks {
		b, _ := b.(map[string]any)
		value, place := fields(b, append(path[:len(path):len(path)], n), name, depth+1)
		out, at.list = append(out, value), append(at.list, place)
	}
	return out, at
}

// camel is a name of the provider as Kubernetes writes it: host_pid is hostPID.
func camel(name string) string {
	if !strings.Contains(name, "_") {
		return name
	}
	parts := strings.Split(name, "_")
	for n, p := range parts[1:] {
		switch p {
		case "pid", "ipc", "ip", "id":
			parts[n+1] = strings.ToUpper(p)
		case "ips":
			parts[n+1] = "IPs"
		case "urls":
			parts[n+1] = "URLs"
		default:
			parts[n+1] = upperFirst(p)
		}
	}
	return strings.Join(parts, "")
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// assume puts right values where only Terraform knows what stands there: what can't be judged is no fault. in is the field that v is in.
func assume(v any, in string, depth int) any {
	if depth > maxDepth {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			if t, isString := e.(string); isString && strings.Contains(t, "${") {
				e = assumed(in, k, t)
			}
			out[k] = assume(e, k, depth+1)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for n, e := range v {
			out[n] = assume(e, in, depth+1)
		}
		return out
	}
	return v
}

func assumed(in, field, unknown string) any {
	switch field {
	case "runAsNonRoot", "readOnlyRootFilesystem", "readOnly":
		return true
	case "allowPrivilegeEscalation", "automountServiceAccountToken":
		return false
	case "drop":
		return []any{"ALL"}
	case "loadBalancerSourceRanges", "hosts", "resourceNames":
		return []any{unknown}
	case "limits", "requests":
		return map[string]any{"cpu": unknown, "memory": unknown, "ephemeral-storage": unknown}
	case "type":
		if in == "seccompProfile" || in == "appArmorProfile" {
			return "RuntimeDefault"
		}
	case "imagePullPolicy":
		return "Always"
	}
	return unknown
}

// manifestText are the objects of a manifest that is written as YAML in the resource.
func manifestText(i *Item, lim limits) []object {
	body, _ := i.body()["yaml_body"].(string)
	where := i.Locate([]any{"yaml_body"})
	docs, _, err := readYAML(file{path: i.File, data: []byte(body)}, yaml11, lim)
	if err != nil || body == "" {
		return nil // text that Terraform fills in is no YAML before
	}
	var out []object
	for _, d := range docs {
		m, ok := assume(d.value, "", 0).(map[string]any)
		if !ok {
			continue
		}
		var place locator = at(where)
		if where.EndLine-where.Line > strings.Count(strings.TrimRight(body, "\n"), "\n") { // a heredoc: the text starts on the line below
			shift(d.root, where.Line)
			place = d
		}
		out = append(out, i.makes(m, place)...)
	}
	return out
}

// makes are the objects of a manifest in a resource.
func (i *Item) makes(value map[string]any, place locator) []object {
	var out []object
	flatten(object{file: i.File, origin: fromTerraform, value: value, locate: place}, 0, &out)
	for n, o := range out {
		out[n].same = i.Resource + " " + o.kind + " " + o.name()
	}
	return out
}
