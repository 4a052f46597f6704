// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// fixtures are the documents that the tests of rules give as input, each once, by the category of the rule.
type fixtures map[string][]map[string]any

func (f fixtures) all() []map[string]any {
	var out []map[string]any
	for _, category := range slices.Sorted(maps.Keys(f)) {
		out = append(out, f[category]...)
	}
	return out
}

func documents(t *testing.T) fixtures {
	t.Helper()
	run, txn, done, err := tests(t.Context(), findingDecisions, configModules(t, true), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	inputs := &inputTracer{category: map[*ast.Term]string{}}
	results, err := run.SetCoverageQueryTracer(inputs).SetTimeout(time.Minute).RunTests(t.Context(), txn)
	if err != nil {
		t.Fatal(err)
	}
	for r := range results {
		if r.Error != nil {
			t.Fatal(r.Error)
		}
	}
	seen, of := map[string]map[string]any{}, map[string]string{}
	for in, category := range inputs.category {
		text := in.Value.String()
		if seen[text] != nil {
			continue
		}
		v, err := ast.JSON(in.Value)
		if err != nil {
			t.Fatal(err)
		}
		if doc, ok := v.(map[string]any); ok {
			seen[text], of[text] = doc, category
		}
	}
	out := fixtures{}
	for _, text := range slices.Sorted(maps.Keys(seen)) {
		out[of[text]] = append(out[of[text]], seen[text])
	}
	return out
}

// inputTracer keeps every input that something is evaluated with, and the category of the rule whose test that was.
type inputTracer struct {
	mu       sync.Mutex
	last     *ast.Term
	test     string // category of the test that runs
	category map[*ast.Term]string
}

func (*inputTracer) Enabled() bool { return true }

func (*inputTracer) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

func (x *inputTracer) TraceEvent(e topdown.Event) {
	in := e.Input()
	x.mu.Lock()
	defer x.mu.Unlock()
	if r, ok := e.Node.(*ast.Rule); ok && e.Op == topdown.EnterOp && strings.HasPrefix(r.Head.Name.String(), "test_") {
		x.test = strings.Join(strings.Split(r.Module.Package.Path.String(), ".")[:4], ".")
	}
	if in == nil || in == x.last {
		return
	}
	if x.last = in; x.category[in] == "" {
		x.category[in] = x.test
	}
}

// unions are documents of many fixtures' items, under ids of their own, so that items meet that no test of one rule brings together.
func unions(f fixtures, lists []string) []map[string]any {
	random := rand.New(rand.NewPCG(1, 2))
	var out []map[string]any
	for _, docs := range f {
		for some := range slices.Chunk(docs, 150) { // what one category is about
			out = append(out, unionOf(some, lists))
		}
	}
	docs := f.all()
	for range 20 {
		random.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		out = append(out, unionOf(docs[:60], lists))
	}
	return slices.DeleteFunc(out, func(doc map[string]any) bool { return largest(doc, lists) == 0 })
}

func unionOf(docs []map[string]any, lists []string) map[string]any {
	union, id := map[string]any{}, 0
	for _, doc := range docs {
		for _, list := range lists {
			items, _ := doc[list].([]any)
			all, _ := union[list].([]any)
			for _, item := range items {
				if m, ok := item.(map[string]any); ok {
					m = maps.Clone(m)
					m["id"], id = json.Number(fmt.Sprint(id)), id+1
					all = append(all, m)
				}
			}
			union[list] = all
		}
	}
	return union
}

// with is a document of these items, and otherwise as another.
func with(doc map[string]any, lists []string, keep func(list string, i int, item map[string]any) map[string]any) map[string]any {
	out := maps.Clone(doc)
	for _, list := range lists {
		some := []any{}
		items, _ := doc[list].([]any)
		for i, item := range items {
			if m, ok := item.(map[string]any); ok {
				if m = keep(list, i, m); m != nil {
					some = append(some, m)
				}
			}
		}
		out[list] = some
	}
	return out
}

// told is findings as text, sorted.
func told(t *testing.T, f *FindingRules, docs ...map[string]any) []string {
	t.Helper()
	var out []string
	for _, doc := range docs {
		found, err := f.Find(t.Context(), Input{Document: doc, At: evaluatedAt, Params: map[string]map[string]any{"workload.runtime-policy": {"require": true}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range found {
			out = append(out, fmt.Sprintf("%s: item %d %v: %s, %s, found %s, expected %s, fix %s", x.Rule.ID, x.Item, x.Path, x.Severity, x.Message, x.Found, x.Expected, x.Fix))
		}
	}
	slices.Sort(out)
	return out
}

func same(t *testing.T, what string, want, have []string) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(have, w) {
			t.Errorf("%s: lost: %s", what, w)
		}
	}
	for _, h := range have {
		if !slices.Contains(want, h) {
			t.Errorf("%s: made up: %s", what, h)
		}
	}
	if len(want) != len(have) && !t.Failed() {
		t.Errorf("%s: %d findings, expected %d", what, len(have), len(want))
	}
}

// What scopes.json says of the rules holds for all documents of their tests, and for many of these at once.
func TestScopes(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: the race detector is on, and this is all tests of all rules, one after the other; go test without -race runs it")
	}
	f, err := CompileFindings(FindingOptions{Own: configModules(t, false), Scopes: configScopes(t)})
	if err != nil {
		t.Fatal(err)
	}
	docs := documents(t)
	t.Run("one item", func(t *testing.T) { rulesLookAtOneItem(t, f, docs) })
	t.Run("modules", func(t *testing.T) { rulesLookAtOneModule(t, f, docs) })
	t.Run("views", func(t *testing.T) { viewsKeepWhatTheirRulesRead(t, f, docs) })
	t.Run("graph", func(t *testing.T) { graphRulesReadTheGraphAlone(t, f, docs.all()) })
}

// A rule that scopes.json does not name finds in each item by itself what it finds in all of them together. One that fails here looks at several
// items: a view has to say what it reads.
func rulesLookAtOneItem(t *testing.T, f *FindingRules, docs fixtures) {
	lists, each := f.scopes.Each, f.Part(PartEach)
	found := map[string]bool{}
	check := func(doc map[string]any, groups int) {
		parts := make([]map[string]any, groups)
		for n := range parts {
			parts[n] = with(doc, lists, func(_ string, i int, item map[string]any) map[string]any {
				if i%groups == n {
					return item
				}
				return nil
			})
		}
		want := told(t, each, doc)
		same(t, fmt.Sprintf("%d parts", groups), want, told(t, each, parts...))
		for _, w := range want {
			id, _, _ := strings.Cut(w, ":")
			found[id] = true
		}
	}
	for _, doc := range docs.all() {
		if n := largest(doc, lists); n > 1 {
			check(doc, n)
		}
	}
	for n, doc := range unions(docs, lists) {
		check(doc, 2+n%7)
	}
	if len(found) < 100 {
		t.Errorf("only %d rules found something", len(found))
	}
}

// A rule over Terraform finds in the modules of one document, with what means something everywhere, what it finds in those of many documents. One that fails
// here looks at several modules: a view has to say what it reads.
func rulesLookAtOneModule(t *testing.T, f *FindingRules, docs fixtures) {
	lists, each := f.scopes.Together, f.Part(PartEach)
	var apart []map[string]any
	for n, doc := range docs.all() {
		doc = with(doc, lists, func(_ string, _ int, item map[string]any) map[string]any {
			item = maps.Clone(item)
			item["module"] = fmt.Sprintf("%d/%v", n, item["module"])
			return item
		})
		if largest(doc, lists) > 0 {
			apart = append(apart, doc)
		}
	}
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(apart), func(i, j int) { apart[i], apart[j] = apart[j], apart[i] })
	found := map[string]bool{}
	for some := range slices.Chunk(apart, 40) {
		union, first := unionOf(some, lists), 0
		var have []string
		for _, doc := range some {
			end := first + largest(doc, lists)
			own := func(i int) bool { return first <= i && i < end }
			part := with(union, lists, func(_ string, i int, item map[string]any) map[string]any {
				if kind, _ := item["type"].(string); own(i) || slices.Contains(f.scopes.Everywhere, kind) {
					return item
				}
				return nil
			})
			for _, text := range told(t, each, part) {
				var id string
				var item int
				if _, err := fmt.Sscanf(text, "%s item %d", &id, &item); err != nil {
					t.Fatal(err)
				}
				if own(item) {
					have = append(have, text)
				}
			}
			first = end
		}
		want := told(t, each, union)
		same(t, "modules", want, have)
		for _, w := range want {
			id, _, _ := strings.Cut(w, ":")
			found[id] = true
		}
	}
	if len(found) < 100 {
		t.Errorf("only %d rules found something", len(found))
	}
}

