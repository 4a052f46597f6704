// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// use is what follows where a rule holds.
type use int

const (
	refuses use = 1 << iota // something is refused: the rule must not vanish
	lets                    // something is let through: the rule must not hold too easily
	tells                   // something is only told
)

// flip is the use of what stands behind `not`.
func (u use) flip() use {
	out := u & tells
	if u&refuses != 0 {
		out |= lets
	}
	if u&lets != 0 {
		out |= refuses
	}
	return out
}

// definition is one rule of a name, or one of its else branches.
type definition struct {
	path    string
	pkg     string
	imports map[ast.Var]ast.Ref
	rule    *ast.Rule
	other   bool // an else branch
	use     use
	names   map[ast.Var]spot // variables that stand for a place in the input document
}

// spot is where in the input document a reference leads: keys, with * for any. sure is how many of them are there for certain, because a default was given.
type spot struct {
	keys []string
	sure int
}

// alias finds out which variables stand for places in the input document.
func (d *definition) alias() {
	ast.WalkBodies(d.rule, func(b ast.Body) bool {
		for _, e := range b {
			switch t := e.Terms.(type) {
			case *ast.SomeDecl:
				for _, s := range t.Symbols {
					if c, ok := s.Value.(ast.Call); ok && len(c) > 2 {
						if p, ok := d.place(c[len(c)-1]); ok {
							d.bind(c[len(c)-2], spot{append(slices.Clone(p.keys), "*"), p.sure + 1})
						}
					}
				}
			case *ast.Every:
				if p, ok := d.place(t.Domain); ok {
					d.bind(t.Value, spot{append(slices.Clone(p.keys), "*"), p.sure + 1})
				}
			default:
				if e.IsCall() && !e.Negated && slices.Contains([]string{"assign", "eq"}, e.Operator().String()) {
					if p, ok := d.place(e.Operand(1)); ok {
						d.bind(e.Operand(0), p)
					}
				}
			}
		}
		return false
	})
}

// bind notes what the variables of a pattern stand for.
func (d *definition) bind(pattern *ast.Term, p spot) {
	switch v := pattern.Value.(type) {
	case ast.Var:
		if _, known := d.names[v]; !known {
			d.names[v] = p
		}
	case ast.Object:
		v.Foreach(func(k, x *ast.Term) {
			if s, ok := k.Value.(ast.String); ok {
				d.bind(x, spot{append(slices.Clone(p.keys), string(s)), p.sure})
			}
		})
	}
}

// place is where in the input document a term leads, if it does.
func (d *definition) place(t *ast.Term) (spot, bool) {
	switch v := t.Value.(type) {
	case ast.Var:
		if v.Equal(ast.InputRootDocument.Value) {
			return spot{}, true
		}
		if imported, ok := d.imports[v]; ok {
			return d.place(ast.NewTerm(imported))
		}
		p, ok := d.names[v]
		return p, ok
	case ast.Ref:
		p, ok := d.place(v[0])
		if !ok {
			return spot{}, false
		}
		p.keys = slices.Clone(p.keys)
		for _, k := range v[1:] {
			p.keys = append(p.keys, key(k))
		}
		return p, true
	case ast.Call:
		return d.withDefault(v)
	}
	return spot{}, false
}

// withDefault is where object.get leads. What it takes is there in any case.
func (d *definition) withDefault(c ast.Call) (spot, bool) {
	if len(c) != 4 || c[0].String() != "object.get" {
		return spot{}, false
	}
	p, ok := d.place(c[1])
	if !ok {
		return spot{}, false
	}
	p.keys = slices.Clone(p.keys)
	if list, ok := c[2].Value.(*ast.Array); ok {
		list.Foreach(func(k *ast.Term) { p.keys = append(p.keys, key(k)) })
	} else {
		p.keys = append(p.keys, key(c[2]))
	}
	p.sure = len(p.keys)
	return p, true
}

func key(t *ast.Term) string {
	if s, ok := t.Value.(ast.String); ok {
		return string(s)
	}
	return "*"
}

// follow finds out what helpers are used for, beginning with what decides, and what is given to functions.
func (l *linter) follow() {
	for changed := true; changed; {
		changed = false
		for _, d := range l.all {
			if d.use == 0 {
				continue
			}
			d.each(func(x condition) {
				for _, r := range x.refs {
					for _, helper := range l.rules[d.target(r.ref)] {
						changed = helper.take(d, r, x) || changed
					}
				}
			})
		}
	}
}

// take notes that a rule is used in an expression of d. It reports whether that is news.
func (d *definition) take(by *definition, r mention, x condition) (news bool) {
	u := x.use
	if d.rule.Head.RuleKind() == ast.MultiValue && r.counted && u&lets != 0 {
		u = u&^lets | refuses // that there is none of it lets through
	}
	if d.use|u != d.use {
		d.use, news = d.use|u, true
	}
	for i, arg := range d.rule.Head.Args {
		if v, isVar := arg.Value.(ast.Var); isVar && i < len(r.args) {
			if _, known := d.names[v]; known {
				continue
			}
			if p, ok := by.place(r.args[i]); ok {
				d.names[v], news = p, true
				d.alias()
			}
		}
	}
	return news
}

