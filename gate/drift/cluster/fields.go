// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// difference is one field that is not as a manifest sets it.
type difference struct {
	path            string
	expected, found string
	by              string // the managers that own it, and since when; "" if nobody does
}

// step leads from a value to one in it.
type step struct {
	field string
	keys  map[string]any // of an element of a list
}

// compareFields lists where a live object is not as a manifest sets it. Only fields that the manifest sets are looked at, and those that others add
// to pods and that change what runs, so what the API server fills in is no difference. Neither are replicas that only the scale subresource owns, as an autoscaler sets them, nor a field that managers who are named own.
func compareFields(want, live *unstructured.Unstructured, managers []string) []difference {
	c := &comparer{managers: managers, owners: live.GetManagedFields(), kind: live.GroupVersionKind().GroupKind().String()}
	for _, field := range slices.Sorted(maps.Keys(want.Object)) {
		switch field {
		case "apiVersion", "kind", "status", "stringData":
			continue
		case "metadata":
			for _, part := range []string{"labels", "annotations"} {
				w, _, _ := unstructured.NestedFieldNoCopy(want.Object, field, part)
				l, present, _ := unstructured.NestedFieldNoCopy(live.Object, field, part)
				c.value([]step{{field: field}, {field: part}}, w, l, present)
			}
			continue
		}
		l, present := live.Object[field]
		c.value([]step{{field: field}}, want.Object[field], l, present)
	}
	if texts, ok := want.Object["stringData"].(map[string]any); ok { // the API server keeps it as data
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			l, present, _ := unstructured.NestedFieldNoCopy(live.Object, "data", name)
			c.value([]step{{field: "data"}, {field: name}}, base64.StdEncoding.EncodeToString([]byte(fmt.Sprint(texts[name]))), l, present)
		}
	}
	c.added(want.Object, live.Object)
	return c.out
}

// comparer is the state of one comparison.
type comparer struct {
	managers []string
	owners   []metav1.ManagedFieldsEntry
	kind     string // Kind.group
	out      []difference
}

func (c *comparer) value(at []step, want, live any, present bool) {
	switch w := want.(type) {
	case nil:
		return
	case map[string]any:
		l, isMap := live.(map[string]any)
		switch {
		case atomic(at):
		case !present || live == nil:
			if !c.nothing(at, w) {
				c.differ(at, w, nil, false)
			}
			return
		case isMap:
			for _, name := range slices.Sorted(maps.Keys(w)) {
				x, there := l[name]
				c.value(append(slices.Clip(at), step{field: name}), w[name], x, there)
			}
			return
		}
	case []any:
		if keys := c.keysOf(at); keys != nil {
			l, _ := live.([]any)
			if c.elements(at, keys, w, l) {
				return
			}
		}
	}
	if !c.same(at, want, live, present) {
		c.differ(at, want, live, present)
	}
}

// nothing reports whether a map sets only what the API server leaves out.
func (c *comparer) nothing(at []step, want map[string]any) bool {
	for name, v := range want {
		place := append(slices.Clip(at), step{field: name})
		m, isMap := v.(map[string]any)
		if v != nil && (isMap && !c.nothing(place, m) || !isMap && !c.same(place, v, nil, false)) {
			return false
		}
	}
	return true
}

// elements compares lists whose elements have keys, each with its own. It reports whether that could be done.
func (c *comparer) elements(at []step, keys []string, want, live []any) bool {
	byKey := map[string]any{}
	for _, x := range live {
		byKey[written(keyed(x, keys))] = x
	}
	seen := map[string]bool{}
	for _, x := range want {
		k := written(keyed(x, keys))
		if seen[k] || k == "" {
			return false
		}
		seen[k] = true
	}
	for _, x := range want {
		k := keyed(x, keys)
		l, present := byKey[written(k)]
		c.value(append(slices.Clip(at[:len(at)-1]), step{at[len(at)-1].field, k}), x, l, present)
	}
	return true
}

// listKeys are the lists of objects that Kubernetes merges by key, by the field that holds them (the +listMapKey and +patchMergeKey marks in
// https://github.com/kubernetes/api, core/v1/types.go). All other lists count as a whole.
var listKeys = map[string][]string{
	"containers": {"name"}, "initContainers": {"name"}, "ephemeralContainers": {"name"}, "volumes": {"name"}, "env": {"name"}, "volumeMounts": {"mountPath"}, "volumeDevices": {"devicePath"},
	"imagePullSecrets": {"name"}, "hostAliases": {"ip"}, "topologySpreadConstraints": {"topologyKey", "whenUnsatisfiable"}, "schedulingGates": {"name"}, "resourceClaims": {"name"}, "webhooks": {"name"},
}

