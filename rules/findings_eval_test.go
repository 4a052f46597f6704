// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

// The groups share what libraries gave and get input and parameters in a shorter way than the gate's rules. Neither changes what is found: each group
// alone, with input and data.params replaced in the query, finds the same.
func TestFindAgreesWithOneQueryForEachGroup(t *testing.T) {
	text, err := os.ReadFile("testdata/configuration.json") // one file of each kind, with many faults
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := util.UnmarshalJSON(text, &document); err != nil {
		t.Fatal(err)
	}
	c := newCompilation(capabilities(), findingDecisions)
	if err := c.load(configModules(t, false), nil); err != nil {
		t.Fatal(err)
	}
	list, err := c.finish()
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := c.compile(byCategory(list, nil))
	if err != nil {
		t.Fatal(err)
	}
	with, err := preparedPrograms(compiler, byCategory(list, nil), query)
	if err != nil {
		t.Fatal(err)
	}
	short, err := preparedPrograms(compiler, byCategory(list, nil), findingQuery)
	if err != nil {
		t.Fatal(err)
	}
	f := FindingRules{set: Set{rules: list, programs: short}, own: len(short)}
	in := Input{Document: document, Params: map[string]map[string]any{"workload.image-registry": {"registries": []any{"registry.example.com"}}}, At: evaluatedAt}
	doc, err := f.set.Document(document)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := f.set.input(in, doc)
	if err != nil {
		t.Fatal(err)
	}
	params, err := f.set.params(in)
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.sideBySide(t.Context(), nil, doc.value, params, in.At)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range with {
		want, err := p.eval(t.Context(), whole, in.At)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.rules {
			if !reflect.DeepEqual(found[r.ID], want[r.ID]) {
				t.Errorf("%s: found %v, expected %v", r.ID, found[r.ID], want[r.ID])
			}
			if fmt.Sprint(want[r.ID]) != "map[finding:[[]]]" {
				n++
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d rules find something in the document", n)
	}
}

func TestParameterData(t *testing.T) {
	p := parameterData{ast.MustInterfaceToValue(map[string]any{"a.b": map[string]any{"most": 3}})}
	for ref, want := range map[string]string{
		`data.params`: `{"a.b": {"most": 3}}`, `data.params["a.b"].most`: `3`, `data.params["a.b"].least`: "", `data.params.c`: "", `data.other`: "", `data`: "",
	} {
		got := ""
		if v := p.Get(ast.MustParseRef(ref)); v != nil {
			got = v.String()
		}
		if got != want {
			t.Errorf("%s is %q, expected %q", ref, got, want)
		}
	}
}
