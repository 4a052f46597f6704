// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
)

// atOnce bounds how many statements are signed, or stored, at a time: a transparency log takes a second for each entry, a registry several requests.
const atOnce = 4

// seal makes the evidence, signs it, stores it and asks the gate.
func (r *Runner) seal(ctx context.Context, rec Record, c Config, ins, products []*subject.Resolved, signer attest.Signer) (Result, error) {
	made, err := r.scanAll(ctx, rec, c, ins, products)
	if err != nil {
		return Result{}, &IncompleteError{rec.Stage, err}
	}
	if err := unchanged(ctx, rec.Stage, subject.Changed, products); err != nil {
		return Result{}, err
	}
	rec.FinishedOn = predicate.Instant(r.Now())
	res := Result{Stage: rec.Stage, Products: products}
	stored, err := r.stored(ctx, products, rec.Stage)
	if err != nil {
		return Result{}, err
	}
	signed, err := r.signAll(ctx, stored, signer, made)
	if err != nil {
		return Result{}, fmt.Errorf("stage %q: %w", rec.Stage, err)
	}
	for i, m := range made {
		res.Evidence = append(res.Evidence, predicate.EvidenceRef{Name: m.kind, PredicateType: m.predicateType, Digest: attest.DigestSet{"sha256": signed[i].ID().Hex}})
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

// signAll signs all evidence, some at a time, and gives it in the order in which it was made. The first signature that fails ends the others.
func (r *Runner) signAll(ctx context.Context, stored []attest.Evidence, signer attest.Signer, made []evidence) ([]attest.Evidence, error) {
	signed := make([]attest.Evidence, len(made))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, m := range made {
		group.Go(func() (err error) {
			if signed[i], err = r.signOnce(ctx, stored, signer, m); err != nil {
				return fmt.Errorf("evidence %q: %w", m.kind, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return signed, nil
}

// store puts evidence into the store, some at a time.
func (r *Runner) store(ctx context.Context, all []attest.Evidence) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
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
	if err := ctx.Err(); err != nil { // another signature failed
		return attest.Evidence{}, err
	}
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