// keysOf are the keys of the list at a place, nil if it counts as a whole.
func (c *comparer) keysOf(at []step) []string {
	field := at[len(at)-1].field
	if field == "ports" && len(at) > 1 {
		switch over := at[len(at)-2].field; {
		case strings.HasSuffix(strings.ToLower(over), "containers"):
			return []string{"containerPort", "protocol"}
		case over == "spec" && c.kind == "Service":
			return []string{"port", "protocol"}
		}
	}
	return listKeys[field]
}

// keyed are the keys of an element, nil if it lacks one. A port without a protocol is TCP's.
func keyed(x any, keys []string) map[string]any {
	m, _ := x.(map[string]any)
	out := map[string]any{}
	for _, k := range keys {
		v, ok := m[k]
		if k == "protocol" && !ok {
			v, ok = "TCP", true
		}
		if !ok {
			return nil
		}
		out[k] = v
	}
	return out
}

// written is a key as it is compared and shown.
func written(key map[string]any) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(key)) {
		parts = append(parts, fmt.Sprintf("%s=%v", k, key[k]))
	}
	return strings.Join(parts, ",")
}

// atomic reports whether a map counts as a whole: one more label makes another selector of it.
func atomic(at []step) bool {
	return strings.HasSuffix(strings.ToLower(at[len(at)-1].field), "selector")
}

// zeroIsAbsent are fields that the API server leaves out where they are false or zero, and where both mean the same (non-pointer fields with omitempty in
// https://github.com/kubernetes/api, core/v1/types.go and apps/v1/types.go).
var zeroIsAbsent = []string{"hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "readOnly", "paused", "publishNotReadyAddresses", "minReadySeconds", "hostPort", "nodePort", "initialDelaySeconds", "weight"}

// same reports whether two values mean the same to Kubernetes.
func (c *comparer) same(at []step, want, live any, present bool) bool {
	if !present || live == nil {
		switch w := want.(type) {
		case string:
			return w == ""
		case []any:
			return len(w) == 0
		case map[string]any:
			return len(w) == 0
		}
		return slices.Contains(zeroIsAbsent, at[len(at)-1].field) && (want == false || want == int64(0))
	}
	return equal(want, live) || quantities(at) && sameQuantity(want, live)
}

// equal compares values of any depth; integers equal the same numbers with a fraction of zero.
func equal(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, equal)
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, equal)
	case int64:
		y, ok := b.(float64)
		return b == a || ok && y == math.Trunc(y) && float64(x) == y
	case float64:
		y, ok := b.(int64)
		return b == a || ok && x == float64(y)
	}
	return a == b
}

// quantities reports whether a place holds a quantity, which can be written in several ways.
func quantities(at []step) bool {
	return slices.ContainsFunc(at, func(s step) bool {
		return slices.Contains([]string{"limits", "requests", "capacity", "hard", "sizeLimit", "overhead", "divisor"}, s.field)
	})
}

func sameQuantity(a, b any) bool {
	x, err := resource.ParseQuantity(fmt.Sprint(a))
	y, err2 := resource.ParseQuantity(fmt.Sprint(b))
	return err == nil && err2 == nil && x.Cmp(y) == 0
}

func (c *comparer) differ(at []step, want, live any, present bool) {
	owners, excused := c.ownersOf(at)
	if excused {
		return
	}
	d := difference{path: pathOf(at), expected: "nothing", found: "nothing", by: strings.Join(owners, ", ")}
	if want != nil {
		d.expected = c.shown(at, want)
	}
	if present && live != nil {
		d.found = c.shown(at, live)
	}
	c.out = append(c.out, d)
}

// pathOf is a place as people write it.
func pathOf(at []step) string {
	var b strings.Builder
	for i, s := range at {
		name := s.field
		if strings.ContainsAny(name, ". /") {
			name = strconv.Quote(name)
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
		if s.keys != nil {
			b.WriteString("[" + written(s.keys) + "]")
		}
	}
	return b.String()
}
