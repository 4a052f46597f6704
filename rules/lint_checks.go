// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// judge looks at every rule that decides, or serves one that does.
func (l *linter) judge() {
	for _, d := range l.all {
		l.easy(d)
		l.ignored(d)
		ast.WalkBodies(d.rule, func(b ast.Body) bool {
			l.everies(d, b)
			return false
		})
		d.each(func(x condition) {
			l.compared(d, x)
			l.missing(d, x)
			l.loose(d, x)
		})
	}
}

// easy is for rules that let through unless something else is said.
func (l *linter) easy(d *definition) {
	r := d.rule
	if d.use&lets == 0 || r.Head.Value == nil || r.Head.Value.Value.Compare(ast.Boolean(true)) != 0 {
		return
	}
	always := len(r.Body) == 1 && r.Body[0].String() == "true" &&
		!slices.ContainsFunc(r.Head.Args, func(t *ast.Term) bool { _, free := t.Value.(ast.Var); return !free })
	name := ruleName(r)
	switch {
	case r.Default:
		l.doubt(d.path, r.Location, LintAllowByDefault, name+" is true unless something else is said", "write `default "+name+" := false`, and say when it is true")
	case always:
		l.doubt(d.path, r.Location, LintAllowByDefault, name+" is true where nothing else holds", "say when it is true, and have it false otherwise")
	}
}

// others are names by which rules of other tools refuse, and slips of the pen.
var others = []string{"deny", "denied", "violation", "violations", "reject", "block", "fail", "failed", "refused", "refuses", "refusal", "refusals"}

// ignored is for refusals that nobody asks for, because they have another name.
func (l *linter) ignored(d *definition) {
	if name := ruleName(d.rule); d.use == 0 && !d.other && slices.Contains(others, strings.ToLower(name)) {
		l.doubt(d.path, d.rule.Location, LintIgnored, name+" decides nothing, whatever it holds", "call it refuse, or ask for it in a rule of that name")
	}
}

// everies looks for `every` over what may be empty, unless the same body says that it is not.
func (l *linter) everies(d *definition, b ast.Body) {
	for _, e := range b {
		if every, ok := e.Terms.(*ast.Every); ok && !slices.ContainsFunc(b, func(x *ast.Expr) bool { return x != e && !x.Negated && notEmpty(x, every.Domain) }) {
			l.doubt(d.path, e.Location, LintEveryEmpty, "every holds where "+every.Domain.String()+" is empty, so nothing at all would do", "add `count("+every.Domain.String()+") > 0` beside it")
		}
	}
}

// notEmpty reports whether an expression can only hold where a collection has members.
func notEmpty(x *ast.Expr, domain *ast.Term) bool {
	if some, ok := x.Terms.(*ast.SomeDecl); ok {
		return slices.ContainsFunc(some.Symbols, func(s *ast.Term) bool {
			c, ok := s.Value.(ast.Call)
			return ok && len(c) > 2 && c[len(c)-1].Equal(domain)
		})
	}
	if !x.IsCall() || len(x.Operands()) != 2 {
		return strings.HasPrefix(x.String(), domain.String()+"[")
	}
	name, a, b := x.Operator().String(), x.Operand(0), x.Operand(1)
	if strings.Contains(x.String(), domain.String()+"[") {
		return true
	}
	if mirrored := map[string]string{"lt": "gt", "lte": "gte", "equal": "equal", "eq": "equal", "neq": "neq"}[name]; mirrored != "" && b.String() == "count("+domain.String()+")" {
		name, a, b = mirrored, b, a
	}
	n, isNumber := b.Value.(ast.Number)
	least, known := n.Int()
	switch {
	case a.String() == "count("+domain.String()+")":
		positive := !isNumber || !known || least > 0 // what is no number is taken to be a least number
		return name == "gt" && (!isNumber || !known || least >= 0) || slices.Contains([]string{"gte", "equal", "eq"}, name) && positive || name == "neq" && known && least == 0
	case a.Equal(domain) && name == "neq":
		return slices.Contains([]string{"[]", "{}", "set()"}, b.String())
	}
	return false
}

var (
	relations = []string{"lt", "lte", "gt", "gte"}
	orders    = []string{"sort", "max", "min"}
	equals    = []string{"equal", "eq", "internal.member_2"}
)

// compared looks for text that is put in order, and for severities that are held against their spelling.
func (l *linter) compared(d *definition, x condition) {
	for _, m := range x.refs {
		if m.call == nil {
			continue
		}
		name := m.call[0].String()
		for _, arg := range m.args {
			what, word := d.textual(arg)
			switch {
			case what == "" || isNumberIn(x.body, arg):
			case slices.Contains(relations, name), slices.Contains(orders, name) && word != "":
				l.doubt(d.path, location(x, m), LintCompareText, fmt.Sprintf("%s is compared as text, so \"10.0\" comes before \"9.0\"", what),
					"compare versions with semver.compare, times with time.parse_rfc3339_ns, severities by their rank in data.sealock.lib.levels")
			case slices.Contains(equals, name) && word == "severity" && x.use&refuses != 0 && x.use&lets == 0 && named(m.args):
				l.doubt(d.path, location(x, m), LintCompareText, fmt.Sprintf("%s is held against one spelling, and another one or an unknown severity slips through", what),
					"compare ranks: data.sealock.lib.levels, or the level that data.sealock.lib.read gives")
			default:
				continue
			}
			break
		}
		l.ordered(d, x, m)
	}
}

