// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Module is one .rego file.
type Module struct {
	Path   string
	Source []byte
}

// Options of Compile.
type Options struct {
	Modules     []Module      // the policy's own rules; files ending in _test.rego are checked but not used
	Builtin     bool          // use the embedded rules of the gate
	Own         []Module      // use these in place of the embedded ones: those that Sources gave to whoever signed the policy
	Timeout     time.Duration // of one evaluation; 0 means DefaultTimeout
	MemoryLimit uint64        // bytes by which the heap may grow during one evaluation; 0 means DefaultMemoryLimit
}

// Bounds.
const (
	DefaultTimeout     = 2 * time.Second
	DefaultMemoryLimit = 1 << 30
	MaxModules         = 1000
	MaxModule          = 1 << 20 // bytes of one module
	MaxResults         = 100_000 // reasons of one evaluation
)

// Set is the compiled rules. It is safe for concurrent use.
type Set struct {
	rules    []*Rule
	digest   string
	gate     bool
	programs []*program
	timeout  time.Duration
	memory   uint64
}

// Compile checks and compiles the rules. Errors are *Error, joined if there are several.
func Compile(opt Options) (set *Set, err error) {
	defer recovered(&err, "compiling the rules")
	return compileWith(opt, compiledForm)
}

// compileWith compiles the rules, the embedded ones from the compiled form where it is that of their sources.
func compileWith(opt Options, form string) (*Set, error) {
	own, err := opt.own()
	if err != nil {
		return nil, err
	}
	s := &Set{digest: digest(own), gate: opt.Builtin, timeout: cmp.Or(max(opt.Timeout, 0), DefaultTimeout), memory: cmp.Or(opt.MemoryLimit, DefaultMemoryLimit)}
	s.programs, err = compilePrograms(opt, own, s.digest, form)
	if err != nil {
		return nil, err
	}
	for _, p := range s.programs {
		s.rules = append(s.rules, p.rules...)
	}
	if s.rules, err = byID(s.rules); err == nil && len(s.rules) == 0 {
		err = &Error{Code: CodeNoRules, Message: "there are no rules to evaluate", Hint: "nothing can be allowed without a rule"}
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (o Options) own() ([]Module, error) {
	if o.Builtin && len(o.Own) > 0 {
		return o.Own, nil
	}
	return embedded(o.Builtin, false)
}

// compilePrograms compiles the gate's rules and, beside them, those of the policy.
func compilePrograms(opt Options, own []Module, sum, form string) ([]*program, error) {
	caps := capabilities()
	type result struct {
		program *program
		err     error
	}
	builtin := make(chan result, 1)
	go func() {
		var r result
		defer func() { builtin <- r }()
		defer recovered(&r.err, "compiling the rules")
		if opt.Builtin {
			r.program, r.err = builtinProgram(form, sum, own, caps)
		}
	}()
	policy, err := policyProgram(opt.Modules, own, caps)
	gate := <-builtin
	if gate.err != nil {
		return nil, gate.err
	}
	return slices.DeleteFunc([]*program{gate.program, policy}, func(p *program) bool { return p == nil }), err
}

// Rules lists the rules, sorted by id.
func (s *Set) Rules() []Rule {
	out := make([]Rule, 0, len(s.rules))
	for _, r := range s.rules {
		out = append(out, *r)
	}
	return out
}

// Digest names the embedded files in use: sha256 over lines of "hex  path", sorted by path. The policy's own files belong to the policy's digest.
func (s *Set) Digest() string { return s.digest }

func (s *Set) rule(id string) *Rule {
	i := sort.Search(len(s.rules), func(i int) bool { return s.rules[i].ID >= id })
	if i < len(s.rules) && s.rules[i].ID == id {
		return s.rules[i]
	}
	return nil
}

// recovered turns a panic into an error: neither a rule nor a document may take the process down.
func recovered(err *error, doing string) {
	if p := recover(); p != nil {
		*err = &Error{Code: CodeRule, Message: fmt.Sprintf("%s: internal error: %v", doing, p)}
	}
}

// regoErrors turns OPA's errors into ours, ten at most.
func regoErrors(err error, code string) error {
	var list ast.Errors
	var one *ast.Error
	if !errors.As(err, &list) {
		if !errors.As(err, &one) {
			return &Error{Code: code, Message: err.Error(), cause: err}
		}
		list = ast.Errors{one}
	}
	const most = 10
	var out []error
	for _, e := range list[:min(len(list), most)] {
		x := &Error{Code: code, Message: strings.TrimSpace(e.Message), cause: e}
		if e.Location != nil {
			x.Path, x.Line, x.Column = e.Location.File, e.Location.Row, e.Location.Col
		}
		out = append(out, x)
	}
	if len(list) > most {
		out = append(out, fmt.Errorf("and %d more errors", len(list)-most))
	}
	return errors.Join(out...)
}
