// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// antreaWorld makes policies of Antrea, and decides by them one after the other.
type antreaWorld struct {
	gen
	n      int
	groups map[string]obj
	places map[string]int
}

func newAntrea(g gen) *antreaWorld {
	a := &antreaWorld{gen: g, groups: map[string]obj{}, places: map[string]int{"": 250, "application": 250, "SecurityOps": 100, "baseline": 253, "early": 20, "late": 251}}
	a.groups["some"] = obj{"podSelector": g.pods(), "namespaceSelector": g.namespaces()}
	a.groups["net"] = obj{"ipBlocks": []any{obj{"cidr": "203.0.113.0/24"}, obj{"cidr": pick(g, "10.0.0.0/8", "0.0.0.0/0")}}}
	a.groups["both"] = obj{"childGroups": []any{"some", "net"}}
	a.groups["all"] = obj{"podSelector": g.pods()}
	return a
}

// objects are the tiers and groups.
func (a *antreaWorld) objects() []Object {
	var out []Object
	for _, name := range sortedKeys(a.groups) {
		out = append(out, Object{Item: 90, Object: obj{"apiVersion": "crd.antrea.io/v1beta1", "kind": "ClusterGroup", "metadata": obj{"name": name}, "spec": a.groups[name]}})
	}
	for _, name := range []string{"early", "late"} {
		out = append(out, Object{Item: 91, Object: obj{"apiVersion": "crd.antrea.io/v1beta1", "kind": "Tier", "metadata": obj{"name": name}, "spec": obj{"priority": a.places[name]}}})
	}
	return out
}

func (a *antreaWorld) whom(cluster bool) []any {
	return append(a.some(1, func() any { return a.applied(cluster) }), a.applied(cluster))
}

func (a *antreaWorld) applied(cluster bool) any {
	switch n := a.IntN(6); {
	case n == 0:
		return obj{"serviceAccount": obj{"name": pick(a.gen, "a", "b"), "namespace": pick(a.gen, "one", "two")}}
	case n == 1 && cluster:
		return obj{"group": pick(a.gen, "some", "all", "both")}
	case n < 4 && cluster:
		return obj{"namespaceSelector": a.namespaces()}
	}
	return obj{"podSelector": a.pods()}
}

func (a *antreaWorld) peer(cluster, egress bool) any {
	switch n := a.IntN(9); {
	case n == 0:
		return obj{"ipBlock": obj{"cidr": pick(a.gen, "0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24")}}
	case n == 1 && cluster:
		return obj{"group": pick(a.gen, "some", "net", "both", "all")}
	case n < 4 && cluster:
		return obj{"namespaces": pick(a.gen, obj{"match": "Self"}, obj{"match": "self"}, obj{"sameLabels": []any{"team"}}), "podSelector": a.pods()}
	case n == 4:
		return obj{"serviceAccount": obj{"name": "a", "namespace": pick(a.gen, "one", "ext")}}
	case n == 5:
		return obj{"podSelector": a.pods()}
	}
	return obj{"podSelector": a.pods(), "namespaceSelector": a.namespaces()}
}

func (a *antreaWorld) policy() obj {
	a.n++
	cluster := a.IntN(2) == 0
	kind, meta := "NetworkPolicy", obj{"name": fmt.Sprint("p", a.n)}
	if cluster {
		kind = "ClusterNetworkPolicy"
	} else {
		meta["namespace"] = pick(a.gen, "one", "two")
	}
	spec := obj{"priority": float64(a.n) + 0.5}
	tier := pick(a.gen, "", "application", "SecurityOps", "baseline", "early", "late")
	if tier != "" {
		spec["tier"] = tier
	}
	each := a.IntN(3) == 0
	if !each {
		spec["appliedTo"] = a.whom(cluster)
	}
	for _, d := range [][2]string{{"ingress", "from"}, {"egress", "to"}} {
		spec[d[0]] = a.some(4, func() any {
			r := obj{"action": pick(a.gen, "Allow", "Allow", "Drop", "Reject", "Pass"), "name": "r"}
			if tier == "baseline" && r["action"] == "Pass" {
				r["action"] = "Drop"
			}
			if each {
				r["appliedTo"] = a.whom(cluster)
			}
			if a.IntN(4) > 0 {
				r[d[1]] = append(a.some(1, func() any { return a.peer(cluster, d[0] == "egress") }), a.peer(cluster, d[0] == "egress"))
			}
			switch a.IntN(4) {
			case 0:
				r["ports"] = []any{a.npPort()}
			case 1:
				r["ports"], r["protocols"] = []any{obj{"protocol": "TCP", "port": 80}}, []any{obj{"icmp": obj{}}}
				if r["action"] == "Allow" {
					r["ports"], r["protocols"] = []any{obj{"protocol": "TCP", "port": 80, "endPort": 85}}, nil
					r["l7Protocols"] = []any{obj{"http": pick(a.gen, obj{"method": "GET"}, obj{"path": "/a*"}, obj{"host": "x", "method": "PUT", "path": "/c"})}}
				}
			}
			return r
		})
	}
	return obj{"apiVersion": "crd.antrea.io/v1beta1", "kind": kind, "metadata": meta, "spec": spec}
}

