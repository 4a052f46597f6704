// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// program is rules that were compiled together, with the one query over all of their decisions. The gate's rules are one program, those of a policy
// another: so the former need compiling once, when the sources change, and not in every process.
type program struct {
	part  string // of rules over configuration
	rules []*Rule
	query func() (rego.PreparedEvalQuery, error)
}

// mainPath is the module that is queried, in messages of the compiler.
const mainPath = "sealock/main.rego"

// query replaces the document and the parameters in one place, so that rules see input and data.params and nothing beside.
const query = `result := data.sealock.main.%s with input as input.document with data.params as input.params`

// group is rules that one query evaluates.
type group struct {
	name  string
	part  string // of rules over configuration
	rules []*Rule
}

// mainModule is what is queried, a document a group: every decision of every rule, wrapped in a list so that undefined is visible.
func mainModule(groups []group) string {
	var b strings.Builder
	b.WriteString("package sealock.main\n")
	for _, g := range groups {
		fmt.Fprintf(&b, "\n%s := {\n", g.name)
		for _, r := range g.rules {
			fmt.Fprintf(&b, "\t%q: {", r.ID)
			for _, d := range r.decisions {
				fmt.Fprintf(&b, "%q: [v | v := %s.%s], ", d, r.Package, d)
			}
			b.WriteString("},\n")
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// builtinProgram is the gate's rules: the compiled form if it is that of these sources, else the sources, compiled now.
func builtinProgram(form, sum string, own []Module, caps *ast.Capabilities) (*program, error) {
	pre, found, err := readCompiled(form, sum)
	if err != nil {
		return nil, &Error{Code: CodeRule, Message: err.Error(), cause: err}
	}
	if !found {
		programs, err := sourcePrograms(own, caps)
		if err != nil {
			return nil, err
		}
		return programs[0], nil
	}
	// Evidence is fetched meanwhile: whoever evaluates waits for what is left.
	query := sync.OnceValues(func() (q rego.PreparedEvalQuery, err error) {
		defer recovered(&err, "compiling the rules")
		compiler, err := pre.compiler(caps)
		if err != nil {
			return q, err
		}
		return newQuery(compiler, fmt.Sprintf(query, "result"))
	})
	go func() { _, _ = query() }() // whoever evaluates gets the error
	return &program{rules: pre.rules, query: query}, nil
}

// oneGroup evaluates all rules by one query.
func oneGroup(rules []*Rule) []group { return []group{{name: "result", rules: rules}} }

// sourcePrograms compiles the gate's own rules from their sources.
func sourcePrograms(own []Module, caps *ast.Capabilities) ([]*program, error) {
	c := newCompilation(caps, gateDecisions)
	if err := c.load(own, nil); err != nil {
		return nil, err
	}
	rules, err := c.finish()
	if err != nil {
		return nil, err
	}
	return c.programs(oneGroup(rules), query)
}

// compiler takes the compiled form through what is left of the compiler.
func (c *compiled) compiler(caps *ast.Capabilities) (*ast.Compiler, error) {
	modules, err := c.modules()
	if err != nil {
		return nil, &Error{Code: CodeRule, Message: err.Error(), cause: err}
	}
	compiler := newCompiler(caps).WithSkipStages(slices.DeleteFunc(ast.AllStages(), remaining)...)
	compiler.WithStageAfterID(ast.StageResolveRefs, ast.CompilerStageDefinition{Name: "SealockModules", Stage: func(c *ast.Compiler) *ast.Error {
		c.Modules = modules // not as an argument of Compile, which copies what it is given
		return nil
	}})
	if compiler.Compile(nil); compiler.Failed() {
		return nil, regoErrors(compiler.Errors, CodeCompile)
	}
	return compiler, nil
}

// policyProgram is the rules of a policy; nil if it has none.
func policyProgram(modules, own []Module, caps *ast.Capabilities) (*program, error) {
	c := newCompilation(caps, gateDecisions)
	for _, m := range modules {
		if m.Path == mainPath || slices.ContainsFunc(own, func(o Module) bool { return o.Path == m.Path }) {
			return nil, &Error{Code: CodeNamespace, Path: m.Path, Message: "a file of this path belongs to sealock"}
		}
	}
	if err := c.load(nil, modules); err != nil {
		return nil, err
	}
	rules, err := c.finish()
	if err != nil || len(c.modules) == 0 {
		return nil, err
	}
	if err := c.reach(own); err != nil {
		return nil, err
	}
	programs, err := c.programs(oneGroup(rules), query)
	if err != nil {
		return nil, err
	}
	return programs[0], nil
}

// remaining are the stages of the compiler that rules in the compiled form have yet to go through. Those that check and rewrite are behind them.
func remaining(stage ast.StageID) bool {
	switch stage { //nolint:exhaustive // the other stages run
	case ast.StageResolveRefs, // finds nothing to do; the modules are put in after it
		ast.StageSetModuleTree, ast.StageSetRuleTree, ast.StageBuildRuleIndices, ast.StageBuildComprehensionIndices:
		return true
	}
	return false
}

// programs compiles the modules, with the one that is queried, and prepares the query of each group. What it works on is bounded (MaxModules,
// MaxModule), so it takes no context.
func (c *compilation) programs(groups []group, form string) ([]*program, error) {
	compiler, err := c.compile(groups)
	if err != nil {
		return nil, err
	}
	return preparedPrograms(compiler, groups, form)
}

func preparedPrograms(compiler *ast.Compiler, groups []group, form string) ([]*program, error) {
	var out []*program
	for _, g := range groups {
		q, err := newQuery(compiler, fmt.Sprintf(form, g.name))
		if err != nil {
			return nil, err
		}
		out = append(out, &program{part: g.part, rules: g.rules, query: func() (rego.PreparedEvalQuery, error) { return q, nil }})
	}
	return out, nil
}

func (c *compilation) compile(groups []group) (*ast.Compiler, error) {
	main, err := ast.ParseModuleWithOpts(mainPath, mainModule(groups), ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return nil, regoErrors(err, CodeCompile)
	}
	c.modules[mainPath] = main
	compiler := newCompiler(c.caps)
	if compiler.Compile(c.modules); compiler.Failed() {
		return nil, regoErrors(compiler.Errors, CodeCompile)
	}
	return compiler, nil
}

func newCompiler(caps *ast.Capabilities) *ast.Compiler {
	return ast.NewCompiler().WithCapabilities(caps).WithStrict(true).WithDefaultRegoVersion(ast.RegoV1)
}

func newQuery(compiler *ast.Compiler, text string) (rego.PreparedEvalQuery, error) {
	prepared, err := rego.New(append(options(), rego.Compiler(compiler), rego.Query(text), rego.StrictBuiltinErrors(true),
		rego.SetRegoVersion(ast.RegoV1))...).PrepareForEval(context.TODO()) //nolint:forbidigo // compiling is local work without an end to wait for
	if err != nil {
		return rego.PreparedEvalQuery{}, regoErrors(err, CodeCompile)
	}
	return prepared, nil
}
