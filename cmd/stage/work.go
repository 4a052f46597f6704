// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
)

// RecordSchema names the form of a record.
const RecordSchema = "sealock/record/v1"

// Record is what a stage did, before anything is scanned or signed. It can be handed to another job, which believes none of it that it can
// find out for itself.
type Record struct {
	Schema     string                      `json:"schema"`
	Stage      string                      `json:"stage"`
	Command    []string                    `json:"command"`
	ExitCode   int                         `json:"exitCode"`
	Materials  []attest.ResourceDescriptor `json:"materials"`
	Inputs     []Product                   `json:"inputs"`
	Products   []Product                   `json:"products"`
	Imports    []attest.ResourceDescriptor `json:"imports,omitempty"` // the reports of other tools
	Notes      []string                    `json:"notes,omitempty"`
	Run        string                      `json:"run,omitempty"`
	StartedOn  string                      `json:"startedOn"`
	FinishedOn string                      `json:"finishedOn"`
}

// Product is a reference and what it was found to be.
type Product struct {
	Ref      string           `json:"ref"`
	Subjects []attest.Subject `json:"subjects"` // the subject itself first, then its platforms
}

// inputs are the resolved inputs of a stage and the receipts behind them.
type inputs struct {
	resolved  []*subject.Resolved
	materials []attest.ResourceDescriptor
}

// before resolves the inputs and asks the gate about every stage that must come before.
func (r *Runner) before(ctx context.Context, name string) (*inputs, error) {
	in := &inputs{}
	for _, ref := range r.Pipeline.Inputs(name, r.Gate.Policy) {
		res, err := r.resolve(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("stage %q: input: %w", name, err)
		}
		in.resolved = append(in.resolved, res)
	}
	for _, a := range r.Gate.Policy.Stages[name].After {
		d, err := r.upstream(ctx, a.Stage, in.resolved)
		if err != nil {
			return nil, err
		}
		for _, s := range d.Stages {
			if s.Name == a.Stage {
				id := strings.TrimPrefix(s.Receipt, "sha256:")
				in.materials = append(in.materials, attest.ResourceDescriptor{Name: predicate.ReceiptPrefix + a.Stage, Digest: attest.DigestSet{"sha256": id}, MediaType: attest.PayloadInToto})
			}
		}
	}
	for _, res := range in.resolved {
		in.materials = append(in.materials, res.Materials...)
		for _, s := range res.Subjects() {
			m := attest.ResourceDescriptor{Name: s.Name, Digest: s.Digest}
			if res.URI != "" {
				m.URI = res.URI
			}
			in.materials = append(in.materials, m)
		}
	}
	in.materials = append(in.materials, r.Origins...)
	return in, nil
}

// upstream finds an input for which the gate allows an earlier stage. If there is none, the best refusal is the error.
func (r *Runner) upstream(ctx context.Context, stage string, ins []*subject.Resolved) (gate.Decision, error) {
	var worst *gate.Decision
	for _, res := range ins {
		d := r.Gate.Check(ctx, r.request(res, stage))
		if d.Verdict == gate.Allowed {
			return d, nil
		}
		if worst == nil || (d.Verdict == gate.Undecided && worst.Verdict != gate.Undecided) {
			worst = &d
		}
	}
	if worst == nil {
		return gate.Decision{}, fmt.Errorf("stage %q must come first, but there is no input to ask about\nhint: give the stage inputs in sealock.yaml", stage)
	}
	return *worst, &RefusedError{*worst}
}