// means: is a pod or address one of those that an entry of a rule or of appliedTo says, for a policy of own, asked for the pod who?
func (a *antreaWorld) means(e any, own string, who, p oraclePod) bool {
	m := e.(obj)
	if name := str(m["group"]); name != "" {
		return a.member(name, p)
	}
	if cidr := dig(m, "ipBlock", "cidr"); cidr != nil {
		return inBlock(str(cidr), p)
	}
	if p.addr.IsValid() {
		return false
	}
	if sa, ok := m["serviceAccount"].(obj); ok {
		return p.account == sa["name"] && p.ns == sa["namespace"]
	}
	if how, ok := m["namespaces"].(obj); ok {
		same := p.nsLabels["team"] == who.nsLabels["team"]
		if how["match"] != nil {
			same = p.ns == who.ns
		}
		return same && selects(m["podSelector"], p.labels)
	}
	if ns, ok := m["namespaceSelector"]; ok {
		return selects(ns, p.nsLabels) && selects(m["podSelector"], p.labels)
	}
	return (own == "" || own == p.ns) && selects(m["podSelector"], p.labels)
}

func inBlock(cidr string, p oraclePod) bool {
	return !p.addr.IsValid() && cidr == "0.0.0.0/0" || p.addr.IsValid() && netip.MustParsePrefix(cidr).Contains(p.addr)
}

func (a *antreaWorld) member(name string, p oraclePod) bool {
	g := a.groups[name]
	for _, child := range list(g["childGroups"]) {
		if a.member(str(child), p) {
			return true
		}
	}
	for _, b := range list(g["ipBlocks"]) {
		if inBlock(str(b.(obj)["cidr"]), p) {
			return true
		}
	}
	if g["podSelector"] == nil || p.addr.IsValid() {
		return false
	}
	return (g["namespaceSelector"] == nil || selects(g["namespaceSelector"], p.nsLabels)) && selects(g["podSelector"], p.labels)
}

func (a *antreaWorld) applies(l []any, own string, who oraclePod) bool {
	return slices.ContainsFunc(l, func(e any) bool {
		m := e.(obj)
		if name := str(m["group"]); name == "both" { // its addresses are those of no pod that a policy holds for
			return a.member("some", who)
		}
		return a.means(e, own, who, who)
	})
}

// tier asks the policies of the baseline, or all others in order.
func (a *antreaWorld) tier(policies []obj, baseline, egress bool, who, peer, to oraclePod, r request) string {
	direction, field := "ingress", "from"
	if egress {
		direction, field = "egress", "to"
	}
	place := func(p obj) int { return a.places[str(dig(p, "spec", "tier"))] }
	order := func(p obj) float64 { n, _ := dig(p, "spec", "priority").(float64); return n }
	policies = slices.Clone(policies)
	slices.SortFunc(policies, func(x, y obj) int { return cmp.Or(cmp.Compare(place(x), place(y)), cmp.Compare(order(x), order(y))) })
	for _, p := range policies {
		if (place(p) == 253) != baseline {
			continue
		}
		own := str(dig(p, "metadata", "namespace"))
		for _, e := range list(dig(p, "spec", direction)) {
			rule := e.(obj)
			peers := list(rule[field])
			if !a.applies(append(slices.Clone(list(dig(p, "spec", "appliedTo"))), list(rule["appliedTo"])...), own, who) ||
				len(peers) > 0 && !slices.ContainsFunc(peers, func(q any) bool { return a.means(q, own, who, peer) }) || !antreaAt(rule, to, r) {
				continue
			}
			for _, l7 := range list(rule["l7Protocols"]) {
				method, path := str(dig(l7.(obj), "http", "method")), str(dig(l7.(obj), "http", "path"))
				if method != "" && method != r.method || path != "" && path != r.path && (!strings.HasSuffix(path, "*") || !strings.HasPrefix(r.path, strings.TrimSuffix(path, "*"))) {
					return "Drop"
				}
			}
			return str(rule["action"])
		}
	}
	return ""
}

func antreaAt(rule obj, to oraclePod, r request) bool {
	ports, protos := list(rule["ports"]), list(rule["protocols"])
	return len(ports)+len(protos) == 0 || len(ports) > 0 && npPorts(ports, to, r) || len(protos) > 0 && r.proto == "other"
}