// ordered is for functions of the policy that put their arguments in order, where they get text.
func (l *linter) ordered(d *definition, x condition, m mention) {
	for _, f := range l.rules[d.target(m.ref)] {
		for i, param := range f.rule.Head.Args {
			if i >= len(m.args) {
				break
			}
			what, word := d.textual(m.args[i])
			if word == "" {
				continue
			}
			f.each(func(y condition) {
				for _, n := range y.refs {
					if n.call != nil && slices.Contains(relations, n.call[0].String()) && slices.ContainsFunc(n.args, param.Equal) && !isNumberIn(y.body, param) {
						l.doubt(d.path, location(x, m), LintCompareText, fmt.Sprintf("%s is compared as text in %s", what, ruleName(f.rule)), "compare versions with semver.compare, times with time.parse_rfc3339_ns")
					}
				}
			})
		}
	}
}

// named reports whether one of the operands is text, or a collection of text.
func named(args []*ast.Term) bool {
	return slices.ContainsFunc(args, func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.String:
			return true
		case ast.Set:
			return v.Len() > 0
		case *ast.Array:
			return v.Len() > 0
		}
		return false
	})
}

func location(x condition, m mention) *ast.Location {
	if x.expr != nil {
		return x.expr.Location
	}
	return m.ref[0].Location
}

// isNumberIn reports whether the body makes sure that something is a number.
func isNumberIn(body ast.Body, t *ast.Term) bool {
	return slices.ContainsFunc(body, func(e *ast.Expr) bool {
		return e.IsCall() && !e.Negated && e.Operator().String() == "is_number" && e.Operand(0).Equal(t)
	})
}

// sameText are functions that make text of text.
var sameText = []string{"lower", "upper", "trim_space", "trim", "trim_prefix", "trim_left", "trim_right", "trim_suffix", "replace", "sprintf", "concat", "substring"}

// textual names an operand that is text: a literal, or a field that by its name holds a version, a time or a severity as text. word is that name.
func (d *definition) textual(t *ast.Term) (what, word string) {
	last := ""
	switch v := t.Value.(type) {
	case ast.String:
		return v.String(), ""
	case ast.Call:
		switch {
		case slices.Contains(sameText, v[0].String()) && len(v) > 1:
			return d.textual(v[1])
		case v[0].String() == "object.get" && len(v) == 4:
			last = key(v[2])
			if path, ok := v[2].Value.(*ast.Array); ok && path.Len() > 0 {
				last = key(path.Elem(path.Len() - 1))
			}
		}
	case *ast.SetComprehension:
		return d.textual(v.Term)
	case *ast.ArrayComprehension:
		return d.textual(v.Term)
	case ast.Ref:
		if s, ok := v[len(v)-1].Value.(ast.String); ok && len(v) > 1 {
			last = string(s)
		}
	case ast.Var:
		if p := d.names[v]; len(p.keys) > 0 {
			last = p.keys[len(p.keys)-1]
		}
	}
	name := strings.ToLower(last)
	if p, ok := d.place(t); ok && slices.Contains([]string{"at", "time"}, name) && len(p.keys) > 0 {
		return t.String(), name
	}
	for _, word := range []string{"version", "severity", "expires", "published", "lastupdate"} {
		if name == word || strings.HasSuffix(name, word) {
			return t.String(), word
		}
	}
	for _, word := range []string{"On", "At", "Time", "Date"} { // finishedOn, timeCreated is none
		if strings.HasSuffix(last, word) && len(last) > len(word) {
			return t.String(), word
		}
	}
	return "", ""
}

// missing looks for what makes a refusal undefined.
func (l *linter) missing(d *definition, x condition) {
	if x.expr != nil && x.expr.Negated {
		l.negated(d, x)
		return
	}
	bare := x.expr != nil && !x.expr.IsCall() && !x.expr.IsSome()
	if x.use&refuses == 0 || bare || d.answered() { // that a field is there may be what is asked
		return
	}
	for _, m := range x.refs {
		if m.call == nil && len(m.ref) > 1 && d.mayVanish(m.ref) {
			l.doubt(d.path, location(x, m), LintRawPredicate, fmt.Sprintf("where %s is missing, the refusal vanishes", m.ref), "judge what data.sealock.lib.read gives, where every field is there, or take it with object.get and a default")
		}
	}
}

