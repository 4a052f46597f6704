// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// A document says the same whether its texts are shared or not, and equal short texts are one term.
func TestSharing(t *testing.T) {
	long := strings.Repeat("x", maxShared+1)
	doc := map[string]any{"a": []any{"x", "x", nil, true, 1, int64(2), 1.5, json.Number("3"), map[string]any{"x": long}, []string{"x"}, map[string]string{"k": "x"}}, long: []any{}, "": map[string]any{}}
	want := ast.MustInterfaceToValue(doc)
	got, err := newSharing().term(doc)
	if err != nil || got.Value.Compare(want) != 0 || got.Value.Hash() != want.Hash() {
		t.Fatalf("%v, want %v: %v", got, want, err)
	}
	list := got.Value.(ast.Object).Get(ast.StringTerm("a")).Value.(*ast.Array)
	if list.Elem(0) != list.Elem(1) {
		t.Error("equal texts are two terms")
	}
	if _, err := newSharing().term(map[string]any{"f": []any{func() {}}}); err == nil {
		t.Error("a function is a value")
	}
}
