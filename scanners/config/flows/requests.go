// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"
	"strings"
)

// methods are those of set, or all but those.
type methods struct {
	not bool
	set []string // sorted
}

func allMethods() methods { return methods{not: true} }

func (m methods) has(name string) bool { return slices.Contains(m.set, name) != m.not }
func (m methods) empty() bool          { return !m.not && len(m.set) == 0 }

func (m methods) and(n methods) methods {
	switch {
	case m.not && n.not:
		return methods{true, union(m.set, n.set)}
	case m.not:
		return n.and(m)
	}
	return methods{set: slices.DeleteFunc(slices.Clone(m.set), func(x string) bool { return !n.has(x) })}
}

func (m methods) complement() methods { return methods{!m.not, m.set} }

func union(a, b []string) []string {
	l := append(slices.Clone(a), b...)
	slices.Sort(l)
	return slices.Compact(l)
}

// op is requests: these methods on these paths.
type op struct {
	m methods
	p paths
}

// ops is what may be asked over a connection: anything in one of its elements. None is no connection.
type ops []op

func anything() ops { return ops{{allMethods(), allPaths()}} }

func (o ops) and(q ops) ops {
	if o.any() {
		return q
	}
	if q.any() {
		return o
	}
	var out ops
	for _, a := range o {
		for _, b := range q {
			out = append(out, op{a.m.and(b.m), a.p.and(b.p)})
		}
	}
	return out.canonical()
}

func (o ops) any() bool {
	return len(o) == 1 && o[0].m.not && len(o[0].m.set) == 0 && len(o[0].p.out) == 0 && len(o[0].p.in) == 1 && o[0].p.in[0] == anyPath
}

// without takes requests away.
func (o ops) without(d op) ops {
	var out ops
	for _, a := range o {
		both := a.m.and(d.m)
		out = append(out,
			op{a.m.and(d.m.complement()), a.p},
			op{both, paths{a.p.in, append(slices.Clone(a.p.out), d.p.in...)}.clean()})
		if len(d.p.out) > 0 {
			out = append(out, op{both, a.p.and(paths{in: d.p.out})})
		}
	}
	return out.canonical()
}

// canonical brings equal sets to one form: for each method its paths, then methods with the same paths together.
func (o ops) canonical() ops {
	if len(o) == 0 || o.any() {
		return o
	}
	var named []string
	for _, a := range o {
		named = union(named, a.m.set)
	}
	type group struct {
		m  methods
		ps []paths
	}
	groups := map[string]*group{}
	for _, name := range append(named, "") { // the empty name stands for every other method
		var ps []paths
		for _, a := range o {
			if (name == "" && a.m.not || name != "" && a.m.has(name)) && len(a.p.in) > 0 {
				ps = append(ps, a.p)
			}
		}
		if ps = mergePaths(ps); len(ps) == 0 {
			continue
		}
		key := pathsKey(ps)
		if groups[key] == nil {
			groups[key] = &group{ps: ps}
		}
		if name == "" {
			groups[key].m.not = true
		} else {
			groups[key].m.set = append(groups[key].m.set, name)
		}
	}
	var out ops
	for _, key := range sortedKeys(groups) {
		g := groups[key]
		if g.m.not { // all but the named ones that are not here
			here := g.m.set
			g.m.set = slices.DeleteFunc(slices.Clone(named), func(n string) bool { return slices.Contains(here, n) })
		}
		for _, p := range g.ps {
			out = append(out, op{g.m, p})
		}
	}
	return out
}

// mergePaths brings a union of paths to few elements.
func mergePaths(ps []paths) []paths {
	byOut := map[string]*paths{}
	for _, p := range ps {
		p = p.clean()
		if len(p.in) == 0 {
			continue
		}
		k := joinPatterns(p.out)
		if byOut[k] == nil {
			byOut[k] = &paths{out: p.out}
		}
		byOut[k].in = reduce(append(byOut[k].in, p.in...))
	}
	var all []paths
	for _, k := range sortedKeys(byOut) {
		all = append(all, *byOut[k])
	}
	var out []paths
	for i, p := range all {
		redundant := false
		for j, q := range all {
			if i != j && p.within(q) && (!q.within(p) || j < i) {
				redundant = true
				break
			}
		}
		if !redundant {
			out = append(out, p)
		}
	}
	return out
}

func pathsKey(ps []paths) string {
	keys := make([]string, len(ps))
	for i, p := range ps {
		keys[i] = p.key()
	}
	return strings.Join(keys, "\x01")
}

func (o ops) key() string {
	var b strings.Builder
	for _, a := range o {
		if a.m.not {
			b.WriteByte('!')
		}
		b.WriteString(strings.Join(a.m.set, ","))
		b.WriteString(" " + a.p.key() + "\x02")
	}
	return b.String()
}
