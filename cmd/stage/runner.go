// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

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
	RunID    string   // the CI run, or an id of this call
	Builder  string   // builder.id of provenance
	Environ  []string // from which the command's environment is taken
	Exclude  []string // no part of dir: subjects
	Own      []string // sealock's own files, which Git need not track yet
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

// seal makes the evidence, signs it, stores it and asks the gate.
func (r *Runner) seal(ctx context.Context, rec Record, c Config, ins, products []*subject.Resolved, signer attest.Signer) (Result, error) {
	made, err := r.scanAll(ctx, rec, c, ins, products)
	if err != nil {
		return Result{}, &IncompleteError{rec.Stage, err}
	}
	if err := unchanged(ctx, rec.Stage, subject.Changed, products); err != nil {
		return Result{}, err
	}
	rec.FinishedOn = predicate.Time(r.Now())
	res := Result{Stage: rec.Stage, Products: products}
	stored, err := r.stored(ctx, products, rec.Stage)
	if err != nil {
		return Result{}, err
	}
	var signed []attest.Evidence
	for _, m := range made {
		e, err := r.signOnce(ctx, stored, signer, m)
		if err != nil {
			return Result{}, fmt.Errorf("stage %q: evidence %q: %w", rec.Stage, m.kind, err)
		}
		signed = append(signed, e)
		res.Evidence = append(res.Evidence, predicate.EvidenceRef{Name: m.kind, PredicateType: m.predicateType, Digest: attest.DigestSet{"sha256": e.ID().Hex}})
		res.Summary = append(res.Summary, m.summary)
	}
	for _, p := range products {
		res.Subjects = append(res.Subjects, p.Subjects()...)
	}
	receipt, err := Sign(ctx, r.Gate.Verifier, signer, predicate.TypeLink, r.link(rec, res.Evidence), res.Subjects...)
	if err != nil {
		return Result{}, fmt.Errorf("stage %q: receipt: %w", rec.Stage, err)
	}
	if err := r.store(ctx, signed); err != nil {
		return Result{}, fmt.Errorf("stage %q: %w", rec.Stage, err)
	}
	if err := r.store(ctx, []attest.Evidence{receipt}); err != nil { // last: without it the rest counts for nothing
		return Result{}, fmt.Errorf("stage %q: %w", rec.Stage, err)
	}
	res.Receipt = receipt.ID().String()
	for _, p := range products {
		res.Decisions = append(res.Decisions, r.Gate.Check(ctx, r.request(p, rec.Stage)))
	}
	return res, nil
}

// store puts evidence into the store, some at a time: a registry takes several requests for each.
func (r *Runner) store(ctx context.Context, all []attest.Evidence) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for _, e := range all {
		group.Go(func() error {
			if err := r.Gate.Store.Put(ctx, e); err != nil {
				return fmt.Errorf("storing evidence: %w", err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (r *Runner) link(rec Record, refs []predicate.EvidenceRef) predicate.Link {
	if refs == nil {
		refs = []predicate.EvidenceRef{}
	}
	command := rec.Command
	if command == nil {
		command = []string{}
	}
	materials := rec.Materials
	if materials == nil {
		materials = []attest.ResourceDescriptor{}
	}
	p := r.Gate.Policy
	return predicate.Link{Name: rec.Stage, Command: command, Materials: materials,
		Byproducts: predicate.Byproducts{ExitCode: rec.ExitCode, Evidence: refs, Outputs: r.leftOut(), Notes: rec.Notes},
		Environment: predicate.Environment{Run: rec.Run, StartedOn: rec.StartedOn, FinishedOn: rec.FinishedOn, Sealock: r.Version,
			Policy: attest.DigestSet{p.Digest.Algorithm: p.Digest.Hex}}}
}

// leftOut lists what no dir: subject of this run has in it, below the pipeline's folder: the store and the declared outputs of every stage.
func (r *Runner) leftOut() []string {
	var out []string
	for _, p := range append(r.Pipeline.Exclude(""), r.Exclude...) {
		if rel, err := filepath.Rel(r.Dir, p); filepath.IsAbs(p) && err == nil {
			p = rel
		}
		if filepath.IsLocal(p) {
			out = append(out, filepath.ToSlash(p))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// stored is the verified evidence about products that the store holds already.
func (r *Runner) stored(ctx context.Context, products []*subject.Resolved, stage string) ([]attest.Evidence, error) {
	var out []attest.Evidence
	for _, p := range products {
		found, _, err := r.Gate.Gather(ctx, r.request(p, stage))
		if err != nil {
			return nil, fmt.Errorf("stage %q: reading the store: %w", stage, err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// signOnce signs a piece of evidence, unless this signer's signature on the very same statement is in the store: a second one would say
// nothing new.
func (r *Runner) signOnce(ctx context.Context, stored []attest.Evidence, signer attest.Signer, m evidence) (attest.Evidence, error) {
	payload, err := attest.EncodeStatement(m.predicateType, m.predicate, m.subjects...)
	if err != nil {
		return attest.Evidence{}, err
	}
	id := attest.SHA256(payload)
	for _, e := range stored {
		if e.ID() == id && e.Signer().Principal() == signer.Identity().Principal() {
			return e, nil
		}
	}
	return Seal(ctx, r.Gate.Verifier, signer, payload)
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