// work runs the command and finds out what it made.
func (r *Runner) work(ctx context.Context, name string, c Config, in *inputs) (Record, []*subject.Resolved, error) {
	rec := Record{Schema: RecordSchema, Stage: name, Command: recorded(c.Run), Materials: in.materials, Run: r.RunID, StartedOn: predicate.Instant(r.Now())}
	if len(c.Run) > 0 {
		r.say("running %s", strings.Join(recorded(c.Run), " "))
		if err := r.command(ctx, name, c); err != nil {
			return rec, nil, err
		}
		if err := unchanged(ctx, name, InputChanged, in.resolved); err != nil {
			return rec, nil, err
		}
	}
	products, err := r.products(ctx, name, c)
	if code := subject.CodeOf(err); len(c.Run) > 0 && (code == subject.NotFound || code == subject.Empty) {
		return rec, nil, &CommandError{Stage: name, Command: recorded(c.Run), Cause: fmt.Errorf("it succeeded, but did not make what the stage is to make: %w", err)}
	}
	if err != nil {
		return rec, nil, err
	}
	err = r.recordImports(&rec, c)
	if code := subject.CodeOf(err); len(c.Run) > 0 && (code == subject.NotFound || code == subject.Changed) {
		return rec, nil, &CommandError{Stage: name, Command: recorded(c.Run), Cause: err}
	}
	if err != nil {
		return rec, nil, fmt.Errorf("stage %q: %w", name, err)
	}
	rec.FinishedOn = predicate.Instant(r.Now())
	for _, res := range in.resolved {
		rec.Inputs = append(rec.Inputs, Product{res.Ref.String(), res.Subjects()})
	}
	for _, res := range products {
		rec.Products = append(rec.Products, Product{res.Ref.String(), res.Subjects()})
		rec.Notes = append(rec.Notes, res.Notes...)
		for _, s := range res.Skipped {
			rec.Notes = append(rec.Notes, fmt.Sprintf("skipped %s: %s", s.Digest, s.Why))
		}
	}
	return rec, products, nil
}

func (r *Runner) products(ctx context.Context, name string, c Config) ([]*subject.Resolved, error) {
	var out []*subject.Resolved
	for _, ref := range c.Subjects {
		res, err := r.resolve(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("stage %q: %w", name, err)
		}
		out = append(out, res)
	}
	return out, nil
}

// command runs a stage's command in the pipeline's folder. What it prints goes to standard error.
func (r *Runner) command(ctx context.Context, name string, c Config) error {
	cmd := exec.CommandContext(ctx, c.Run[0], c.Run[1:]...)
	cmd.Dir = r.Dir
	cmd.Env = Environ(r.Environ, c.Env)
	cmd.Stdout, cmd.Stderr = r.Stderr, r.Stderr
	cmd.WaitDelay = 5 * time.Second
	isolate(cmd)
	err := cmd.Run()
	endGroup(cmd)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("stage %q: %w", name, ctx.Err())
	case errors.As(err, &exit):
		return &CommandError{Stage: name, Command: recorded(c.Run), ExitCode: exit.ExitCode()}
	case err != nil:
		return &CommandError{Stage: name, Command: recorded(c.Run), Cause: err, ExitCode: -1}
	}
	return nil
}

// unchanged hashes resolved references again; an error has the code given.
func unchanged(ctx context.Context, stage string, code subject.Code, all []*subject.Resolved) error {
	for _, res := range all {
		changed := &subject.Error{Code: code, Ref: res.Ref.String(), Detail: fmt.Sprintf("changed while stage %q ran, so nothing was stored", stage),
			Hint: "let nothing write there while the stage runs; files that the command makes belong where git ignores them"}
		now, err := res.Rehash(ctx)
		if code := subject.CodeOf(err); code == subject.DirtyTree || code == subject.Changed {
			changed.Cause = err
			return changed
		}
		if err != nil {
			return fmt.Errorf("stage %q: hashing %s again: %w", stage, res.Ref, err)
		}
		for alg, hex := range res.Subject.Digest {
			if now[alg] != hex {
				changed.Detail += fmt.Sprintf(": %s was %s and is %s", alg, hex, now[alg])
				return changed
			}
		}
	}
	return nil
}

// ReadRecord reads a record that another job wrote.
func ReadRecord(file string) (Record, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Record{}, fmt.Errorf("reading record: %w", err)
	}
	var rec Record
	if err := attest.DecodeJSON(data, &rec); err != nil {
		return Record{}, fmt.Errorf("reading record %s: %w", file, err)
	}
	if rec.Schema != RecordSchema {
		return Record{}, fmt.Errorf("record %s: schema is %q, expected %q", file, rec.Schema, RecordSchema)
	}
	return rec, nil
}
