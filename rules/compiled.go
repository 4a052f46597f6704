// SPDX-License-Identifier: Apache-2.0

package rules

import (
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/version"
)

// The embedded rules as OPA's compiler leaves them, because compiling takes longer than all else that a verification does. The sources stay what
// decides: this form is used only if its first lines name their digest and this version of OPA, and a test holds it against what they compile to.
// `go test ./rules -run TestCompiledForm -update` writes it.
//
//go:embed compiled.bin
var compiledForm string

// compiledMagic begins the compiled form; the version of OPA and the digest of the sources follow, each on a line.
const compiledMagic = "sealock compiled rules 1"

// What a value or the terms of an expression are, in the compiled form.
const (
	tagNull = iota
	tagFalse
	tagTrue
	tagNumber
	tagString
	tagVar
	tagRef
	tagArray
	tagObject
	tagSet
	tagArrayComprehension
	tagSetComprehension
	tagObjectComprehension
	tagCall
	tagTerm  // an expression that is one term
	tagTerms // an expression that is a call
	tagEvery
)

// compiled is the compiled form: the rules as their METADATA describes them, and, not yet decoded, all modules.
type compiled struct {
	rules []*Rule
	rest  string
}

// ruleRecord is a rule in the compiled form.
type ruleRecord struct {
	Rule
	Path      []string
	Decisions []string
	File      string
	Line      int
}

// readCompiled decodes the compiled form of the sources with that digest. Without one, found is false.
func readCompiled(form, sources string) (c *compiled, found bool, err error) {
	body, found := strings.CutPrefix(form, compiledMagic+"\n"+version.Version+"\n"+sources+"\n")
	if !found {
		return nil, false, nil
	}
	defer recovered(&err, "reading the compiled rules")
	d := &decoder{in: body}
	c = &compiled{}
	var records []ruleRecord
	if err := json.Unmarshal([]byte(d.text()), &records); err != nil {
		return nil, true, fmt.Errorf("reading the compiled rules: %w", err)
	}
	for i := range records {
		r := &records[i]
		r.path, r.decisions, r.file, r.line = r.Path, r.Decisions, r.File, r.Line
		c.rules = append(c.rules, &r.Rule)
	}
	c.rest = d.in
	return c, true, nil
}

// modules decodes the modules, the one that is queried included.
func (c *compiled) modules() (out map[string]*ast.Module, err error) {
	defer recovered(&err, "reading the compiled rules")
	d := &decoder{in: c.rest}
	out = make(map[string]*ast.Module)
	d.tables()
	for range d.count() {
		name := d.word()
		out[name] = d.module()
	}
	if d.in != "" {
		return nil, fmt.Errorf("reading the compiled rules: %d bytes too many", len(d.in))
	}
	return out, nil
}

// decoder reads the compiled form, which the program itself brings: what does not fit makes it panic, and its callers an error of that. Terms and
// expressions are cut from slices that are allocated once.
type decoder struct {
	in        string
	words     []string
	strings   []ast.Value // words as ast.String
	vars      []ast.Value // words as ast.Var
	locations []ast.Location
	terms     []ast.Term
	exprs     []ast.Expr
}

func (d *decoder) tables() {
	d.words = make([]string, d.count())
	d.strings, d.vars = make([]ast.Value, len(d.words)), make([]ast.Value, len(d.words))
	for i := range d.words {
		d.words[i] = d.text()
		d.strings[i], d.vars[i] = ast.String(d.words[i]), ast.Var(d.words[i])
	}
	d.locations = make([]ast.Location, d.count())
	for i := range d.locations {
		d.locations[i] = ast.Location{File: d.word(), Row: d.count(), Col: d.count()}
	}
	d.terms, d.exprs = make([]ast.Term, d.count()), make([]ast.Expr, d.count())
}

func (d *decoder) count() int {
	if b := d.in[0]; b < 0x80 { // most are small
		d.in = d.in[1:]
		return int(b)
	}
	n, size := binary.Uvarint([]byte(d.in[:min(len(d.in), binary.MaxVarintLen64)]))
	if size <= 0 || n > math.MaxInt32 {
		panic("a number is not readable")
	}
	d.in = d.in[size:]
	return int(n)
}

