// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/predicate"
)

func graphOf(t testing.TB, objects []Object) *predicate.FlowGraph {
	t.Helper()
	g, err := Compute(objects, nil)
	if err != nil {
		t.Fatal(err)
	}
	if less, err := Compute(readOf(objects), nil); err != nil || !reflect.DeepEqual(g, less) {
		t.Errorf("what Reads keeps gives another graph (%v)", err)
	}
	return g
}

// readOf is what Reads keeps of objects.
func readOf(objects []Object) []Object {
	var out []Object
	for _, o := range objects {
		if o.Object = Reads(o.Object); o.Object != nil {
			out = append(out, o)
		}
	}
	return out
}

// A policy more isolates more, or opens for what it selects; it changes nothing else.
func TestProperty_OnePolicyMore(t *testing.T) {
	all := requests()
	for round := range 25 {
		g := gen{rand.New(rand.NewPCG(11, uint64(round)))}
		w := newWorld(g, g.networkPolicy)
		more := g.networkPolicy()
		ns := str(dig(more, "metadata", "namespace"))
		before, after := graphOf(t, w.objects), graphOf(t, append(slices.Clone(w.objects), Object{Item: 99, Object: more, Namespace: ns}))
		c0, _ := build(t, w.objects)
		c1, _ := build(t, append(slices.Clone(w.objects), Object{Item: 99, Object: more, Namespace: ns}))
		selected := func(p oraclePod) bool { return p.ns == ns && selects(dig(more, "spec", "podSelector"), p.labels) }
		for i, x := range before.Workloads {
			y := after.Workloads[i]
			if x.Ingress && !y.Ingress || x.Egress && !y.Egress {
				t.Fatalf("round %d: a policy more opens %s", round, x.Name)
			}
		}
		alone := oracle{policies: []obj{more}}
		for _, a := range w.pods {
			for _, b := range w.pods {
				for _, r := range all {
					was, _ := shows(c0, before, a, b, r)
					is, _ := shows(c1, after, a, b, r)
					if was != is && !selected(a) && !selected(b) {
						t.Fatalf("round %d: %s to %s changed by a policy for others", round, a.name, b.name)
					}
					if is && !was && !alone.direction(true, a, b, b, r) && !alone.direction(false, b, a, b, r) {
						t.Fatalf("round %d: %s to %s is open by a policy that allows neither end", round, a.name, b.name)
					}
				}
			}
		}
	}
}

func TestProperty_OrderIsNothing(t *testing.T) {
	for round := range 60 {
		g := gen{rand.New(rand.NewPCG(12, uint64(round)))}
		c := &calicoWorld{gen: g, exprs: map[string]expression{}}
		w := newWorld(g, g.networkPolicy, g.ciliumPolicy, g.authPolicy, g.adminPolicies(), c.policy, newAntrea(g).policy)
		want := graphOf(t, w.objects)
		shuffled := slices.Clone(w.objects)
		g.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := graphOf(t, shuffled); !reflect.DeepEqual(got, want) {
			a, _ := json.Marshal(want)
			b, _ := json.Marshal(got)
			t.Fatalf("round %d: another order, another graph:\n%s\n%s", round, a, b)
		}
	}
}

// What a graph says, declared, is no difference; without any of it, that one is.
func TestProperty_TheGraphDeclaredIsEqual(t *testing.T) {
	for round := range 15 {
		g := gen{rand.New(rand.NewPCG(13, uint64(round)))}
		w := newWorld(g, g.networkPolicy, g.networkPolicy, g.authPolicy)
		graph := graphOf(t, w.objects)
		declared := []Declared{}
		for _, f := range graph.Flows {
			d := Declared{From: f.From, To: f.To, Protocol: f.Protocol, Methods: f.Methods, Paths: f.Paths}
			switch {
			case f.Protocol == "other":
				d.Protocol = "any"
			case f.PortName != "":
				d.Port = f.PortName
			case f.EndPort != 0:
				d.Port = fmt.Sprintf("%d-%d", f.Port, f.EndPort)
			case f.Port != 0:
				d.Port = fmt.Sprint(f.Port)
			}
			declared = append(declared, d)
		}
		compared, err := Compute(w.objects, declared)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for _, d := range compared.Comparison {
			if d.Kind == predicate.FlowUndeclared && len(d.Methods)+len(d.Paths) == 0 {
				t.Fatalf("round %d: %s", round, d.Message)
			}
		}
		for i, f := range graph.Flows {
			if len(f.ExceptMethods) > 0 || len(f.ExceptPaths) > 0 { // which a declaration can't say
				continue
			}
			less := slices.DeleteFunc(slices.Clone(declared), func(d Declared) bool { // what may cover it
				return d.From == f.From && d.To == f.To || strings.HasSuffix(d.From+d.To, "/*") || strings.Contains(d.From, "/*") || !strings.Contains(d.From, "/w") || !strings.Contains(d.To, "/w")
			})
			c, err := Compute(w.objects, less)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(c.Comparison, func(d predicate.FlowDifference) bool { return d.From == f.From && d.To == f.To }) {
				t.Fatalf("round %d, flow %d: %+v is missed by nobody", round, i, f)
			}
		}
	}
}

