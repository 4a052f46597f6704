// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// expression is a selector of Calico as a tree: its text, and what it means.
type expression struct {
	text  string
	holds func(labels map[string]string) bool
}

func (g gen) expression(depth int, keys, values []string) expression {
	k, v := pick(g, keys...), pick(g, values...)
	switch n := g.IntN(12); {
	case depth > 0 && n < 3:
		a, b := g.expression(depth-1, keys, values), g.expression(depth-1, keys, values)
		if n == 0 {
			return expression{"(" + a.text + ")&&(" + b.text + ")", func(l map[string]string) bool { return a.holds(l) && b.holds(l) }}
		}
		return expression{"(" + a.text + " || " + b.text + ")", func(l map[string]string) bool { return a.holds(l) || b.holds(l) }}
	case depth > 0 && n < 5:
		a := g.expression(depth-1, keys, values)
		return expression{"!(" + a.text + ")", func(l map[string]string) bool { return !a.holds(l) }}
	case n == 5:
		return expression{"all()", func(map[string]string) bool { return true }}
	case n == 6:
		return expression{"has(" + k + ")", func(l map[string]string) bool { _, ok := l[k]; return ok }}
	case n == 7:
		return expression{k + " != '" + v + "'", func(l map[string]string) bool { have, ok := l[k]; return !ok || have != v }}
	case n == 8:
		return expression{k + ` in {"` + v + `", 'b'}`, func(l map[string]string) bool { have, ok := l[k]; return ok && (have == v || have == "b") }}
	case n == 9:
		return expression{k + " not in {'" + v + "'}", func(l map[string]string) bool { have, ok := l[k]; return !ok || have != v }}
	case n == 10:
		return expression{k + " starts with '" + v[:1] + "'", func(l map[string]string) bool { have, ok := l[k]; return ok && strings.HasPrefix(have, v[:1]) }}
	}
	return expression{k + " == '" + v + "'", func(l map[string]string) bool { have, ok := l[k]; return ok && have == v }}
}

func TestCalicoSelector(t *testing.T) {
	labels := []map[string]string{nil, {"app": "a"}, {"app": "b", "tier": "a"}, {"tier": "ab"}, {"app": "c", "tier": "c"}}
	for round := range 1000 {
		g := gen{rand.New(rand.NewPCG(21, uint64(round)))}
		e := g.expression(4, []string{"app", "tier"}, []string{"a", "b", "c"})
		yes, err := calicoSelector(value{v: e.text})
		if err != nil {
			t.Fatalf("%s: %v", e.text, err)
		}
		no, err := calicoExpression(value{v: e.text}, true)
		if err != nil {
			t.Fatalf("not %s: %v", e.text, err)
		}
		for _, l := range labels {
			any := func(s alternatives) bool {
				return slices.ContainsFunc(s, func(s selector) bool { return s.matches(l) })
			}
			if any(yes) != e.holds(l) || any(no) == e.holds(l) {
				t.Fatalf("%s on %v: %v and not %v, want %v", e.text, l, any(yes), any(no), e.holds(l))
			}
		}
	}
}

func TestCalicoSelector_Refused(t *testing.T) {
	for _, text := range []string{"app", "app ==", "app == a", "app == 'a' &&", "(app == 'a'", "has()", "has(app", "app in 'a'", "app in {'a'", "app == 'a' app == 'b'", "== 'a'",
		strings.Repeat("(", 100) + "all()" + strings.Repeat(")", 100), strings.Repeat("!", 100) + "all()", strings.Repeat("a", 5000) + " == 'a'"} {
		if s, err := calicoSelector(value{v: text}); err == nil {
			t.Errorf("%.40s: no error, %v", text, s)
		}
	}
	var many []string
	for i := range 12 {
		many = append(many, fmt.Sprintf("(a%d == '1' || b%d == '1')", i, i))
	}
	if _, err := calicoSelector(value{v: strings.Join(many, " && ")}); err == nil {
		t.Error("4096 alternatives are no error")
	}
}

// calicoWorld keeps what the texts of selectors mean.
type calicoWorld struct {
	gen
	exprs map[string]expression
	n     int
}

func (c *calicoWorld) pods() string {
	e := c.expression(2, []string{"app", "tier"}, []string{"a", "b", "c"})
	c.exprs[e.text] = e
	return e.text
}

func (c *calicoWorld) spaces() string {
	e := c.expression(1, []string{"team", calicoName}, []string{"one", "two", "ext"})
	c.exprs[e.text] = e
	return e.text
}

func (c *calicoWorld) end(local bool) obj {
	out := obj{}
	switch n := c.IntN(7); {
	case n == 0:
		return out
	case n == 1 && !local:
		out["nets"] = []any{pick(c.gen, "0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24")}
		return out
	case n == 2:
		out["notSelector"] = c.pods()
		return out
	case n == 3:
		out["namespaceSelector"] = c.spaces()
	}
	out["selector"] = c.pods()
	return out
}

