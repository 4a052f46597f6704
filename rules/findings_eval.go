// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
	"golang.org/x/sync/errgroup"
)

// findingQuery asks for a group's findings. The document is the input itself and data.params comes by parameterData, not by `with` as at the gate:
// over a large document that costs a seventh of all time, because each reference is then held against what is replaced.
const findingQuery = `result := data.sealock.main.%s`

// parameterData gives what rules read below data.params.
type parameterData struct{ params ast.Value }

const paramsName = ast.String("params")

// Get implements topdown.BaseCache.
func (p parameterData) Get(ref ast.Ref) ast.Value {
	if len(ref) < 2 || ref[1].Value != paramsName {
		return nil
	}
	v, err := p.params.Find(ref[2:])
	if err != nil {
		return nil
	}
	return v
}

// Put implements topdown.BaseCache. Nothing else is below data.
func (parameterData) Put(ast.Ref, ast.Value) {}

// sideBySide evaluates the programs at once and gives what each rule found by its id. Of several errors the first program's is told.
func (f *FindingRules) sideBySide(ctx context.Context, doc map[string]any, input, params ast.Value, at time.Time) (map[string]any, error) {
	programs, own := f.programs(doc)
	parts, errs := make([]map[string]any, len(programs)), make([]error, len(programs))
	queue := make([]int, len(programs))
	for i := range queue {
		queue[i] = i
	}
	slices.SortStableFunc(queue, func(a, b int) int { return len(programs[b].rules) - len(programs[a].rules) }) // so that no long one is left for last
	given := rego.EvalBaseCache(parameterData{params})
	var next atomic.Int64
	var g errgroup.Group
	for range min(runtime.GOMAXPROCS(0), len(programs)) {
		g.Go(func() error {
			shared := topdown.NewVirtualCache() // what libraries gave for one group serves the next; input and parameters are the same
			for n := next.Add(1) - 1; n < int64(len(queue)); n = next.Add(1) - 1 {
				i := queue[n]
				options := []rego.EvalOption{given}
				if i < own { // a policy's rules are another program, in which names could mean something else
					options = append(options, rego.EvalVirtualCache(shared))
				}
				parts[i], errs[i] = programs[i].guarded(ctx, input, at, options...)
			}
			return nil
		})
	}
	_ = g.Wait() // errs has them all
	all := map[string]any{}
	for i, p := range programs {
		if errs[i] != nil {
			return nil, errs[i]
		}
		for _, r := range p.rules {
			all[r.ID] = parts[i][r.ID]
		}
	}
	return all, nil
}

// guarded is eval where a panic is an error.
func (p *program) guarded(ctx context.Context, input ast.Value, at time.Time, options ...rego.EvalOption) (found map[string]any, err error) {
	defer recovered(&err, "evaluating the rules")
	return p.eval(ctx, input, at, options...)
}