func (d *decoder) text() string {
	n := d.count()
	s := d.in[:n]
	d.in = d.in[n:]
	return s
}

func (d *decoder) word() string { return d.words[d.count()] }
func (d *decoder) flag() bool   { return d.count() == 1 }

func (d *decoder) location() *ast.Location {
	if i := d.count(); i > 0 {
		return &d.locations[i-1]
	}
	return nil
}

func (d *decoder) module() *ast.Module {
	m := &ast.Module{Package: &ast.Package{Location: d.location(), Path: d.list()}}
	m.SetRegoVersionSpan(ast.RegoVersionSpanOf(ast.RegoV1))
	for range d.count() {
		m.Rules = append(m.Rules, d.rule(m))
	}
	return m
}

func (d *decoder) rule(m *ast.Module) *ast.Rule {
	r := &ast.Rule{Module: m, Location: d.location(), Default: d.flag()}
	r.Head = &ast.Head{Location: d.location(), Name: ast.Var(d.word()), Reference: d.list(), Args: d.list(), Assign: d.flag()}
	if d.flag() {
		r.Head.Key = d.term()
	}
	if d.flag() {
		r.Head.Value = d.term()
	}
	r.Body = d.body()
	if d.flag() {
		r.Else = d.rule(m)
	}
	return r
}

func (d *decoder) body() ast.Body {
	out := make(ast.Body, d.count())
	for i := range out {
		out[i] = d.expr()
	}
	return out
}

func (d *decoder) expr() *ast.Expr {
	e := &d.exprs[0]
	d.exprs = d.exprs[1:]
	e.Location, e.Index, e.Generated, e.Negated = d.location(), d.count(), d.flag(), d.flag()
	switch tag := d.count(); tag {
	case tagTerm:
		e.Terms = d.term()
	case tagTerms:
		e.Terms = d.list()
	case tagEvery:
		v := &ast.Every{Location: d.location()}
		if d.flag() {
			v.Key = d.term()
		}
		v.Value, v.Domain, v.Body = d.term(), d.term(), d.body()
		e.Terms = v
	default:
		panic(fmt.Sprintf("no expression is of kind %d", tag))
	}
	return e
}

// list gives nil for an empty list, as the compiler leaves it.
func (d *decoder) list() []*ast.Term {
	n := d.count()
	if n == 0 {
		return nil
	}
	out := make([]*ast.Term, n)
	for i := range out {
		out[i] = d.term()
	}
	return out
}

func (d *decoder) term() *ast.Term {
	t := &d.terms[0]
	d.terms = d.terms[1:]
	t.Location = d.location()
	t.Value = d.value()
	return t
}

func (d *decoder) value() ast.Value {
	switch tag := d.count(); tag {
	case tagNull:
		return ast.NullValue
	case tagFalse, tagTrue:
		return ast.Boolean(tag == tagTrue)
	case tagNumber:
		return ast.Number(d.word())
	case tagString:
		return d.strings[d.count()]
	case tagVar:
		return d.vars[d.count()]
	case tagRef:
		return ast.Ref(d.list())
	case tagCall:
		return ast.Call(d.list())
	case tagArray:
		return ast.NewArray(d.list()...)
	case tagSet:
		return ast.NewSet(d.list()...)
	case tagObject:
		pairs := make([][2]*ast.Term, d.count())
		for i := range pairs {
			pairs[i] = [2]*ast.Term{d.term(), d.term()}
		}
		return ast.NewObject(pairs...)
	case tagArrayComprehension:
		return &ast.ArrayComprehension{Term: d.term(), Body: d.body()}
	case tagSetComprehension:
		return &ast.SetComprehension{Term: d.term(), Body: d.body()}
	case tagObjectComprehension:
		return &ast.ObjectComprehension{Key: d.term(), Value: d.term(), Body: d.body()}
	default:
		panic(fmt.Sprintf("no value is of kind %d", tag))
	}
}
