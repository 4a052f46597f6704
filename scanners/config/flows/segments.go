// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"iter"
	"slices"
)

// segment is ports of one protocol that may be used, for what, and by which rules.
type segment struct {
	proto  protocol
	lo, hi int
	name   string
	ops    ops
	via    []int // rules of network policies, then of authorization policies, as indexes into the table
	auth   []int

	open    bool // no rule decided about it, at neither end
	refused bool // a connection may be opened, but AuthorizationPolicies let no request pass
}

// connect is what both ends allow. to is nil outside the tree. Where stands is given, a segment is open only if that agrees.
func (c *computation) connect(out, in levels, to *workload, id identity, stands func(s segment) bool) ([]segment, error) {
	var all []segment
	for proto := range protocols {
		o, i := c.stages(out, proto, to), c.stages(in, proto, to)
		guarded := proto == tcp && to != nil && (to.auth.limited || len(to.auth.deny) > 0)
		cuts := cutsOf(proto, o, i)
		if guarded {
			cuts = guardCuts(cuts, to)
		}
		if len(cuts) > maxCuts {
			return nil, &LimitError{"ranges of ports between two ends", maxCuts}
		}
		for k := range len(cuts) - 1 {
			s := segment{proto: proto, lo: cuts[k], hi: cuts[k+1] - 1}
			if !s.fill(o, i) {
				continue
			}
			s.open = s.open && (stands == nil || stands(s))
			if guarded {
				s.guard(to, id)
			}
			all = append(all, s)
			if len(s.ops) > maxOps {
				return nil, &LimitError{"different requests of one flow", maxOps}
			}
		}
		all = append(all, namedSegments(proto, o, i)...)
	}
	return joined(all), nil
}

// cutsOf are the ports at which the answer may change, and the one behind the last.
func cutsOf(proto protocol, ends ...[]stage) []int {
	cuts := []int{1, proto.last() + 1}
	for _, s := range spansOf(ends...) {
		if s.name == "" {
			cuts = append(cuts, s.lo, s.hi+1)
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

func spansOf(ends ...[]stage) iter.Seq2[action, span] {
	return func(yield func(action, span) bool) {
		for _, stages := range ends {
			for _, one := range stages {
				for _, st := range one.steps {
					for _, s := range st.spans {
						if !yield(st.action, s) {
							return
						}
					}
				}
			}
		}
	}
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

// in reports that all of a segment is in a span. Which number a name outside the tree stands for nobody knows.
func (s *segment) in(x span) trust {
	switch {
	case x.name != "" && x.name == s.name:
		return yes
	case x.name != "":
		return maybe
	case s.name == "":
		return truth(x.lo <= s.lo && x.hi >= s.hi)
	}
	return sure(x.lo == 1 && x.hi == s.proto.last())
}

// fill finds what both ends allow of a segment; false if nothing.
func (s *segment) fill(out, in []stage) bool {
	o, i := decide(out, s), decide(in, s)
	s.ops = o.ops.and(i.ops)
	s.via = append(o.via, i.via...)
	s.open = o.open && i.open && len(s.via) == 0
	return len(s.ops) > 0
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
func namedSegments(proto protocol, out, in []stage) []segment {
	names := map[string]bool{}
	for does, x := range spansOf(out, in) {
		if does == allow && x.name != "" {
			names[x.name] = true
		}
	}
	var all []segment
	for _, name := range sortedKeys(names) {
		s := segment{proto: proto, name: name}
		if s.fill(out, in) && !s.open { // else the numbers say it
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
			out[n].refused == s.refused && out[n].open == s.open && (len(out[n].auth) == 0) == (len(s.auth) == 0) {
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