func (a *antreaWorld) decides(policies []obj, plain oracle, egress bool, who, peer, to oraclePod, r request) bool {
	switch a.tier(policies, false, egress, who, peer, to, r) {
	case "Allow":
		return true
	case "Drop", "Reject":
		return false
	}
	if isolated, allows := plain.middle(egress, who, peer, to, r); isolated {
		return allows
	}
	verdict := a.tier(policies, true, egress, who, peer, to, r)
	return verdict == "" || verdict == "Allow"
}

func TestOracle_Antrea(t *testing.T) {
	all := requests()
	allowed, denied := 0, 0
	for round := range 50 {
		g := gen{rand.New(rand.NewPCG(7, uint64(round)))}
		a := newAntrea(g)
		w := newWorld(g, a.policy, a.policy, a.policy, g.networkPolicy)
		w.objects = append(w.objects, a.objects()...)
		var mine []obj
		var plain oracle
		for _, p := range w.oracle.policies {
			if group(value{v: p}) == antreaGroup {
				mine = append(mine, p)
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
				want := (from.addr.IsValid() || from.name == "out" || a.decides(mine, plain, true, from, to, to, r)) &&
					(to.addr.IsValid() || to.name == "out" || a.decides(mine, plain, false, to, from, to, r))
				if want {
					allowed++
				} else {
					denied++
				}
				if got, ok := pair(r); ok && got != want {
					t.Fatalf("round %d: %s to %s, %+v: oracle %v, evaluation %v\n%v\n%v", round, from.name, to.name, r, want, got, w.oracle.policies, a.groups)
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

func TestAntrea_WhatIsNotRead(t *testing.T) {
	for name, c := range map[string]struct {
		spec obj
		kind string
	}{
		"a tier that the tree has not":      {obj{"priority": 1, "tier": "own", "appliedTo": []any{obj{"podSelector": obj{}}}}, predicate.FaultUnsupported},
		"a group that the tree has not":     {obj{"priority": 1, "appliedTo": []any{obj{"group": "own"}}}, predicate.FaultUnsupported},
		"a Service that the tree has not":   {obj{"priority": 1, "appliedTo": []any{obj{"group": "service"}}}, predicate.FaultUnsupported},
		"groups that hold each other":       {obj{"priority": 1, "appliedTo": []any{obj{"group": "loop"}}}, predicate.FaultUnsupported},
		"no priority":                       {obj{"appliedTo": []any{obj{"podSelector": obj{}}}}, predicate.FaultInvalid},
		"nobody that it holds for":          {obj{"priority": 1, "ingress": []any{obj{"action": "Drop"}}}, predicate.FaultInvalid},
		"an unknown action":                 {obj{"priority": 1, "appliedTo": []any{obj{}}, "ingress": []any{obj{"action": "Deny"}}}, predicate.FaultInvalid},
		"the baseline, which can't pass":    {obj{"priority": 1, "tier": "baseline", "appliedTo": []any{obj{}}, "ingress": []any{obj{"action": "Pass"}}}, predicate.FaultInvalid},
		"requests that are to be dropped":   {obj{"priority": 1, "appliedTo": []any{obj{}}, "ingress": []any{obj{"action": "Drop", "l7Protocols": []any{obj{"http": obj{}}}}}}, predicate.FaultInvalid},
		"a field that nobody knows":         {obj{"priority": 1, "appliedTo": []any{obj{"pods": obj{}}}}, predicate.FaultInvalid},
		"namespaces that are alike in what": {obj{"priority": 1, "appliedTo": []any{obj{}}, "ingress": []any{obj{"action": "Drop", "from": []any{obj{"namespaces": obj{}}}}}}, predicate.FaultInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			group := func(name string, spec obj) Object {
				return Object{Item: 2, Object: obj{"apiVersion": "crd.antrea.io/v1beta1", "kind": "ClusterGroup", "metadata": obj{"name": name}, "spec": spec}}
			}
			_, g := build(t, []Object{{Object: deployment(oraclePod{name: "w", ns: "one", account: "a"}), Namespace: "one"},
				group("service", obj{"serviceReference": obj{"name": "x", "namespace": "one"}}), group("loop", obj{"childGroups": []any{"loop"}}),
				{Item: 1, Object: obj{"apiVersion": "crd.antrea.io/v1beta1", "kind": "ClusterNetworkPolicy", "metadata": obj{"name": "p"}, "spec": c.spec}}})
			if len(g.Unread) != 1 || g.Unread[0].Kind != c.kind || g.Unread[0].Policy != "Antrea ClusterNetworkPolicy p" {
				t.Errorf("unread: %+v", g.Unread)
			}
		})
	}
}
