// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// TestResult is one Rego test.
type TestResult struct {
	Path     string
	Line     int
	Package  string // data.…
	Name     string
	Failed   bool   // it did not come out true, or broke
	Skipped  bool   // its name starts with todo_
	Error    string // why it broke
	FailedAt string // the expression that was not true
	Duration time.Duration
}

// Test runs the tests in the *_test.rego files among modules, with the gate's rules and library beside them, as OPA's tester does. data is what
// tests find below data. Built-in functions are as restricted as at the gate. No test at all is not an error here.
func Test(ctx context.Context, modules []Module, data map[string]any) (results []TestResult, err error) {
	defer recovered(&err, "testing the rules")
	own, err := embedded(true, false)
	if err != nil {
		return nil, err
	}
	return runTests(ctx, gateDecisions, own, modules, data, false)
}

// tests makes a runner of all tests among modules, with the data that they see. Done ends it.
func tests(ctx context.Context, decide []string, own, modules []Module, data map[string]any) (run *tester.Runner, txn storage.Transaction, done func(), err error) {
	caps := capabilities()
	parsed, err := testModules(caps, decide, own, modules)
	if err != nil {
		return nil, nil, nil, err
	}
	caps.Builtins = append(caps.Builtins, ast.BuiltinMap["internal.test_case"]) // the tester's own
	if data == nil {
		data = make(map[string]any)
	}
	store := inmem.NewFromObject(data)
	if txn, err = store.NewTransaction(ctx, storage.TransactionParams{}); err != nil {
		return nil, nil, nil, err
	}
	run = tester.NewRunner().SetCompiler(newCompiler(caps).WithStrict(false)).SetDefaultRegoVersion(ast.RegoV1).SetStore(store).SetModules(parsed).
		RaiseBuiltinErrors(true).AddCustomBuiltins(testerFunctions())
	return run, txn, func() { store.Abort(ctx, txn) }, nil
}

// runTests runs the tests among own if ownTests is set, else those among modules.
func runTests(ctx context.Context, decide []string, own, modules []Module, data map[string]any, ownTests bool) ([]TestResult, error) {
	run, txn, done, err := tests(ctx, decide, own, modules, data)
	if err != nil {
		return nil, err
	}
	defer done()
	timeout := DefaultTimeout
	if ownTests { // a busy machine is no fault of theirs; where one fails is not traced, which would take ten times as long
		timeout = time.Minute
	}
	ch, err := run.EnableTracing(!ownTests).SetTimeout(timeout).RunTests(ctx, txn)
	if err != nil {
		return nil, regoErrors(err, CodeCompile)
	}
	var out []TestResult
	for r := range ch {
		if strings.HasPrefix(r.Location.File, builtinPrefix) == ownTests {
			out = append(out, testResult(r))
		}
	}
	if ctx.Err() != nil {
		return nil, &Error{Code: CodeTimeout, Message: "testing the rules was cancelled", cause: context.Cause(ctx)}
	}
	slices.SortFunc(out, func(a, b TestResult) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line)) })
	return out, nil
}

// testModules parses and checks everything that is tested. The namespace rules of Compile hold here too.
func testModules(caps *ast.Capabilities, decide []string, own, modules []Module) (map[string]*ast.Module, error) {
	c := newCompilation(caps, decide)
	if err := c.load(own, modules); err != nil {
		return nil, err
	}
	for _, m := range append(own, modules...) {
		if !strings.HasSuffix(m.Path, testSuffix) {
			continue
		}
		mod, err := c.parse(m)
		if err != nil {
			return nil, err
		}
		c.modules[m.Path] = mod
	}
	return c.modules, nil
}

func testResult(r *tester.Result) TestResult {
	t := TestResult{Path: r.Location.File, Line: r.Location.Row, Package: r.Package, Name: r.Name, Failed: !r.Pass() && !r.Skip, Skipped: r.Skip, Duration: r.Duration}
	if r.Error != nil {
		t.Error = r.Error.Error()
	}
	if t.Failed {
		t.FailedAt = failedAt(r)
	}
	return t
}

// failedAt is the last expression of the test's own file that was not true.
func failedAt(r *tester.Result) string {
	for _, e := range slices.Backward(r.Trace) {
		if x, ok := e.Node.(*ast.Expr); ok && e.Op == topdown.FailOp && x.Location != nil && x.Location.File == r.Location.File {
			return strings.TrimSpace(string(x.Location.Text))
		}
	}
	return ""
}
