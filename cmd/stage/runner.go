// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
)

// Runner has all that running a stage needs. Nothing in it changes while stages run.
type Runner struct {
	Dir      string // the pipeline's folder
	Pipeline *Pipeline
	Gate     *gate.Gate
	Signer   func(stage string) (attest.Signer, error) // the identity that signs a stage
	Now      func() time.Time
	Version  string
	RunID    string                      // the CI run, or an id of this call
	Builder  string                      // builder.id of provenance
	Environ  []string                    // from which the command's environment is taken
	Origins  []attest.ResourceDescriptor // where what is worked on comes from, if not from a stage
	Exclude  []string                    // no part of dir: subjects
	Own      []string                    // sealock's own files, which Git need not track yet
	Registry func(repository string) (subject.Remote, error)
	OpenDB   func(ctx context.Context) (Data, error) // vulnerability data, opened when it is first needed
	Progress func(what string) (done func())         // shows what is being done while it lasts; nil: nobody watches
	Stderr   io.Writer
	Force    bool // run even where nothing changed
	Quiet    bool
	TempDir  string
	Created  time.Time // SOURCE_DATE_EPOCH, or zero
}

// Result is one stage run.
type Result struct {
	Stage     string
	Reused    bool // nothing had changed: the signed evidence that is there still counts
	Receipt   string
	Subjects  []attest.Subject
	Evidence  []predicate.EvidenceRef
	Summary   []string // one line for each piece of evidence
	Decisions []gate.Decision
	Products  []*subject.Resolved
}

// Run runs one stage: the checks before it, its command, the scans, the signatures, and the checks up to it.
func (r *Runner) Run(ctx context.Context, name string) (Result, error) {
	c, err := r.config(name)
	if err != nil {
		return Result{}, err
	}
	signer, err := r.Signer(name)
	if err != nil {
		return Result{}, err
	}
	in, err := r.before(ctx, name)
	if err != nil {
		return Result{}, err
	}
	who, err := identify(ctx, signer)
	if err != nil {
		return Result{}, fmt.Errorf("stage %q: %w", name, err)
	}
	if res, ok := r.reuse(ctx, name, c, in, who); ok {
		return res, nil
	}
	if err := Unlock(ctx, signer); err != nil { // before any work: without a signature the work is for nothing
		return Result{}, err
	}
	rec, products, err := r.work(ctx, name, c, in)
	if err != nil {
		return Result{}, err
	}
	return r.seal(ctx, rec, c, in.resolved, products, signer)
}

// identify tells who would sign, before the signer is unlocked: enough to recognise earlier work.
func identify(ctx context.Context, s attest.Signer) (attest.Identity, error) {
	if i, ok := s.(interface {
		Identify(context.Context) (attest.Identity, error)
	}); ok {
		return i.Identify(ctx)
	}
	return s.Identity(), nil
}

// Record runs the checks before a stage and its command, and writes down what happened. Nothing is signed or stored.
func (r *Runner) Record(ctx context.Context, name string) (Record, error) {
	c, err := r.config(name)
	if err != nil {
		return Record{}, err
	}
	in, err := r.before(ctx, name)
	if err != nil {
		return Record{}, err
	}
	rec, _, err := r.work(ctx, name, c, in)
	return rec, err
}

// Attest finishes what Record began, in another job: it hashes every input and product again, scans, signs and stores. It runs nothing of
// the tree.
func (r *Runner) Attest(ctx context.Context, rec Record) (Result, error) {
	c, err := r.config(rec.Stage)
	if err != nil {
		return Result{}, err
	}
	signer, err := r.Signer(rec.Stage)
	if err == nil {
		err = Unlock(ctx, signer)
	}
	if err != nil {
		return Result{}, err
	}
	if rec.ExitCode != 0 {
		return Result{}, &CommandError{Stage: rec.Stage, Command: rec.Command, ExitCode: rec.ExitCode}
	}
	if !equal(rec.Command, recorded(c.Run)) {
		return Result{}, &subject.Error{Code: subject.Changed, Detail: fmt.Sprintf("record of stage %q: the command was %q, sealock.yaml has %q", rec.Stage, rec.Command, recorded(c.Run))}
	}
	in, err := r.before(ctx, rec.Stage)
	if err != nil {
		return Result{}, err
	}
	products, err := r.products(ctx, rec.Stage, c)
	if err != nil {
		return Result{}, err
	}
	if err := sameProducts("input", rec.Inputs, in.resolved); err != nil {
		return Result{}, err
	}
	if err := sameProducts("product", rec.Products, products); err != nil {
		return Result{}, err
	}
	rec.Materials, rec.Run = in.materials, r.RunID // what this job found out for itself
	return r.seal(ctx, rec, c, in.resolved, products, signer)
}

// sameProducts holds what a record claims against what was hashed here.
func sameProducts(what string, claimed []Product, found []*subject.Resolved) error {
	if len(claimed) != len(found) {
		return &subject.Error{Code: subject.Changed, Detail: fmt.Sprintf("the record names %d %ss, sealock.yaml leads to %d", len(claimed), what, len(found))}
	}
	for i, p := range claimed {
		if len(p.Subjects) == 0 || !p.Subjects[0].Digest.Matches(found[i].Subject.Digest) {
			return &subject.Error{Code: subject.Changed, Detail: fmt.Sprintf("%s %s: the record claims another digest than it has here: %s", what, p.Ref, found[i].Subject),
				Hint: fmt.Sprintf("hand the %s from job to job unchanged", what)}
		}
	}
	return nil
}

func (r *Runner) config(name string) (Config, error) {
	c, ok := r.Pipeline.Stages[name]
	if !ok {
		return Config{}, &gate.ConfigError{File: r.Pipeline.File, Message: fmt.Sprintf("no stage %q", name), Hint: "its stages are " + strings.Join(r.Pipeline.Names(), ", ")}
	}
	return c, r.Pipeline.Check(r.Gate.Policy)
}

func (r *Runner) resolve(ctx context.Context, ref string) (*subject.Resolved, error) {
	return Resolve(ctx, ref, subject.Options{Dir: r.Dir, Exclude: r.Exclude, Own: r.Own, Env: r.Environ, Registry: r.Registry})
}

// request asks whether a stage about a subject is sound.
func (r *Runner) request(res *subject.Resolved, stage string) gate.Request {
	req := Request(res)
	req.Stage, req.Question, req.At = stage, gate.Enter, r.Now()
	return req
}

func (r *Runner) say(format string, args ...any) {
	if !r.Quiet {
		fmt.Fprintf(r.Stderr, "  "+format+"\n", args...)
	}
}

// temp makes a folder that the returned function removes.
func temp(below string) (string, func(), error) {
	dir, err := os.MkdirTemp(below, "sealock-")
	if err != nil {
		return "", nil, fmt.Errorf("making a temporary folder: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
