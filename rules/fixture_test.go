// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// evaluatedAt is the time of testdata/allowed.json.
var evaluatedAt = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)

// allowed is a document that every rule is content with.
func allowed(t testing.TB) map[string]any {
	t.Helper()
	data, err := os.ReadFile("testdata/allowed.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// predicateOf is the first predicate of a kind.
func predicateOf(t testing.TB, doc map[string]any, kind string) map[string]any {
	t.Helper()
	return evidenceOf(t, doc, kind)["predicate"].(map[string]any)
}

func evidenceOf(t testing.TB, doc map[string]any, kind string) map[string]any {
	t.Helper()
	for _, e := range doc["evidence"].([]any) {
		if e := e.(map[string]any); e["kind"] == kind {
			return e
		}
	}
	t.Fatalf("no evidence of kind %s", kind)
	return nil
}

// remove is the value that makes set delete.
type remove struct{}

// set replaces what stands at a dotted path; numbers are indexes.
func set(t testing.TB, in any, path string, value any) {
	t.Helper()
	names := strings.Split(path, ".")
	for _, n := range names[:len(names)-1] {
		in = step(t, in, n)
	}
	last := names[len(names)-1]
	value = clone(t, value)
	switch x := in.(type) {
	case map[string]any:
		if x[last] = value; value == (any)(remove{}) {
			delete(x, last)
		}
	case []any:
		i, err := strconv.Atoi(last)
		if err != nil {
			t.Fatal(err)
		}
		x[i] = value
	default:
		t.Fatalf("nothing at %s", path)
	}
}

// clone copies a JSON value, so that cases do not share what tests change.
func clone(t testing.TB, v any) any {
	t.Helper()
	if v == (any)(remove{}) {
		return v
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func step(t testing.TB, in any, name string) any {
	t.Helper()
	switch x := in.(type) {
	case map[string]any:
		if v, ok := x[name]; ok {
			return v
		}
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i < len(x) {
			return x[i]
		}
	}
	t.Fatalf("nothing at %s", name)
	return nil
}

func builtins(t testing.TB) *Set {
	t.Helper()
	s, err := Compile(Options{Builtin: true, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type settings = map[string]map[string]any

func eval(t testing.TB, s *Set, doc any, params settings) []Result {
	t.Helper()
	results, err := s.Eval(t.Context(), Input{Document: doc, Params: params, At: evaluatedAt})
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// codes lists the codes of refusals, each once, and of warnings with a leading ~.
func codes(results []Result) []string {
	var out []string
	seen := make(map[string]bool)
	for _, r := range results {
		c := r.Code
		if r.Warn {
			c = "~" + c
		}
		if !seen[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	return out
}
