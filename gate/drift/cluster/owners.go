// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"encoding/json"
	"slices"
	"strings"
)

// scaledField is the one field that the scale subresource of workloads sets.
const scaledField = "spec.replicas"

// ownersOf are the managers that own a field, and whether it is theirs to set.
func (c *comparer) ownersOf(at []step) (owners []string, excused bool) {
	excused = true
	for _, m := range c.owners {
		if m.FieldsV1 == nil {
			continue
		}
		var tree map[string]any
		if json.Unmarshal(m.FieldsV1.GetRawBytes(), &tree) != nil || !owns(tree, at) {
			continue
		}
		who := m.Manager
		if m.Subresource != "" {
			who += " (" + m.Subresource + ")"
		}
		if m.Time != nil {
			who += ", " + m.Time.UTC().Format("2006-01-02T15:04:05Z")
		}
		owners = append(owners, who)
		scaled := m.Subresource == "scale" && pathOf(at) == scaledField // whoever may write the object may claim the subresource for other fields
		excused = excused && (scaled || slices.Contains(c.managers, m.Manager))
	}
	return owners, excused && len(owners) > 0
}

// owns reports whether a set of fields has a place or something that holds it as a whole
// (FieldsV1 in https://kubernetes.io/docs/reference/using-api/server-side-apply/).
func owns(tree map[string]any, at []step) bool {
	for i, s := range at {
		next, ok := tree["f:"+s.field].(map[string]any)
		if !ok {
			return len(tree) == 0 && i > 0
		}
		tree = next
		if s.keys == nil || len(tree) == 0 {
			continue
		}
		if tree = elementOf(tree, s.keys); tree == nil {
			return false
		}
	}
	return true
}

func elementOf(tree map[string]any, keys map[string]any) map[string]any {
	for name, sub := range tree {
		text, isKey := strings.CutPrefix(name, "k:")
		var k map[string]any
		if isKey && json.Unmarshal([]byte(text), &k) == nil && written(k) == written(keys) {
			m, _ := sub.(map[string]any)
			return m
		}
	}
	return nil
}
