// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"context"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/types"
)

// function is one that rules have beyond OPA's. All are pure and total: they give a value for any argument.
type function struct {
	name string
	call func(context.Context, ast.Value) *ast.Term
}

// functions lists them. Rego has no recursion to parse a license expression with, and reading thousands of findings field by field takes it a second.
func functions() []function {
	return []function{
		{"evidence.read", readOnce},
		{"receipt.times", func(_ context.Context, v ast.Value) *ast.Term { return receiptTimes(v) }},
		{"spdx.alternatives", func(_ context.Context, v ast.Value) *ast.Term { return spdxAlternatives(v) }},
		{"source.repository", func(_ context.Context, v ast.Value) *ast.Term { return ast.StringTerm(repository(str(v))) }},
	}
}

func (f function) declaration() *ast.Builtin {
	return &ast.Builtin{Name: f.name, Decl: types.NewFunction(types.Args(types.A), types.A)}
}

func (f function) option(r *rego.Rego) {
	d := f.declaration()
	rego.Function1(&rego.Function{Name: d.Name, Decl: d.Decl}, func(c rego.BuiltinContext, arg *ast.Term) (*ast.Term, error) {
		return f.call(c.Context, arg.Value), nil
	})(r)
}

func declarations() []*ast.Builtin {
	var out []*ast.Builtin
	for _, f := range functions() {
		out = append(out, f.declaration())
	}
	return out
}

func testerFunctions() []*tester.Builtin {
	var out []*tester.Builtin
	for _, f := range functions() {
		out = append(out, &tester.Builtin{Decl: f.declaration(), Func: f.option})
	}
	return out
}

func options() []func(*rego.Rego) {
	var out []func(*rego.Rego)
	for _, f := range functions() {
		out = append(out, f.option)
	}
	return out
}
