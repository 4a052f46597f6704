// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"encoding/json"
	"slices"
)

// maxShown is how much of a value a difference shows, in bytes.
const maxShown = 200

// hidden are the fields whose values are not shown: environment variables and configuration hold what nobody calls a secret.
var hidden = []string{"env", "data", "binaryData", "stringData"}

const notShown = "a value that is not shown"

// shown is a value for people, without those that may be secret.
func (c *comparer) shown(at []step, v any) string {
	if c.kind == "Secret" || slices.ContainsFunc(at, func(s step) bool { return slices.Contains(hidden, s.field) }) {
		return notShown
	}
	raw, err := json.Marshal(redacted(v))
	if err != nil {
		return notShown
	}
	if len(raw) > maxShown {
		return string(raw[:maxShown]) + "…"
	}
	return string(raw)
}

// redacted is a copy of a value without what is hidden.
func redacted(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, sub := range x {
			if out[k] = redacted(sub); slices.Contains(hidden, k) {
				out[k] = notShown
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, sub := range x {
			out[i] = redacted(sub)
		}
		return out
	}
	return v
}