// target is the package and name of the rule that a reference may mean.
func (d *definition) target(ref ast.Ref) string {
	name, ok := ref[0].Value.(ast.Var)
	if !ok {
		return ""
	}
	if imported, ok := d.imports[name]; ok {
		ref = slices.Concat(imported, ref[1:])
	} else if !name.Equal(ast.DefaultRootDocument.Value) {
		return d.pkg + "." + string(name)
	}
	if len(ref) < 3 || !strings.HasPrefix(ref.String(), "data.") {
		return ""
	}
	for n := len(ref); n > 2; n-- { // the name of a rule may be followed by keys
		if last, ok := ref[n-1].Value.(ast.String); ok && n <= 4 {
			return ref[:n-1].String() + "." + string(last)
		}
	}
	return ""
}

// condition is one expression of a rule, or its head, with what follows where it holds.
type condition struct {
	expr *ast.Expr // nil for the head
	body ast.Body
	use  use
	refs []mention
}

// mention is a reference or a call in an expression, at whatever depth. Bodies inside, as of comprehensions, have expressions of their own.
type mention struct {
	ref     ast.Ref
	call    ast.Call    // nil for what is no call
	args    []*ast.Term // of the call
	counted bool        // its size or its whole is asked for
}

// each visits all expressions of a rule, those of comprehensions and of `every` included.
func (d *definition) each(visit func(condition)) {
	head := d.rule.Head
	x := condition{use: d.use}
	for _, t := range []*ast.Term{head.Key, head.Value} {
		if t != nil {
			d.mentions(t, &x, false, visit)
		}
	}
	visit(x)
	d.body(d.rule.Body, d.use, visit)
}

func (d *definition) body(b ast.Body, u use, visit func(condition)) {
	for _, e := range b {
		x := condition{expr: e, body: b, use: u}
		if e.Negated {
			x.use = u.flip()
		}
		switch t := e.Terms.(type) {
		case *ast.SomeDecl:
			for _, s := range t.Symbols {
				if c, ok := s.Value.(ast.Call); ok {
					d.mentions(c[len(c)-1], &x, false, visit)
				}
			}
		case *ast.Every:
			d.mentions(t.Domain, &x, false, visit)
			d.body(t.Body, x.use, visit)
		case *ast.Term:
			d.mentions(t, &x, false, visit)
		case []*ast.Term:
			d.mentions(ast.NewTerm(ast.Call(t)), &x, false, visit)
		}
		visit(x)
	}
}

// whole are functions and comparisons that ask for all of a set.
var whole = []string{"count", "eq", "equal", "neq", "assign"}

// mentions collects what a term refers to.
func (d *definition) mentions(t *ast.Term, x *condition, counted bool, visit func(condition)) {
	inside := func(b ast.Body, heads ...*ast.Term) {
		u := x.use
		if counted && u&lets != 0 {
			u = u&^lets | refuses
		}
		y := condition{use: u}
		for _, h := range heads {
			d.mentions(h, &y, false, visit)
		}
		visit(y)
		d.body(b, u, visit)
	}
	switch v := t.Value.(type) {
	case ast.Var:
		x.refs = append(x.refs, mention{ref: ast.Ref{t}, counted: counted})
	case ast.Ref:
		if call, ok := v[0].Value.(ast.Call); ok {
			d.mentions(ast.NewTerm(call), x, false, visit)
		}
		x.refs = append(x.refs, mention{ref: v, counted: counted && len(v) == 1})
		for _, k := range v[1:] {
			if _, plain := k.Value.(ast.String); !plain {
				d.mentions(k, x, false, visit)
			}
		}
	case ast.Call:
		if operator, ok := v[0].Value.(ast.Ref); ok {
			x.refs = append(x.refs, mention{ref: operator, call: v, args: v[1:]})
		}
		all := slices.Contains(whole, v[0].String())
		for _, arg := range v[1:] {
			d.mentions(arg, x, all, visit)
		}
	case *ast.Array:
		v.Foreach(func(t *ast.Term) { d.mentions(t, x, false, visit) })
	case ast.Set:
		v.Foreach(func(t *ast.Term) { d.mentions(t, x, false, visit) })
	case ast.Object:
		v.Foreach(func(k, t *ast.Term) {
			d.mentions(k, x, false, visit)
			d.mentions(t, x, false, visit)
		})
	case *ast.ArrayComprehension:
		inside(v.Body, v.Term)
	case *ast.SetComprehension:
		inside(v.Body, v.Term)
	case *ast.ObjectComprehension:
		inside(v.Body, v.Key, v.Value)
	}
}