func largest(doc map[string]any, lists []string) int {
	n := 0
	for _, list := range lists {
		items, _ := doc[list].([]any)
		n = max(n, len(items))
	}
	return n
}

// The rules of a view find in what it keeps of the objects what they find in the whole of them.
func viewsKeepWhatTheirRulesRead(t *testing.T, f *FindingRules, docs fixtures) {
	lists := []string{"kubernetes", "terraform"}
	found := map[string]bool{}
	check := func(doc map[string]any, views []View) {
		for _, v := range views {
			some := map[string]any{v.List: with(doc, []string{v.List}, func(_ string, _ int, item map[string]any) map[string]any { return v.Of(item) })[v.List]}
			want := told(t, f.Part(v.Name), doc)
			same(t, v.Name, want, told(t, f.Part(v.Name), some))
			for _, w := range want {
				id, _, _ := strings.Cut(w, ":")
				found[id] = true
			}
		}
	}
	for _, doc := range unions(docs, lists) {
		check(doc, f.Views())
	}
	for category, own := range docs {
		views := slices.DeleteFunc(slices.Clone(f.Views()), func(v View) bool {
			return !slices.ContainsFunc(v.Rules, func(id string) bool { return strings.HasPrefix("data.sealock.config."+id, category+".") })
		})
		for _, doc := range own {
			check(doc, views)
		}
	}
	for _, v := range f.Views() {
		for _, id := range v.Rules {
			if r := f.set.rule(id); r == nil || !slices.Equal(r.Kinds, []string{v.List}) {
				t.Errorf("%s: there is no rule %s over %s", v.Name, id, v.List)
			} else if !found[id] {
				t.Errorf("no document has something for %s", id)
			}
		}
	}
}

// Those over the graph read nothing but the graph.
func graphRulesReadTheGraphAlone(t *testing.T, f *FindingRules, docs []map[string]any) {
	f = f.Part(PartGraph)
	n := 0
	for _, doc := range docs {
		if doc["graph"] == nil {
			continue
		}
		want := told(t, f, doc)
		same(t, "graph", want, told(t, f, map[string]any{"graph": doc["graph"]}))
		n += len(want)
	}
	if n < 10 {
		t.Errorf("%d findings", n)
	}
}
