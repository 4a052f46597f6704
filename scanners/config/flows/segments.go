// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"
)

// segment is ports of one protocol that are open, for what, and by which rules.
type segment struct {
	proto  protocol
	lo, hi int
	name   string
	ops    ops
	via    []int // rules of network policies, then of authorization policies, as indexes into the table
	auth   []int

	refused bool // a connection may be opened, but AuthorizationPolicies let no request pass
}

// connect is what both ends allow. to is nil outside the tree.
func (c *computation) connect(out, in side, to *workload, id identity) ([]segment, error) {
	var all []segment
	for proto := range protocols {
		o, i := c.spans(out, proto, to), c.spans(in, proto, to)
		if len(o) == 0 || len(i) == 0 {
			continue
		}
		deny := append(c.denied(out, proto, to), c.denied(in, proto, to)...)
		guarded := proto == tcp && to != nil && (to.auth.limited || len(to.auth.deny) > 0)
		cuts := cutsOf(proto, o, i, deny)
		if guarded {
			cuts = guardCuts(cuts, to)
		}
		if len(cuts) > maxCuts {
			return nil, &LimitError{"ranges of ports between two ends", maxCuts}
		}
		for k := range len(cuts) - 1 {
			s := segment{proto: proto, lo: cuts[k], hi: cuts[k+1] - 1}
			if !s.fill(o, i, deny) {
				continue
			}
			if guarded {
				s.guard(to, id)
			}
			all = append(all, s)
			if len(s.ops) > maxOps {
				return nil, &LimitError{"different requests of one flow", maxOps}
			}
		}
		all = append(all, namedSegments(proto, o, i, deny)...)
	}
	return joined(all), nil
}

func (c *computation) spans(s side, proto protocol, to *workload) []span {
	if s.open {
		return []span{{1, proto.last(), "", anything(), -1}}
	}
	var out []span
	for _, r := range s.allow {
		out = append(out, resolve(c.rules[r].ports, c.rules[r].allPorts, proto, to, r)...)
	}
	return out
}

func (c *computation) denied(s side, proto protocol, to *workload) []span {
	var out []span
	for _, r := range s.deny {
		out = append(out, resolve(c.rules[r].ports, c.rules[r].allPorts, proto, to, r)...)
	}
	return out
}

// cutsOf are the ports at which the answer may change, and the one behind the last.
func cutsOf(proto protocol, lists ...[]span) []int {
	cuts := []int{1, proto.last() + 1}
	for _, l := range lists {
		for _, s := range l {
			if s.name == "" {
				cuts = append(cuts, s.lo, s.hi+1)
			}
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

func guardCuts(cuts []int, to *workload) []int {
	for _, p := range append(append(to.auth.cuts(), to.mesh.only...), to.mesh.excluded...) {
		if p >= 1 && p <= 65535 {
			cuts = append(cuts, p, p+1)
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// fill finds what the spans allow of a segment; false if nothing.
func (s *segment) fill(out, in, deny []span) bool {
	covers := func(x span) bool { return x.name == s.name && x.lo <= s.lo && x.hi >= s.hi }
	if slices.ContainsFunc(deny, covers) {
		return false
	}
	o, viaOut := allowed(out, covers)
	i, viaIn := allowed(in, covers)
	s.ops = o.and(i)
	s.via = append(viaOut, viaIn...)
	return len(s.ops) > 0
}

func allowed(spans []span, covers func(span) bool) (o ops, via []int) {
	everything := false
	for _, x := range spans {
		if covers(x) {
			o = append(o, x.ops...)
			everything = everything || x.ops.any()
			if x.rule >= 0 {
				via = append(via, x.rule)
			}
		}
	}
	if everything {
		return anything(), via
	}
	return o.canonical(), via
}

// guard leaves of a segment what the proxy of the destination lets a caller ask.
func (s *segment) guard(to *workload, id identity) {
	if !to.mesh.at(s.lo) {
		return
	}
	may, via := to.auth.narrow(id, s.lo)
	if s.ops, s.auth = s.ops.and(may), via; len(s.ops) == 0 {
		s.auth, s.refused = nil, true
	}
}

// namedSegments are ports that only the pods outside the tree know the numbers of.
func namedSegments(proto protocol, out, in, deny []span) []segment {
	var all []segment
	names := map[string]bool{}
	for _, x := range append(slices.Clone(out), in...) {
		if x.name != "" {
			names[x.name] = true
		}
	}
	whole := func(l []span) []span { // all ports are those too
		l = slices.Clone(l)
		for i, x := range l {
			if x.name == "" && x.lo == 1 && x.hi == proto.last() {
				l[i].name = "*"
			}
		}
		return l
	}
	out, in, deny = whole(out), whole(in), whole(deny)
	for _, name := range sortedKeys(names) {
		s := segment{proto: proto, name: name}
		covers := func(x span) bool { return x.name == name || x.name == "*" }
		o, viaOut := allowed(out, covers)
		i, viaIn := allowed(in, covers)
		s.ops, s.via = o.and(i), append(viaOut, viaIn...)
		if len(s.ops) > 0 && !slices.ContainsFunc(deny, covers) && !slices.ContainsFunc(all, func(a segment) bool { return a.name == name }) {
			all = append(all, s)
		}
	}
	return all
}

// joined makes one segment of neighbours that allow the same.
func joined(all []segment) []segment {
	var out []segment
	for _, s := range all {
		if n := len(out) - 1; n >= 0 && s.name == "" && out[n].name == "" && out[n].proto == s.proto && out[n].hi+1 == s.lo && out[n].ops.key() == s.ops.key() &&
			out[n].refused == s.refused && (len(out[n].auth) == 0) == (len(s.auth) == 0) {
			out[n].hi = s.hi
			out[n].via, out[n].auth = merged(out[n].via, s.via), merged(out[n].auth, s.auth)
			continue
		}
		out = append(out, s)
	}
	return out
}

func merged(a, b []int) []int {
	l := append(slices.Clone(a), b...)
	slices.Sort(l)
	return slices.Compact(l)
}
