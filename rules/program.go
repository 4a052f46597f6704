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
	rules []*Rule
	query func() (rego.PreparedEvalQuery, error)
}

// mainPath is the module that is queried, in messages of the compiler.
const mainPath = "sealock/main.rego"

// query replaces the document and the parameters in one place, so that rules see input and data.params and nothing beside.
const query = `result := data.sealock.main.result with input as input.document with data.params as input.params`

// mainModule is the one document that is queried: every decision of every rule, wrapped in a list so that undefined is visible.
func mainModule(rules []*Rule) string {
	var b strings.Builder
	b.WriteString("package sealock.main\n\nresult := {\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "\t%q: {", r.ID)
		for _, d := range r.decisions {
			fmt.Fprintf(&b, "%q: [v | v := %s.%s], ", d, r.Package, d)
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// builtinProgram is the gate's rules: the compiled form if it is that of these sources, else the sources, compiled now.
func builtinProgram(form, sum string, own []Module, caps *ast.Capabilities) (*program, error) {
	pre, found, err := readCompiled(form, sum)
	if err != nil {
		return nil, &Error{Code: CodeRule, Message: err.Error(), cause: err}
	}
	if !found {
		c := newCompilation(caps)
		if err := c.load(own, nil); err != nil {
			return nil, err
		}
		rules, err := c.finish()
		if err != nil {
			return nil, err
		}
		return c.program(rules)
	}
	// Evidence is fetched meanwhile: whoever evaluates waits for what is left.
	query := sync.OnceValues(func() (q rego.PreparedEvalQuery, err error) {
		defer recovered(&err, "compiling the rules")
		return pre.prepare(caps)
	})
	go func() { _, _ = query() }() // whoever evaluates gets the error
	return &program{rules: pre.rules, query: query}, nil
}

// prepare takes the compiled form through what is left of the compiler, and prepares the query.
func (c *compiled) prepare(caps *ast.Capabilities) (rego.PreparedEvalQuery, error) {
	modules, err := c.modules()
	if err != nil {
		return rego.PreparedEvalQuery{}, &Error{Code: CodeRule, Message: err.Error(), cause: err}
	}
	compiler := newCompiler(caps).WithSkipStages(slices.DeleteFunc(ast.AllStages(), remaining)...)
	compiler.WithStageAfterID(ast.StageResolveRefs, ast.CompilerStageDefinition{Name: "SealockModules", Stage: func(c *ast.Compiler) *ast.Error {
		c.Modules = modules // not as an argument of Compile, which copies what it is given
		return nil
	}})
	if compiler.Compile(nil); compiler.Failed() {
		return rego.PreparedEvalQuery{}, regoErrors(compiler.Errors, CodeCompile)
	}
	return newQuery(compiler)
}

// policyProgram is the rules of a policy; nil if it has none.
func policyProgram(modules, own []Module, caps *ast.Capabilities) (*program, error) {
	c := newCompilation(caps)
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
	return c.program(rules)
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

// program compiles the modules, with the one that is queried, and prepares the query. What it works on is bounded (MaxModules, MaxModule), so it takes
// no context.
func (c *compilation) program(rules []*Rule) (*program, error) {
	compiler, err := c.compile(rules)
	if err != nil {
		return nil, err
	}
	q, err := newQuery(compiler)
	if err != nil {
		return nil, err
	}
	return &program{rules: rules, query: func() (rego.PreparedEvalQuery, error) { return q, nil }}, nil
}

func (c *compilation) compile(rules []*Rule) (*ast.Compiler, error) {
	main, err := ast.ParseModuleWithOpts(mainPath, mainModule(rules), ast.ParserOptions{RegoVersion: ast.RegoV1})
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

func newQuery(compiler *ast.Compiler) (rego.PreparedEvalQuery, error) {
	prepared, err := rego.New(append(options(), rego.Compiler(compiler), rego.Query(query), rego.StrictBuiltinErrors(true),
		rego.SetRegoVersion(ast.RegoV1))...).PrepareForEval(context.TODO()) //nolint:forbidigo // compiling is local work without an end to wait for
	if err != nil {
		return rego.PreparedEvalQuery{}, regoErrors(err, CodeCompile)
	}
	return prepared, nil
}
