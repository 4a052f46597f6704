// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"context"
	"errors"
	"fmt"
	"runtime/metrics"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Input is what one evaluation depends on.
type Input struct {
	Document any                       // becomes input; see the package's documentation. A *Document of this Set saves converting it again
	Params   map[string]map[string]any // rule id to parameters, as Check accepts them; defaults are filled in
	At       time.Time                 // becomes time.now_ns()
}

const (
	sampleEvery = 2 * time.Millisecond // how often memory is looked at
	stopWithin  = time.Second          // how long an evaluation has to stop once it was told to
)

var errMemory = errors.New("memory limit reached")

// Eval evaluates every rule. Results are sorted; none and no error means that no rule objects. Errors are *Error, and then nothing is known.
func (s *Set) Eval(ctx context.Context, in Input) (results []Result, err error) {
	defer recovered(&err, "evaluating the rules")
	if s == nil || len(s.rules) == 0 {
		return nil, &Error{Code: CodeNoRules, Message: "there are no rules to evaluate"}
	}
	doc, ok := in.Document.(*Document)
	if !ok {
		if doc, err = s.Document(in.Document); err != nil {
			return nil, err
		}
	}
	input, err := s.input(in, doc)
	if err != nil {
		return nil, err
	}
	value, err := s.run(context.WithValue(ctx, documentKey{}, doc), input, in.At)
	if err != nil {
		return nil, err
	}
	return s.decode(value)
}

// input puts the document and the parameters together as OPA's values.
func (s *Set) input(in Input, doc *Document) (ast.Value, error) {
	params, err := s.params(in)
	if err != nil {
		return nil, err
	}
	return ast.NewObject([2]*ast.Term{ast.StringTerm("document"), ast.NewTerm(doc.value)}, [2]*ast.Term{ast.StringTerm("params"), ast.NewTerm(params)}), nil
}

// params is the parameters of all rules by their ids, defaults filled in.
func (s *Set) params(in Input) (ast.Value, error) {
	if in.At.IsZero() {
		return nil, &Error{Code: CodeInput, Message: "evaluating the rules: no time was given"}
	}
	params := make(map[string]any, len(s.rules))
	for id := range in.Params {
		if s.rule(id) == nil {
			return nil, unknownRule(id, s.rules)
		}
	}
	for _, r := range s.rules {
		p, err := r.resolve(in.Params[r.ID])
		if err != nil {
			return nil, err
		}
		params[r.ID] = p
	}
	values, err := ast.InterfaceToValue(params)
	if err != nil {
		return nil, &Error{Code: CodeInput, Message: "evaluating the rules: reading the parameters: " + err.Error(), cause: err}
	}
	return values, nil
}

type outcome struct {
	value map[string]any
	err   error
}

func (s *Set) run(ctx context.Context, input ast.Value, at time.Time) (map[string]any, error) {
	return s.watched(ctx, func(ctx context.Context) (map[string]any, error) { return s.queries(ctx, input, at) })
}

// watched evaluates under a deadline and a bound on memory, from outside: neither depends on what the rules do.
func (s *Set) watched(ctx context.Context, evaluate func(context.Context) (map[string]any, error)) (map[string]any, error) {
	ctx, cancelTimeout := context.WithTimeout(ctx, s.timeout)
	defer cancelTimeout()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() { done <- o }()
		defer recovered(&o.err, "evaluating the rules")
		o.value, o.err = evaluate(ctx)
	}()
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	limit := heap() + s.memory
	for {
		select {
		case o := <-done:
			if ctx.Err() != nil {
				return nil, s.stopped(ctx)
			}
			return o.value, o.err
		case <-tick.C:
			if heap() > limit {
				cancel(errMemory)
			}
		case <-ctx.Done():
			late := time.NewTimer(stopWithin)
			defer late.Stop()
			select {
			case <-done:
			case <-late.C:
			}
			return nil, s.stopped(ctx)
		}
	}
}

// queries evaluates all programs, one after the other so that of several errors it is always the same that is told, and gives what each rule
// decides by its id.
func (s *Set) queries(ctx context.Context, input ast.Value, at time.Time) (map[string]any, error) {
	all := make(map[string]any, len(s.rules))
	for _, p := range s.programs {
		found, err := p.eval(ctx, input, at)
		if err != nil {
			return nil, err
		}
		for _, r := range p.rules {
			all[r.ID] = found[r.ID]
		}
	}
	return all, nil
}

// eval gives what each rule of the program decides, by its id.
func (p *program) eval(ctx context.Context, input ast.Value, at time.Time, more ...rego.EvalOption) (map[string]any, error) {
	query, err := p.query()
	if err != nil {
		return nil, err
	}
	rs, err := query.Eval(ctx, append(more, rego.EvalParsedInput(input), rego.EvalTime(at))...)
	if err != nil {
		return nil, evalError(err)
	}
	if len(rs) != 1 {
		return nil, &Error{Code: CodeUndefined, Message: fmt.Sprintf("evaluating the rules: %d results, expected 1", len(rs))}
	}
	found, ok := rs[0].Bindings["result"].(map[string]any)
	if !ok {
		return nil, &Error{Code: CodeType, Message: "evaluating the rules: expected an object, found " + typeName(rs[0].Bindings["result"])}
	}
	return found, nil
}

func (s *Set) stopped(ctx context.Context) error {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errMemory):
		return &Error{Code: CodeLimit, Message: fmt.Sprintf("evaluating the rules took more than %d MiB of memory", s.memory>>20), cause: cause,
			Hint: "look for a rule that multiplies its input; sealock policy test shows how long each takes"}
	case errors.Is(cause, context.DeadlineExceeded):
		return &Error{Code: CodeTimeout, Message: fmt.Sprintf("evaluating the rules was not done within %s", s.timeout), cause: cause,
			Hint: "look for a rule that combines each item with each other one"}
	default:
		return &Error{Code: CodeTimeout, Message: "evaluating the rules was cancelled", cause: cause}
	}
}

func evalError(err error) error {
	e := &Error{Code: CodeRule, Message: "evaluating the rules: " + err.Error(), cause: err}
	var t *topdown.Error
	if errors.As(err, &t) {
		e.Message = t.Message
		if t.Code == topdown.ConflictErr {
			e.Hint = "two definitions of one rule disagree; a rule that can have several values is a set (`contains`)"
		}
		if t.Location != nil {
			e.Path, e.Line, e.Column = t.Location.File, t.Location.Row, t.Location.Col
		}
	}
	return e
}

// heap is the memory of all objects, live or not yet collected.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