// answered reports whether something else follows where the rule is undefined.
func (d *definition) answered() bool {
	next := d.rule.Else
	return next != nil && (next.Head.Value == nil || next.Head.Value.Value.Compare(ast.Boolean(false)) != 0)
}

// negated is for `not f(x.y)`, which is undefined where x has no y. Operands of == are not taken out of the negation.
func (l *linter) negated(d *definition, x condition) {
	if !x.expr.IsCall() || x.use&lets == 0 && d.use != 0 || x.expr.Operator().String() == "equal" {
		return
	}
	for _, arg := range x.expr.Operands() {
		ref, isRef := arg.Value.(ast.Ref)
		if isRef && len(ref) > 1 && d.mayBeMissing(ref) {
			l.doubt(d.path, x.expr.Location, LintNegatedMissing, fmt.Sprintf("`%s` is undefined, not true, where %s is missing", strings.TrimSpace(string(x.expr.Location.Text)), ref), "take it with object.get and a default")
		}
	}
}

// mayBeMissing reports whether a reference goes where fields need not be. Of what is not known to lead into the input document the worst is thought.
func (d *definition) mayBeMissing(ref ast.Ref) bool {
	if p, ok := d.place(ast.NewTerm(ref)); ok && !d.overConfiguration() {
		return !p.there()
	}
	head := ref[0].Value.String()
	return head != "data" && head != "params"
}

// overConfiguration reports whether the rule sees configuration, whose fields are others than the gate's.
func (d *definition) overConfiguration() bool { return strings.HasPrefix(d.pkg, "data.policy.config") }

// mayVanish reports whether a reference reads what need not be there: a field of a predicate or a claim, or one that the input document does not have.
func (d *definition) mayVanish(ref ast.Ref) bool {
	if p, ok := d.place(ast.NewTerm(ref)); ok && !d.overConfiguration() {
		return !p.there()
	}
	for i, part := range ref[1:] {
		if s, ok := part.Value.(ast.String); ok && s == "predicate" && i+2 < len(ref) {
			return true
		}
	}
	if c, ok := ref[0].Value.(ast.Call); ok && len(c) == 4 && c[0].String() == "object.get" {
		return slices.ContainsFunc(ref[1:], func(t *ast.Term) bool { return key(t) != "*" })
	}
	return false
}

// document is what is always there in the input document of the gate (see the package's documentation); a * stands for the items of a list.
var document = strings.Fields(`question environment at policy policy.name policy.version subject subject.name subject.digest
leaves leaves.* leaves.*.name leaves.*.digest stages stages.* stages.*.name stages.*.startedOn stages.*.finishedOn stages.*.time stages.*.receipt stages.*.claims
stages.*.materials stages.*.materials.* stages.*.materials.*.name stages.*.materials.*.uri stages.*.materials.*.digest
stages.*.subjects stages.*.subjects.* stages.*.subjects.*.name stages.*.subjects.*.digest
evidence evidence.* evidence.*.kind evidence.*.predicateType evidence.*.stage evidence.*.linked evidence.*.digest evidence.*.signer evidence.*.time evidence.*.predicate
evidence.*.subjects evidence.*.subjects.* evidence.*.subjects.*.name evidence.*.subjects.*.digest`)

// there reports whether the input document has a place for certain. Going through all keys of something is no such question.
func (p spot) there() bool {
	for n := p.sure + 1; n <= len(p.keys); n++ {
		if p.keys[n-1] != "*" && !slices.Contains(document, strings.Join(p.keys[:n], ".")) {
			return false
		}
	}
	return true
}

// hostName is text that is the name of a host and nothing more.
var hostName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]+)?$`)

// loose looks for matches that let through more than is meant.
func (l *linter) loose(d *definition, x condition) {
	if x.use&lets == 0 {
		return
	}
	for _, m := range x.refs {
		if m.call == nil || len(m.args) < 2 {
			continue
		}
		switch m.call[0].String() {
		case "regex.match":
			if pattern, ok := m.args[0].Value.(ast.String); ok && !anchored(string(pattern)) {
				l.doubt(d.path, location(x, m), LintLooseMatch, fmt.Sprintf("%s matches anywhere in the text, so more is let through than it says", pattern), "begin it with ^ and end it with $, around all alternatives")
			}
		case "startswith":
			if begin, ok := m.args[1].Value.(ast.String); ok && hostName.MatchString(string(begin)) {
				l.doubt(d.path, location(x, m), LintLooseMatch, fmt.Sprintf("%s is also the beginning of other hosts, such as %s.example.net", begin, strings.Trim(begin.String(), `"`)), "let it end with the slash behind the host")
			}
		}
	}
}

// anchored reports whether an expression holds for whole texts only.
func anchored(pattern string) bool {
	inner, begins := strings.CutPrefix(strings.TrimPrefix(pattern, `(?i)`), "^")
	inner, ends := strings.CutSuffix(inner, "$")
	if !begins || !ends || strings.HasSuffix(inner, `\`) {
		return false
	}
	depth, class := 0, false
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			return false
		}
	}
	return true
}
