// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// A pattern of paths is its text: /exact, /prefix*, *suffix, * for any, /a/{*}/b (one segment) and /a/{**} (any number), as Istio has them, or
// regex:EXPRESSION, as Cilium has them.
type pattern string

const (
	anyPath     = pattern("*")
	regexPrefix = "regex:"
)

func (p pattern) isRegex() bool    { return strings.HasPrefix(string(p), regexPrefix) }
func (p pattern) isTemplate() bool { return !p.isRegex() && strings.Contains(string(p), "{*") }
func (p pattern) prefix() (string, bool) {
	if p.isRegex() || p.isTemplate() || strings.HasPrefix(string(p), "*") {
		return "", false
	}
	return strings.CutSuffix(string(p), "*")
}
func (p pattern) suffix() (string, bool) { // any is the suffix that is empty
	if p.isRegex() || p.isTemplate() {
		return "", false
	}
	return strings.CutPrefix(string(p), "*")
}
func (p pattern) exact() bool {
	return !p.isRegex() && !p.isTemplate() && !strings.HasPrefix(string(p), "*") && !strings.HasSuffix(string(p), "*")
}

// head is text that every path of the pattern starts with.
func (p pattern) head() string {
	if p.exact() {
		return string(p)
	}
	if pre, ok := p.prefix(); ok {
		return pre
	}
	if p.isTemplate() {
		before, _, _ := strings.Cut(string(p), "{*")
		return before
	}
	return ""
}

// covers reports that every path of q is one of p. It may miss that between templates and expressions, and never claims it wrongly.
func (p pattern) covers(q pattern) bool {
	if p == anyPath || p == q {
		return true
	}
	if pre, ok := p.prefix(); ok {
		return strings.HasPrefix(q.head(), pre)
	}
	if suf, ok := p.suffix(); ok {
		if other, ok := q.suffix(); ok {
			return strings.HasSuffix(other, suf)
		}
		return q.exact() && strings.HasSuffix(string(q), suf)
	}
	return p.isTemplate() && q.exact() && !many(p) && fits(strings.Split(string(p), "/"), strings.Split(string(q), "/"))
}

// overlaps reports that some path may be one of both. It never denies it wrongly.
func (p pattern) overlaps(q pattern) bool {
	if p.covers(q) || q.covers(p) {
		return true
	}
	if p.isRegex() || q.isRegex() {
		return true
	}
	if (p.exact() || q.exact()) && !many(p) && !many(q) { // then covers is the whole answer
		return false
	}
	if a, ok := p.suffix(); ok {
		if b, ok := q.suffix(); ok { // neither ends in the other
			return a == "" || b == ""
		}
	}
	a, b := p.head(), q.head()
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

// many are templates that covers does not look into.
func many(p pattern) bool { return p.isTemplate() && strings.Count(string(p), "{**}") > 1 }

// fits matches a path to a template, segment by segment.
func fits(template, path []string) bool {
	if len(template) == 0 {
		return len(path) == 0
	}
	switch template[0] {
	case "{**}":
		for i := range len(path) { // at least what follows the slash, which may be nothing
			if fits(template[1:], path[i+1:]) {
				return true
			}
		}
		return false
	case "{*}":
		return len(path) > 0 && path[0] != "" && fits(template[1:], path[1:])
	}
	return len(path) > 0 && path[0] == template[0] && fits(template[1:], path[1:])
}

// regexPattern is the pattern of an expression that has to match the whole path; simple ones are exact or a prefix.
func regexPattern(expr string) pattern {
	if expr == "" || expr == ".*" || expr == "/.*" {
		return anyPath
	}
	text, tail := strings.TrimPrefix(strings.TrimSuffix(expr, "$"), "^"), ""
	if cut, ok := strings.CutSuffix(text, ".*"); ok {
		text, tail = cut, "*"
	}
	if re, err := syntax.Parse(text, syntax.POSIX); err == nil && re.Op == syntax.OpLiteral && !strings.ContainsAny(string(re.Rune), "*{") {
		return pattern(string(re.Rune) + tail)
	}
	return pattern(regexPrefix + expr)
}

// paths are those of in, without those of out.
type paths struct{ in, out []pattern }

func allPaths() paths { return paths{in: []pattern{anyPath}} }

func (p paths) key() string { return joinPatterns(p.in) + " - " + joinPatterns(p.out) }

func joinPatterns(l []pattern) string {
	var b strings.Builder
	for _, p := range l {
		b.WriteString(string(p))
		b.WriteByte(0)
	}
	return b.String()
}

func coveredBy(p pattern, l []pattern) bool {
	return slices.ContainsFunc(l, func(q pattern) bool { return q.covers(p) })
}

// clean drops what other patterns say already; without any left in, it is no path at all.
func (p paths) clean() paths {
	in := reduce(slices.DeleteFunc(slices.Clone(p.in), func(x pattern) bool { return coveredBy(x, p.out) }))
	out := reduce(slices.DeleteFunc(slices.Clone(p.out), func(x pattern) bool { return !slices.ContainsFunc(in, x.overlaps) }))
	return paths{in, out}
}

// reduce sorts patterns and drops those that another covers.
func reduce(l []pattern) []pattern {
	slices.Sort(l)
	l = slices.Compact(l)
	var out []pattern
	for i, p := range l {
		redundant := false
		for j, q := range l {
			if i != j && q.covers(p) && (!p.covers(q) || j < i) {
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

// and is the paths of both; where two patterns only overlap, it is the first, which is more than both.
func (p paths) and(q paths) paths {
	var in []pattern
	for _, a := range p.in {
		for _, b := range q.in {
			switch {
			case b.covers(a):
				in = append(in, a)
			case a.covers(b):
				in = append(in, b)
			case a.overlaps(b):
				in = append(in, a)
			}
		}
	}
	return paths{in, append(slices.Clone(p.out), q.out...)}.clean()
}

// within reports that all paths of p are in q.
func (p paths) within(q paths) bool {
	for _, x := range p.in {
		if !coveredBy(x, q.in) {
			return false
		}
		for _, o := range q.out {
			if x.overlaps(o) && !coveredBy(o, p.out) {
				return false
			}
		}
	}
	return true
}
