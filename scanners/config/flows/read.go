// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// value is a part of a decoded manifest, and where it stands.
type value struct {
	v    any
	path []any
}

// fault is what is wrong with a manifest, and where.
type fault struct {
	path []any
	text string
}

func (f *fault) Error() string { return f.text }

func (x value) wrong(format string, args ...any) error {
	return &fault{x.path, fmt.Sprintf(format, args...)}
}

func (x value) given() bool { return x.v != nil }

// get is a member of an object, with no value if there is none.
func (x value) get(keys ...string) value {
	for _, key := range keys {
		m, _ := x.v.(map[string]any)
		x = value{m[key], append(slices.Clone(x.path), key)}
	}
	return x
}

// object is the members; null has none.
func (x value) object() (map[string]any, error) {
	if x.v == nil {
		return nil, nil
	}
	m, ok := x.v.(map[string]any)
	if !ok {
		return nil, x.wrong("expected an object, found %s", kindOf(x.v))
	}
	return m, nil
}

// list is the elements; null has none.
func (x value) list() ([]value, error) {
	if x.v == nil {
		return nil, nil
	}
	l, ok := x.v.([]any)
	if !ok {
		return nil, x.wrong("expected a list, found %s", kindOf(x.v))
	}
	out := make([]value, len(l))
	for i, e := range l {
		out[i] = value{e, append(slices.Clone(x.path), i)}
	}
	return out, nil
}

func (x value) text() (string, error) {
	if x.v == nil {
		return "", nil
	}
	s, ok := x.v.(string)
	if !ok {
		return "", x.wrong("expected text, found %s", kindOf(x.v))
	}
	return s, nil
}

func (x value) texts() ([]string, error) {
	l, err := x.list()
	if err != nil {
		return nil, err
	}
	out := make([]string, len(l))
	for i, e := range l {
		if e.v == nil {
			return nil, e.wrong("expected text, found nothing")
		}
		if out[i], err = e.text(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// number is a whole number of a type that a decoder may have chosen.
func (x value) number() (int, bool) {
	switch n := x.v.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	case uint64:
		return int(min(n, math.MaxInt32)), true
	case float64:
		return int(n), n == math.Trunc(n) && math.Abs(n) < math.MaxInt32
	case json.Number:
		i, err := strconv.Atoi(string(n))
		return i, err == nil
	}
	return 0, false
}

// float is a number that need not be whole.
func (x value) float() (float64, bool) {
	switch n := x.v.(type) {
	case float64:
		return n, true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	n, ok := x.number()
	return float64(n), ok
}

// stringMap is labels. A value that is no text is one that the API server refuses.
func (x value) stringMap() (map[string]string, error) {
	m, err := x.object()
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(m))
	for k := range m {
		if out[k], err = x.get(k).text(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// only refuses members that are not of a type.
func (x value) only(known ...string) error {
	m, err := x.object()
	if err != nil {
		return err
	}
	for _, k := range sortedKeys(m) {
		if !slices.Contains(known, k) {
			return x.get(k).wrong("unknown field %q", k)
		}
	}
	return nil
}

func kindOf(v any) string {
	switch v.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "text"
	case bool:
		return "true or false"
	case nil:
		return "nothing"
	}
	return "a number"
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