func (c *calicoWorld) policy() obj {
	c.n++
	kind := pick(c.gen, "NetworkPolicy", "GlobalNetworkPolicy")
	spec := obj{"selector": c.pods(), "order": float64(c.n * 100)}
	meta := obj{"name": fmt.Sprint("p", c.n)}
	if kind == "NetworkPolicy" {
		meta["namespace"] = pick(c.gen, "one", "two")
	} else if c.IntN(2) == 0 {
		spec["namespaceSelector"] = c.spaces()
	}
	if t := pick(c.gen, "", "default", "security", "late"); t != "" {
		spec["tier"] = t
	}
	if c.IntN(2) == 0 {
		spec["types"] = pick(c.gen, []any{"Ingress"}, []any{"Egress"}, []any{"Ingress", "Egress"})
	}
	for _, d := range [][3]string{{"ingress", "source", "destination"}, {"egress", "destination", "source"}} {
		if c.IntN(3) == 0 {
			continue
		}
		spec[d[0]] = c.some(3, func() any {
			r := obj{"action": pick(c.gen, "Allow", "Allow", "Deny", "Pass", "Log"), d[1]: c.end(false)}
			if c.IntN(4) == 0 {
				r[d[2]] = obj{"selector": c.pods()}
			}
			if c.IntN(2) == 0 {
				r["protocol"] = pick[any](c.gen, "TCP", "UDP", 6)
				dst, _ := r["destination"].(obj)
				if dst == nil {
					dst = obj{}
				}
				dst[pick(c.gen, "ports", "ports", "notPorts")] = []any{pick[any](c.gen, 80, "79:85", "90")}
				r["destination"] = dst
			}
			return r
		})
	}
	return obj{"apiVersion": pick(c.gen, "projectcalico.org/v3", "crd.projectcalico.org/v1"), "kind": kind, "metadata": meta, "spec": spec}
}

func (c *calicoWorld) means(e any, ns string, p oraclePod) bool {
	m, _ := e.(obj)
	nets := list(m["nets"])
	if len(nets) > 0 {
		return slices.ContainsFunc(nets, func(n any) bool {
			return !p.addr.IsValid() && n == "0.0.0.0/0" || p.addr.IsValid() && netip.MustParsePrefix(str(n)).Contains(p.addr)
		})
	}
	sel, hasSel := m["selector"].(string)
	space, hasSpace := m["namespaceSelector"].(string)
	not, hasNot := m["notSelector"].(string)
	if hasSel || hasSpace {
		labels := map[string]string{calicoName: p.ns, "team": p.nsLabels["team"]}
		if p.addr.IsValid() || hasSel && !c.exprs[sel].holds(p.labels) || hasSpace && !c.exprs[space].holds(labels) || !hasSpace && ns != "" && p.ns != ns {
			return false
		}
	}
	return !hasNot || p.addr.IsValid() || !c.exprs[not].holds(p.labels)
}

// decides is the brute force: tier by tier, policy by policy, rule by rule.
func (c *calicoWorld) decides(policies []obj, plain oracle, egress bool, who, peer, to oraclePod, r request) bool {
	direction, field, own := "ingress", "source", "destination"
	if egress {
		direction, field, own = "egress", "destination", "source"
	}
	for _, tier := range []string{"security", "late", "default"} {
		var mine []obj
		for _, p := range policies {
			if t := str(dig(p, "spec", "tier")); t == tier || t == "" && tier == "default" {
				mine = append(mine, p)
			}
		}
		order := func(p obj) float64 { n, _ := dig(p, "spec", "order").(float64); return n }
		slices.SortFunc(mine, func(a, b obj) int { return cmp.Compare(order(a), order(b)) })
		applied, verdict := false, ""
		asked := tier != "default"
		kubernetes := func() {
			asked = true
			isolated, allows := plain.middle(egress, who, peer, to, r)
			if applied = applied || isolated; isolated && allows {
				verdict = "Allow"
			}
		}
		for _, p := range mine {
			if verdict == "" && !asked && order(p) > networkPolicyOrder {
				kubernetes()
			}
			if verdict != "" {
				break
			}
			ns := str(dig(p, "metadata", "namespace"))
			in, out := list(dig(p, "spec", "ingress")), list(dig(p, "spec", "egress"))
			types := list(dig(p, "spec", "types"))
			if len(types) == 0 && (len(in) > 0 || len(out) == 0) {
				types = append(slices.Clone(types), "Ingress")
			}
			if len(list(dig(p, "spec", "types"))) == 0 && len(out) > 0 {
				types = append(slices.Clone(types), "Egress")
			}
			if !slices.Contains(types, any(map[bool]string{false: "Ingress", true: "Egress"}[egress])) || !c.selected(p, ns, who) {
				continue
			}
			applied = true
			for _, e := range list(dig(p, "spec", direction)) {
				rule := e.(obj)
				local, _ := rule[own].(obj)
				if verdict == "" && rule["action"] != "Log" && c.means(rule[field], ns, peer) && c.means(obj{"selector": local["selector"]}, ns, who) && calicoAt(rule, r) {
					verdict = str(rule["action"])
				}
			}
		}
		if verdict == "" && !asked {
			kubernetes()
		}
		switch {
		case verdict == "Allow":
			return true
		case verdict == "Deny" || verdict == "" && applied && tier != "late":
			return false
		}
	}
	return true
}

