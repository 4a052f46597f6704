// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// The oracle decides single requests straight from the manifests, one after the other, and knows nothing of sets. It is written from the
// documentation of the policies, apart from the code under test.

type obj = map[string]any

type oraclePod struct {
	name, ns, account string
	labels            map[string]string
	nsLabels          map[string]string
	named             map[string]int // TCP ports
	addr              netip.Addr     // set: no pod, but an address outside
}

type request struct {
	proto        string
	port         int
	method, path string
}

type oracle struct {
	policies []obj
}

func str(v any) string { s, _ := v.(string); return s }

func list(v any) []any { l, _ := v.([]any); return l }

func dig(o obj, path ...string) any {
	var v any = o
	for _, p := range path {
		m, ok := v.(obj)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

func selects(sel any, labels map[string]string) bool {
	m, _ := sel.(obj)
	ml, _ := m["matchLabels"].(obj)
	for k, v := range ml {
		if labels[k] != str(v) {
			return false
		}
		if _, has := labels[k]; !has {
			return false
		}
	}
	for _, e := range list(m["matchExpressions"]) {
		x := e.(obj)
		v, has := labels[str(x["key"])]
		in := false
		for _, w := range list(x["values"]) {
			in = in || has && str(w) == v
		}
		switch x["operator"] {
		case "In":
			if !in {
				return false
			}
		case "NotIn":
			if in {
				return false
			}
		case "Exists":
			if !has {
				return false
			}
		case "DoesNotExist":
			if has {
				return false
			}
		}
	}
	return true
}

// npPeer: does a peer of a NetworkPolicy mean this one?
func npPeer(peer obj, policyNS string, p oraclePod) bool {
	if b, ok := peer["ipBlock"].(obj); ok {
		if !p.addr.IsValid() {
			return str(b["cidr"]) == "0.0.0.0/0" && len(list(b["except"])) == 0 // every address, so those of pods too
		}
		if !netip.MustParsePrefix(str(b["cidr"])).Contains(p.addr) {
			return false
		}
		for _, e := range list(b["except"]) {
			if netip.MustParsePrefix(str(e)).Contains(p.addr) {
				return false
			}
		}
		return true
	}
	if p.addr.IsValid() {
		return false
	}
	if ns, ok := peer["namespaceSelector"]; ok {
		if !selects(ns, p.nsLabels) {
			return false
		}
	} else if p.ns != policyNS {
		return false
	}
	return selects(peer["podSelector"], p.labels)
}

func npPorts(ports []any, to oraclePod, r request) bool {
	if len(ports) == 0 {
		return true
	}
	for _, e := range ports {
		p := e.(obj)
		proto := str(p["protocol"])
		if proto == "" {
			proto = "TCP"
		}
		if proto != r.proto {
			continue
		}
		switch n := p["port"].(type) {
		case nil:
			return true
		case string:
			if r.proto == "TCP" && to.named[n] == r.port && r.port != 0 {
				return true
			}
		case int:
			end, ok := p["endPort"].(int)
			if !ok {
				end = n
			}
			if n <= r.port && r.port <= end {
				return true
			}
		}
	}
	return false
}

// direction decides one end: who is the pod whose policies are asked, peer the other one.
func (o oracle) direction(egress bool, who, peer, to oraclePod, r request) bool {
	switch o.tier("Admin", egress, who, peer, to, r) {
	case "Allow":
		return true
	case "Deny":
		return false
	}
	if isolated, allow := o.middle(egress, who, peer, to, r); isolated {
		return allow
	}
	return o.tier("Baseline", egress, who, peer, to, r) != "Deny"
}

// middle decides by the policies of developers.
func (o oracle) middle(egress bool, who, peer, to oraclePod, r request) (isolated, allow bool) {
	word, field := "Ingress", "from"
	if egress {
		word, field = "Egress", "to"
	}
	for _, p := range o.policies {
		ns := str(dig(p, "metadata", "namespace"))
		if ns != who.ns {
			continue
		}
		spec := p["spec"].(obj)
		rules := list(spec[strings.ToLower(word)])
		switch p["kind"] {
		case "NetworkPolicy":
			types := list(spec["policyTypes"])
			applies := slices.Contains(types, any(word)) || len(types) == 0 && (!egress || len(rules) > 0)
			if !applies || !selects(spec["podSelector"], who.labels) {
				continue
			}
			isolated = true
			for _, e := range rules {
				rule := e.(obj)
				peers := list(rule[field])
				ok := len(peers) == 0
				for _, q := range peers {
					ok = ok || npPeer(q.(obj), ns, peer)
				}
				allow = allow || ok && npPorts(list(rule["ports"]), to, r)
			}
		case "CiliumNetworkPolicy":
			if !selects(spec["endpointSelector"], who.labels) {
				continue
			}
			deny := list(spec[strings.ToLower(word)+"Deny"])
			isolated = isolated || len(rules)+len(deny) > 0
			for _, e := range deny {
				if ciliumMeans(e.(obj), field, ns, peer, to, r, true) {
					return true, false // nothing outweighs it
				}
			}
			for _, e := range rules {
				allow = allow || ciliumMeans(e.(obj), field, ns, peer, to, r, false)
			}
		}
	}
	return isolated, allow
}

func ciliumMeans(rule obj, field, ns string, peer, to oraclePod, r request, deny bool) bool {
	eps, hasEps := rule[field+"Endpoints"]
	ents, hasEnts := rule[field+"Entities"]
	ports, hasPorts := rule["toPorts"]
	ok := !hasEps && !hasEnts && hasPorts
	for _, e := range list(eps) {
		sel := e.(obj)
		labels := map[string]string{"k8s:io.kubernetes.pod.namespace": peer.ns}
		for k, v := range peer.labels {
			labels[k] = v
		}
		raw, _ := json.Marshal(sel)
		sameNS := strings.Contains(string(raw), "io.kubernetes.pod.namespace") || peer.ns == ns
		ok = ok || !peer.addr.IsValid() && sameNS && selects(sel, labels)
	}
	for _, e := range list(ents) {
		ok = ok || e == "all" || e == "world" && peer.addr.IsValid() || e == "cluster" && !peer.addr.IsValid()
	}
	if !ok || !hasPorts {
		return ok
	}
	for _, e := range list(ports) {
		tp := e.(obj)
		for _, q := range list(tp["ports"]) {
			p := q.(obj)
			proto := str(p["protocol"])
			if proto != "ANY" && proto != r.proto || r.proto == "other" || fmt.Sprint(r.port) != str(p["port"]) {
				continue
			}
			http := list(dig(tp, "rules", "http"))
			if len(http) == 0 || deny {
				return true
			}
			for _, h := range http {
				m, pa := str(h.(obj)["method"]), str(h.(obj)["path"])
				if (m == "" || m == r.method) && (pa == "" || pa == r.path || strings.HasSuffix(pa, ".*") && strings.HasPrefix(r.path, strings.TrimSuffix(pa, ".*"))) {
					return true
				}
			}
		}
	}
	return false
}

func istioMatch(p, s string) bool {
	switch {
	case p == "*":
		return s != ""
	case strings.HasPrefix(p, "*"):
		return strings.HasSuffix(s, p[1:])
	case strings.HasSuffix(p, "*"):
		return strings.HasPrefix(s, p[:len(p)-1])
	}
	return p == s
}

func istioList(m obj, key, s string) bool {
	l, not := list(m[key]), list(m["not"+strings.ToUpper(key[:1])+key[1:]])
	hit := func(l []any) bool { return slices.ContainsFunc(l, func(v any) bool { return istioMatch(str(v), s) }) }
	return (len(l) == 0 || hit(l)) && !hit(not)
}

// authorized: does Istio let the request through?
func (o oracle) authorized(from, to oraclePod, r request) bool {
	if r.proto != "TCP" {
		return true
	}
	limited, allow := false, false
	for _, p := range o.policies {
		ns := str(dig(p, "metadata", "namespace"))
		if p["kind"] != "AuthorizationPolicy" || ns != to.ns && ns != "istio-system" || !selects(dig(p, "spec", "selector"), to.labels) {
			continue
		}
		action := str(dig(p, "spec", "action"))
		hit := false
		for _, e := range list(dig(p, "spec", "rules")) {
			rule := e.(obj)
			src, op := len(list(rule["from"])) == 0, len(list(rule["to"])) == 0
			for _, f := range list(rule["from"]) {
				s := f.(obj)["source"].(obj)
				principal, sns := "", ""
				if !from.addr.IsValid() {
					principal, sns = "cluster.local/ns/"+from.ns+"/sa/"+from.account, from.ns
				}
				src = src || istioList(s, "principals", principal) && istioList(s, "namespaces", sns)
			}
			for _, f := range list(rule["to"]) {
				t := f.(obj)["operation"].(obj)
				op = op || istioList(t, "methods", r.method) && istioList(t, "paths", r.path) && istioList(t, "ports", fmt.Sprint(r.port))
			}
			hit = hit || src && op
		}
		if action == "DENY" && hit {
			return false
		}
		if action == "ALLOW" {
			limited, allow = true, allow || hit
		}
	}
	return !limited || allow
}

func (o oracle) allows(from, to oraclePod, r request) bool {
	return (from.addr.IsValid() || o.direction(true, from, to, to, r)) && (to.addr.IsValid() || o.direction(false, to, from, to, r)) &&
		(to.addr.IsValid() || o.authorized(from, to, r))
}

// The generator.

type gen struct{ *rand.Rand }

func pick[T any](g gen, l ...T) T { return l[g.IntN(len(l))] }

func (g gen) some(n int, f func() any) []any {
	out := []any{}
	for range g.IntN(n + 1) {
		out = append(out, f())
	}
	return out
}

func (g gen) selector(keys []string, values []string) obj {
	out := obj{}
	if g.IntN(2) == 0 {
		out["matchLabels"] = obj{pick(g, keys...): pick(g, values...)}
	}
	if g.IntN(3) == 0 {
		e := obj{"key": pick(g, keys...), "operator": pick(g, "In", "NotIn", "Exists", "DoesNotExist")}
		if e["operator"] == "In" || e["operator"] == "NotIn" {
			e["values"] = []any{pick(g, values...)}
			if g.IntN(2) == 0 {
				e["values"] = []any{values[0], values[1]}
			}
		}
		out["matchExpressions"] = []any{e}
	}
	return out
}

func (g gen) pods() obj { return g.selector([]string{"app", "tier"}, []string{"a", "b", "c"}) }
func (g gen) namespaces() obj {
	return g.selector([]string{"team", "kubernetes.io/metadata.name"}, []string{"one", "two", "ext", "x"})
}

func (g gen) npPeer() any {
	switch g.IntN(5) {
	case 0:
		b := obj{"cidr": pick(g, "0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24")}
		if b["cidr"] == "0.0.0.0/0" && g.IntN(2) == 0 {
			b["except"] = []any{"10.0.0.0/8"}
		}
		return obj{"ipBlock": b}
	case 1:
		return obj{"podSelector": g.pods()}
	case 2:
		return obj{"namespaceSelector": g.namespaces()}
	}
	return obj{"podSelector": g.pods(), "namespaceSelector": g.namespaces()}
}

func (g gen) npPort() any {
	p := obj{}
	if g.IntN(2) == 0 {
		p["protocol"] = pick(g, "TCP", "UDP", "SCTP")
	}
	switch g.IntN(4) {
	case 0:
		p["port"] = pick(g, "http", "admin")
	case 1:
		p["port"], p["endPort"] = 79, pick(g, 80, 90)
	case 2:
		p["port"] = pick(g, 80, 90)
	}
	return p
}

func (g gen) networkPolicy() obj {
	spec := obj{"podSelector": g.pods()}
	if g.IntN(2) == 0 {
		spec["policyTypes"] = pick(g, []any{"Ingress"}, []any{"Egress"}, []any{"Ingress", "Egress"}, []any{})
	}
	for _, d := range [][2]string{{"ingress", "from"}, {"egress", "to"}} {
		if g.IntN(3) > 0 {
			spec[d[0]] = g.some(2, func() any {
				r := obj{}
				if g.IntN(4) > 0 {
					r[d[1]] = g.some(2, g.npPeer)
				}
				if g.IntN(2) == 0 {
					r["ports"] = g.some(2, g.npPort)
				}
				return r
			})
		}
	}
	return obj{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": obj{"namespace": pick(g, "one", "two")}, "spec": spec}
}

func (g gen) ciliumPolicy() obj {
	spec := obj{"endpointSelector": g.pods()}
	for _, d := range [][2]string{{"ingress", "from"}, {"egress", "to"}, {"ingressDeny", "from"}, {"egressDeny", "to"}} {
		if g.IntN(3) > 0 {
			continue
		}
		deny := strings.HasSuffix(d[0], "Deny")
		spec[d[0]] = g.some(2, func() any {
			r := obj{}
			if g.IntN(2) == 0 {
				sel := g.pods()
				if g.IntN(2) == 0 {
					ml, _ := sel["matchLabels"].(obj)
					if ml == nil {
						ml = obj{}
						sel["matchLabels"] = ml
					}
					ml["k8s:io.kubernetes.pod.namespace"] = pick(g, "one", "two", "ext")
				}
				r[d[1]+"Endpoints"] = []any{sel}
			} else if g.IntN(2) == 0 {
				r[d[1]+"Entities"] = []any{pick(g, "all", "world", "cluster")}
			}
			if g.IntN(2) == 0 {
				tp := obj{"ports": []any{obj{"port": pick(g, "80", "90"), "protocol": pick(g, "TCP", "UDP", "ANY")}}}
				if !deny && g.IntN(2) == 0 {
					h := obj{}
					if g.IntN(2) == 0 {
						h["method"] = pick(g, "GET", "PUT")
					}
					if g.IntN(2) == 0 {
						h["path"] = pick(g, "/a", "/a/.*", "/c")
					}
					tp["rules"] = obj{"http": []any{h}}
				}
				r["toPorts"] = []any{tp}
			}
			return r
		})
	}
	return obj{"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": obj{"namespace": pick(g, "one", "two")}, "spec": spec}
}

func (g gen) texts(values ...string) []any {
	out := []any{pick(g, values...)}
	if g.IntN(2) == 0 {
		out = append(out, pick(g, values...))
	}
	return out
}

func (g gen) authPolicy() obj {
	fill := func(m obj, key string, values ...string) {
		switch g.IntN(5) {
		case 0:
			m[key] = g.texts(values...)
		case 1:
			m["not"+strings.ToUpper(key[:1])+key[1:]] = g.texts(values...)
		}
	}
	spec := obj{"action": pick(g, "ALLOW", "ALLOW", "DENY")}
	if g.IntN(2) == 0 {
		spec["selector"] = obj{"matchLabels": obj{pick(g, "app", "tier"): pick(g, "a", "b", "c")}}
	}
	spec["rules"] = g.some(2, func() any {
		r := obj{}
		if g.IntN(2) == 0 {
			s := obj{}
			fill(s, "principals", "cluster.local/ns/one/sa/a", "cluster.local/ns/two/*", "*", "cluster.local/ns/ext/sa/a")
			fill(s, "namespaces", "one", "two", "ext")
			if len(s) > 0 {
				r["from"] = []any{obj{"source": s}}
			}
		}
		if g.IntN(2) == 0 {
			t := obj{}
			fill(t, "methods", "GET", "PUT", "POST")
			fill(t, "paths", "/a", "/a/*", "/c", "/*")
			fill(t, "ports", "80", "90")
			if len(t) > 0 {
				r["to"] = []any{obj{"operation": t}}
			}
		}
		return r
	})
	return obj{"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": obj{"namespace": pick(g, "one", "two", "istio-system")}, "spec": spec}
}

func deployment(p oraclePod) obj {
	labels, ports := obj{}, []any{}
	for k, v := range p.labels {
		labels[k] = v
	}
	for n, v := range p.named {
		ports = append(ports, obj{"name": n, "containerPort": v})
	}
	return obj{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": obj{"name": p.name, "namespace": p.ns}, "spec": obj{"template": obj{
		"metadata": obj{"labels": labels}, "spec": obj{"serviceAccountName": p.account, "containers": []any{obj{"name": "c", "ports": ports}}}}}}
}

type randomWorld struct {
	pods, outside []oraclePod
	objects       []Object
	oracle        oracle
}

// each goes through all pairs of which at least one is a pod of the tree.
func (w randomWorld) each(check func(from, to oraclePod)) {
	for _, a := range w.pods {
		for _, b := range w.pods {
			check(a, b)
		}
		for _, o := range w.outside {
			check(a, o)
			check(o, a)
		}
	}
}

// wantBoth fails a test that says little.
func wantBoth(t *testing.T, allowed, denied int) {
	t.Helper()
	if allowed*50 < denied || denied*50 < allowed {
		t.Errorf("%d requests allowed, %d denied: the worlds are too much alike", allowed, denied)
	}
}

func newWorld(g gen, kinds ...func() obj) randomWorld {
	var w randomWorld
	nsLabels := map[string]map[string]string{}
	for _, ns := range []string{"one", "two"} {
		nsLabels[ns] = map[string]string{nameLabel: ns, "team": pick(g, "one", "two", "x")}
		w.objects = append(w.objects, Object{Object: obj{"apiVersion": "v1", "kind": "Namespace", "metadata": obj{"name": ns, "labels": obj{"team": nsLabels[ns]["team"]}}}})
	}
	for i := range 4 {
		p := oraclePod{name: fmt.Sprint("w", i), ns: pick(g, "one", "two"), account: pick(g, "a", "b"), labels: map[string]string{}}
		p.nsLabels = nsLabels[p.ns]
		for _, k := range []string{"app", "tier"} {
			if g.IntN(4) > 0 {
				p.labels[k] = pick(g, "a", "b", "c")
			}
		}
		if g.IntN(2) == 0 {
			p.named = map[string]int{"http": pick(g, 80, 90)}
		}
		w.pods = append(w.pods, p)
		w.objects = append(w.objects, Object{Object: deployment(p), Namespace: p.ns})
	}
	for range g.IntN(5) {
		p := pick(g, kinds...)()
		w.oracle.policies = append(w.oracle.policies, p)
		w.objects = append(w.objects, Object{Object: p, Namespace: str(dig(p, "metadata", "namespace"))})
	}
	for i := range w.objects {
		w.objects[i].Item = i
	}
	for _, team := range []string{"one", "x"} {
		for _, app := range []string{"a", "c"} {
			w.outside = append(w.outside, oraclePod{name: "out", ns: "ext", account: "a", labels: map[string]string{"app": app}, nsLabels: map[string]string{nameLabel: "ext", "team": team}})
		}
	}
	for _, a := range []string{"203.0.113.9", "10.1.2.3", "198.51.100.1"} {
		w.outside = append(w.outside, oraclePod{name: a, addr: netip.MustParseAddr(a)})
	}
	return w
}

func requests() []request {
	var out []request
	for _, proto := range []string{"TCP", "UDP", "SCTP", "other"} {
		for _, port := range []int{1, 79, 80, 85, 90, 65535} {
			if proto == "other" {
				port = 0
			}
			if proto != "TCP" {
				out = append(out, request{proto, port, "GET", "/a"})
				continue
			}
			for _, m := range []string{"GET", "PUT", "POST", "HEAD"} {
				for _, p := range []string{"/a", "/a/b", "/c", "/d"} {
					out = append(out, request{proto, port, m, p})
				}
			}
		}
	}
	return out
}

// has reports that a flow of the graph takes in a request.
func has(f predicate.Flow, r request) bool {
	if f.Protocol != "any" && f.Protocol != r.proto || f.PortName != "" {
		return false
	}
	lo, hi := rangeOf(f.FlowPort)
	if r.proto != "other" && (r.port < lo || r.port > hi) {
		return false
	}
	o := opOf(f)
	on := func(l []pattern) bool {
		return slices.ContainsFunc(l, func(p pattern) bool { return p.covers(pattern(r.path)) })
	}
	return o.m.has(r.method) && on(o.p.in) && !on(o.p.out)
}

// shows reports that the graph says the request may pass.
func shows(c *computation, g *predicate.FlowGraph, from, to oraclePod, r request) (yes, openEnds bool) {
	end := func(name string, p oraclePod) bool {
		e, isEndpoint := c.endpoints[name]
		switch {
		case !isEndpoint:
			return name == p.ns+"/"+p.name && p.name != "out"
		case p.addr.IsValid():
			return e.kind == block && slices.ContainsFunc(e.in, func(b netip.Prefix) bool { return b.Contains(p.addr) }) &&
				!slices.ContainsFunc(e.out, func(b netip.Prefix) bool { return b.Contains(p.addr) })
		case p.name != "out":
			return false
		}
		return e.holds(&workload{namespace: &namespace{name: p.ns, known: true, labels: []map[string]string{p.nsLabels}}, labels: p.labels, account: p.account}) ||
			e.kind == block && e.inPods
	}
	for _, f := range g.Flows {
		if has(f, r) && end(f.From, from) && end(f.To, to) {
			return true, false
		}
	}
	// What open ends stand for.
	var a, b *predicate.FlowWorkload
	for i, w := range g.Workloads {
		if w.Name == from.ns+"/"+from.name {
			a = &g.Workloads[i]
		}
		if w.Name == to.ns+"/"+to.name {
			b = &g.Workloads[i]
		}
	}
	unnamed := func(from, to string) bool {
		return slices.ContainsFunc(g.Flows, func(f predicate.Flow) bool { return f.From == from && f.To == to && has(f, r) })
	}
	openEnds = a != nil && b != nil && unnamed(a.Name, "*/*") && unnamed("*/*", b.Name) && (!b.Authorized || r.proto != "TCP")
	return openEnds, openEnds
}

func build(t testing.TB, objects []Object) (*computation, *predicate.FlowGraph) {
	t.Helper()
	w, err := read(slices.Values(objects))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.bind(); err != nil {
		t.Fatal(err)
	}
	c := &computation{world: w, endpoints: map[string]peer{}}
	if err := c.run(); err != nil {
		t.Fatal(err)
	}
	return c, c.graph()
}

// administered worlds have rules that deny some addresses of an endpoint, which it then stands for nevertheless.
func (w randomWorld) administered() bool {
	return slices.ContainsFunc(w.oracle.policies, func(p obj) bool { return dig(p, "spec", "subject") != nil })
}

// exactly asks what is computed between two workloads, before open ends stand for some of it.
func exactly(t *testing.T, c *computation, from, to oraclePod) func(r request) (allowed, ok bool) {
	t.Helper()
	at := func(p oraclePod) int {
		return slices.IndexFunc(c.workloads, func(w *workload) bool { return w.name == p.ns+"/"+p.name && p.name != "out" })
	}
	i, j := at(from), at(to)
	if i < 0 || j < 0 {
		return func(request) (bool, bool) { return false, false }
	}
	segments, err := c.between(i, j)
	if err != nil {
		t.Fatal(err)
	}
	var flows []predicate.Flow
	for _, s := range segments {
		for _, o := range s.ops {
			f := predicate.Flow{FlowPort: flowPort(s.proto.String(), s.lo, s.hi, s.name)}
			f.Methods, f.ExceptMethods = wireMethods(o.m)
			f.Paths, f.ExceptPaths = wirePaths(o.p.in), texts(o.p.out)
			flows = append(flows, f)
		}
	}
	return func(r request) (bool, bool) {
		return slices.ContainsFunc(flows, func(f predicate.Flow) bool { return has(f, r) }), true
	}
}

func runOracle(t *testing.T, rounds int, seed uint64, exactOutside bool, kinds func(g gen) []func() obj) {
	t.Helper()
	all := requests()
	allowed, denied := 0, 0
	for round := range rounds {
		g := gen{rand.New(rand.NewPCG(seed, uint64(round)))}
		w := newWorld(g, kinds(g)...)
		c, graph := build(t, w.objects)
		if len(graph.Unread) > 0 {
			t.Fatalf("round %d: unread: %+v", round, graph.Unread)
		}
		check := func(from, to oraclePod) {
			pair := exactly(t, c, from, to)
			for _, r := range all {
				want := w.oracle.allows(from, to, r)
				got, openEnds := shows(c, graph, from, to, r)
				if want {
					allowed++
				} else {
					denied++
				}
				if got, ok := pair(r); ok && got != want {
					raw, _ := json.Marshal(w.objects)
					t.Fatalf("round %d: %+v to %+v, %+v: oracle %v, evaluation %v\n%s", round, from, to, r, want, got, raw)
				}
				if want != got && (want || exactOutside || from.name != "out" && to.name != "out" && !from.addr.IsValid() && !openEnds && (!w.administered() || !to.addr.IsValid())) {
					raw, _ := json.Marshal(w.objects)
					flows, _ := json.Marshal(graph.Flows)
					t.Fatalf("round %d: %+v to %+v, %+v: oracle %v, graph %v\n%s\n%s", round, from, to, r, want, got, raw, flows)
				}
			}
		}
		w.each(check)
	}
	wantBoth(t, allowed, denied)
}

func TestOracle_NetworkPolicies(t *testing.T) {
	runOracle(t, 40, 1, true, func(g gen) []func() obj { return []func() obj{g.networkPolicy} })
}

func TestOracle_Cilium(t *testing.T) {
	runOracle(t, 30, 2, false, func(g gen) []func() obj { return []func() obj{g.networkPolicy, g.ciliumPolicy} })
}

func TestOracle_Authorization(t *testing.T) {
	runOracle(t, 30, 3, false, func(g gen) []func() obj { return []func() obj{g.networkPolicy, g.authPolicy, g.authPolicy} })
}