func TestAlgebraOfRequests(t *testing.T) {
	g := gen{rand.New(rand.NewPCG(14, 0))}
	names, some := []string{"GET", "PUT", "POST", "HEAD"}, []pattern{"/a", "/a/*", "/a/b", "/c", "*", "*.json", "/x.json", "/{*}/b", "/a/{**}"}
	request := func() (string, pattern) {
		return pick(g, names...), pick(g, pattern("/a"), "/a/b", "/a/b/c", "/c", "/x.json", "/a/x.json", "/d")
	}
	random := func() ops {
		var o ops
		for range 1 + g.IntN(3) {
			x := op{methods{g.IntN(2) == 0, union([]string{pick(g, names...)}, []string{pick(g, names...)})}, paths{in: []pattern{pick(g, some...), pick(g, some...)}}}
			if g.IntN(3) == 0 {
				x.p.out = []pattern{pick(g, some...)}
			}
			o = append(o, x)
		}
		return o
	}
	in := func(o ops, m string, p pattern) bool {
		return slices.ContainsFunc(o, func(x op) bool { return x.m.has(m) && coveredBy(p, x.p.in) && !coveredBy(p, x.p.out) })
	}
	for range 1500 {
		a, b := random(), random()
		for range 10 {
			m, p := request()
			if got, want := in(a.canonical(), m, p), in(a, m, p); got != want {
				t.Fatalf("canonical of %v: %s %s is %v, want %v: %v", a, m, p, got, want, a.canonical())
			}
			if in(a, m, p) && in(b, m, p) && !in(a.and(b), m, p) {
				t.Fatalf("%v and %v: %s %s is lost in %v", a, b, m, p, a.and(b))
			}
			if got, want := in(a.canonical().without(b[0]), m, p), in(a, m, p) && !in(b[:1], m, p); got != want {
				if !want && strings.ContainsAny(string(joinPatterns(b[0].p.out)), "*{") { // where patterns only overlap, more may be left
					continue
				}
				t.Fatalf("%v without %v: %s %s is %v, want %v: %v", a, b[0], m, p, got, want, a.canonical().without(b[0]))
			}
		}
		if key := a.canonical().canonical().key(); key != a.canonical().key() {
			t.Fatalf("%v: canonical twice is another", a)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		a, b             pattern
		covers, overlaps bool
	}{
		{"*", "/a", true, true}, {"/a*", "/ab", true, true}, {"/a*", "/a", true, true}, {"/a/*", "/a", false, false}, {"/a", "/a*", false, true},
		{"/a*", "/b*", false, false}, {"/a*", "/ab*", true, true}, {"*.js", "/a.js", true, true}, {"*.js", "/a*", false, true}, {"*a.js", "*b.js", false, false},
		{"/a/{*}", "/a/b", true, true}, {"/a/{*}", "/a/b/c", false, false}, {"/a/{*}", "/a/", false, false}, {"/a/{**}", "/a", false, false}, {"/a/{**}", "/a/", true, true}, {"/a/{**}", "/a/b/c", true, true}, {"/a/{*}/c", "/a/b/c", true, true},
		{"/a*", "/a/{*}", true, true}, {"/b*", "/a/{*}", false, false}, {"regex:/a.*b", "/axb", false, true}, {"regex:x", "regex:x", true, true}, {"/{**}/{**}/{**}", "/a/b/c/d", false, true},
	} {
		if got := c.a.covers(c.b); got != c.covers {
			t.Errorf("%s covers %s: %v", c.a, c.b, got)
		}
		if got := c.a.overlaps(c.b); got != c.overlaps {
			t.Errorf("%s overlaps %s: %v", c.a, c.b, got)
		}
	}
	for expr, want := range map[string]pattern{"": "*", "/.*": "*", "/a": "/a", "^/a$": "/a", "/a/.*": "/a/*", "/a.b": "regex:/a.b", "/a/[0-9]+": "regex:/a/[0-9]+", "(": "regex:("} {
		if got := regexPattern(expr); got != want {
			t.Errorf("%q is %q, want %q", expr, got, want)
		}
	}
}

func manyPods(n int, ns string) []Object {
	var out []Object
	for i := range n {
		out = append(out, Object{Item: i, Namespace: ns, Object: deployment(oraclePod{name: fmt.Sprint("w", i), ns: ns, account: "a", labels: map[string]string{"app": "a"}})})
	}
	return out
}

func TestLimits(t *testing.T) {
	peers := []any{}
	for i := range MaxParts {
		peers = append(peers, obj{"ipBlock": obj{"cidr": fmt.Sprintf("10.%d.%d.%d/32", i>>16, i>>8&255, i&255)}})
	}
	network := func(spec obj) Object {
		return Object{Item: 1 << 20, Namespace: "a", Object: obj{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": obj{"name": "n", "namespace": "a"}, "spec": spec}}
	}
	many := make([]Object, MaxPolicies+1)
	for i := range many {
		many[i] = network(obj{"podSelector": obj{}})
	}
	everyone := network(obj{"podSelector": obj{}, "ingress": []any{obj{"from": []any{obj{"podSelector": obj{}}}}}})
	for name, c := range map[string]struct {
		objects []Object
		what    string
	}{
		"workloads": {manyPods(MaxWorkloads+1, "a"), "workloads"},
		"policies":  {append(manyPods(1, "a"), many...), "policies"},
		"peers":     {append(manyPods(1, "a"), network(obj{"podSelector": obj{}, "ingress": []any{obj{"from": peers}}})), "rules, peers and ports of policies"},
		"flows":     {append(manyPods(230, "a"), everyone), "flows"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compute(c.objects, nil)
			var limit *LimitError
			if !errors.As(err, &limit) || limit.What != c.what {
				t.Errorf("error %v, want the limit of %s", err, c.what)
			}
		})
	}
	// Many workloads that no policy bears on are no problem.
	if g := graphOf(t, manyPods(2000, "a")); len(g.Flows) != 4*2000 {
		t.Errorf("%d flows of open workloads", len(g.Flows))
	}
}

func TestDeclared(t *testing.T) {
	for text, d := range map[string]Declared{
		"from: is missing":                    {To: "a/b"},
		"to: is missing":                      {From: "a/b"},
		"port: expected a number":             {From: "a/b", To: "a/c", Port: "0"},
		"port: expected a number of 1":        {From: "a/b", To: "a/c", Port: "90-80"},
		"port: expected a number of 1 to":     {From: "a/b", To: "a/c", Port: "HTTP"},
		"protocol: expected TCP":              {From: "a/b", To: "a/c", Protocol: "tcp"},
		"methods[0]: expected a method":       {From: "a/b", To: "a/c", Methods: []string{"get"}},
		"methods[1]: expected a method":       {From: "a/b", To: "a/c", Methods: []string{"GET", "*"}},
		"paths[0]: expected /exact":           {From: "a/b", To: "a/c", Paths: []string{"v1"}},
		"to: \"10.0.0.1/8\" has bits":         {From: "a/b", To: "10.0.0.1/8"},
		"to: expected namespace/workload":     {From: "a/b", To: "/x"},
		"from: expected namespace/workload, ": {From: "a b", To: "a/c"},
	} {
		err := predicate.CheckDeclared([]Declared{{From: "a/b", To: "world"}, d})
		if err == nil || !strings.Contains(err.Error(), "flows[1]: "+text) {
			t.Errorf("%+v: error %v, want one that says %q", d, err, text)
		}
		if _, err := Compute(nil, []Declared{d}); err == nil {
			t.Errorf("%+v is computed with", d)
		}
	}
	for _, d := range []Declared{
		{From: "a/*", To: "*/*"}, {From: "a/b", To: "10.0.0.0/8", Port: "8000-8100", Protocol: "any"}, {From: "a/b", To: "api.example.com", Port: "https"}, {From: "a/b", To: "kube-apiserver"},
		{From: "[team=x]/app in (a,b)", To: "a/!x"}, {From: "0.0.0.0/0 except 10.0.0.0/8", To: "a/b", Methods: []string{"GET"}, Paths: []string{"/", "*", "/a/{*}", "regex:/x"}}, {From: "::/0", To: "a/sa:x"},
	} {
		if err := d.Check(); err != nil {
			t.Errorf("%+v: %v", d, err)
		}
	}
	if err := predicate.CheckDeclared(make([]Declared, predicate.MaxDeclaredFlows+1)); err == nil {
		t.Error("too many declared flows are taken")
	}
}

// Any JSON is computed or refused, and alike each time; the graph is JSON that reads back.
func FuzzCompute(f *testing.F) {
	for round := range 8 {
		g := gen{rand.New(rand.NewPCG(15, uint64(round)))}
		c := &calicoWorld{gen: g, exprs: map[string]expression{}}
		raw, err := json.Marshal(newWorld(g, g.networkPolicy, g.ciliumPolicy, g.authPolicy, g.adminPolicies(), c.policy, newAntrea(g).policy).objects)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var objects []Object
		if len(raw) > 1<<16 || json.Unmarshal(raw, &objects) != nil {
			t.Skip("no list of objects, or too long a one")
		}
		declared := []Declared{{From: "one/*", To: "two/*", Port: "80"}, {From: "one/w0", To: "world"}}
		a, err := Compute(objects, declared)
		if err != nil {
			var limit *LimitError
			if !errors.As(err, &limit) {
				t.Fatal(err)
			}
			return
		}
		b, err := Compute(readOf(objects), declared)
		if err != nil || !reflect.DeepEqual(a, b) {
			t.Fatalf("not the same twice, the second time of what is read of the objects: %v", err)
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back predicate.FlowGraph
		if err := json.Unmarshal(text, &back); err != nil || len(back.Flows) != len(a.Flows) {
			t.Fatalf("the graph does not read back: %v", err)
		}
	})
}