func (c *calicoWorld) selected(p obj, ns string, who oraclePod) bool {
	m := obj{"selector": dig(p, "spec", "selector")}
	if s := dig(p, "spec", "namespaceSelector"); s != nil {
		m["namespaceSelector"] = s
	}
	return c.means(m, ns, who)
}

func calicoAt(rule obj, r request) bool {
	if p := rule["protocol"]; p != nil && p != r.proto && (p != 6 || r.proto != "TCP") {
		return false
	}
	in := func(l []any) bool {
		return slices.ContainsFunc(l, func(v any) bool {
			lo, hi, ok := strings.Cut(fmt.Sprint(v), ":")
			if !ok {
				hi = lo
			}
			a, _ := strconv.Atoi(lo)
			b, _ := strconv.Atoi(hi)
			return a <= r.port && r.port <= b
		})
	}
	dst, _ := rule["destination"].(obj)
	return (dst["ports"] == nil || in(list(dst["ports"]))) && !in(list(dst["notPorts"]))
}

func TestOracle_Calico(t *testing.T) {
	all := slices.DeleteFunc(requests(), func(r request) bool { return r.method != "GET" || r.path != "/a" })
	allowed, denied := 0, 0
	for round := range 60 {
		g := gen{rand.New(rand.NewPCG(6, uint64(round)))}
		c := &calicoWorld{gen: g, exprs: map[string]expression{}}
		w := newWorld(g, c.policy, c.policy, c.policy, g.networkPolicy)
		for name, order := range map[string]any{"security": 100, "late": 900000.5} {
			spec := obj{"order": order}
			if name == "late" {
				spec["defaultAction"] = "Pass"
			}
			w.objects = append(w.objects, Object{Item: 90, Object: obj{"apiVersion": "projectcalico.org/v3", "kind": "Tier", "metadata": obj{"name": name}, "spec": spec}})
		}
		var calico []obj
		var plain oracle
		for _, p := range w.oracle.policies {
			if isCalico(group(value{v: p})) {
				calico = append(calico, p)
			} else {
				plain.policies = append(plain.policies, p)
			}
		}
		comp, graph := build(t, w.objects)
		if len(graph.Unread) > 0 {
			t.Fatalf("round %d: unread: %+v", round, graph.Unread)
		}
		check := func(from, to oraclePod) {
			pair := exactly(t, comp, from, to)
			for _, r := range all {
				want := (from.addr.IsValid() || from.name == "out" || c.decides(calico, plain, true, from, to, to, r)) &&
					(to.addr.IsValid() || to.name == "out" || c.decides(calico, plain, false, to, from, to, r))
				if want {
					allowed++
				} else {
					denied++
				}
				if got, ok := pair(r); ok && got != want {
					t.Fatalf("round %d: %s to %s, %+v: oracle %v, evaluation %v\n%v", round, from.name, to.name, r, want, got, w.oracle.policies)
				}
				if got, _ := shows(comp, graph, from, to, r); want && !got {
					t.Fatalf("round %d: %+v to %+v, %+v: allowed, and not in the graph\n%v\n%+v", round, from, to, r, w.oracle.policies, graph.Flows)
				}
			}
		}
		w.each(check)
	}
	wantBoth(t, allowed, denied)
}

func TestCalico_WhatIsNotKnown(t *testing.T) {
	for name, spec := range map[string]obj{
		"a tier that the tree has not": {"tier": "platform", "selector": "all()"},
	} {
		t.Run(name, func(t *testing.T) {
			_, g := build(t, []Object{{Object: deployment(oraclePod{name: "w", ns: "one", account: "a"}), Namespace: "one"},
				{Item: 1, Object: obj{"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy", "metadata": obj{"name": "p"}, "spec": spec}}})
			if len(g.Unread) != 1 || g.Unread[0].Kind != predicate.FaultUnsupported || g.Unread[0].Policy != "Calico GlobalNetworkPolicy p" {
				t.Errorf("unread: %+v", g.Unread)
			}
		})
	}
	if math.MaxFloat64 <= baselineTier.order {
		t.Error("a policy without an order is not the last")
	}
}
