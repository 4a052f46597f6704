// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// storeAtOnce is how many pieces of evidence are stored side by side.
const storeAtOnce = 4

// moveReady copies, and makes who signs ready meanwhile. If that fails, copying stops.
func (t *Transaction) moveReady(ctx context.Context, r *Result) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready := make(chan error, 1)
	go func() {
		var err error
		if t.Ready != nil {
			err = t.Ready(ctx)
		}
		if err != nil {
			cancel()
		}
		ready <- err
	}()
	moved := t.move(ctx, r)
	if unready := <-ready; unready != nil && (moved == nil || errors.Is(moved, context.Canceled)) {
		return unready
	}
	if moved != nil {
		return fmt.Errorf("copying to %s: %w\nhint: %s means what it meant; promote again to go on where it broke off", t.To.Name(), moved, t.To.Tag())
	}
	return nil
}

// move copies content and evidence, and reads both back. The name is not touched.
func (t *Transaction) move(ctx context.Context, r *Result) error {
	found, rejected, err := t.Gate.Gather(ctx, t.Request)
	if err != nil {
		return err
	}
	for _, x := range rejected {
		t.say("%s is no evidence (%s)", x.Name, x.Code)
	}
	if t.into, err = t.To.Open(); err != nil {
		return err
	}
	t.covers = t.about(found)
	if err := t.copy(ctx, r, besides(t.into)); err != nil {
		return err
	}
	if err := t.step(ctx, StepEvidence); err != nil {
		return err
	}
	stored, err := t.store(ctx, t.into, found)
	if err != nil {
		return err
	}
	r.Evidence = len(found)
	if err := t.step(ctx, StepReadBack); err != nil {
		return err
	}
	return alongside(ctx, func(ctx context.Context) error {
		if err := t.To.Verify(ctx, t.Whole); err != nil {
			return fmt.Errorf("reading the artifact again: %w", err)
		}
		return nil
	}, func(ctx context.Context) (err error) {
		t.there, err = t.compare(ctx, stored)
		return err
	})
}

// copy copies the content, and at the same time what lies beside it: neither has a name, and registries take what refers to a manifest before that.
func (t *Transaction) copy(ctx context.Context, r *Result, to *oci.Store) error {
	if err := t.step(ctx, StepBeside); err != nil {
		return err
	}
	from := besides(t.Gate.Store)
	if from == nil || to == nil {
		return t.copyContent(ctx, r)
	}
	return alongside(ctx, func(ctx context.Context) (err error) {
		r.Beside, err = from.CarryTo(ctx, to, t.covers)
		return err
	}, func(ctx context.Context) error { return t.copyContent(ctx, r) })
}

// copyContent copies blobs, then the manifests that name them.
func (t *Transaction) copyContent(ctx context.Context, r *Result) error {
	for _, s := range []struct {
		at Step
		do func(context.Context) (oci.Copied, error)
	}{{StepBlobs, t.To.Blobs}, {StepManifests, t.To.Manifests}} {
		if err := t.step(ctx, s.at); err != nil {
			return err
		}
		c, err := s.do(ctx)
		if err != nil {
			return err
		}
		r.Image.Add(c)
	}
	return nil
}

// besides is the store as one beside images in a registry, nil if it is another.
func besides(s attest.Store) *oci.Store {
	beside, _ := s.(*oci.Store)
	return beside
}

// about are the digests that there is evidence about: the artifact, its platforms, and what they were made from.
func (t *Transaction) about(found []attest.Evidence) []attest.Digest {
	var out []attest.Digest
	add := func(set attest.DigestSet) {
		if d := set.Primary(); d.Validate() == nil && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	add(t.Request.Subject.Digest)
	for _, leaf := range t.Request.Leaves {
		add(leaf.Digest)
	}
	for _, e := range found {
		for _, s := range e.Statement().Subject {
			add(s.Digest)
		}
		var link predicate.Link
		if e.Statement().PredicateType != predicate.TypeLink || predicate.Decode(e.Statement(), &link) != nil {
			continue
		}
		for _, m := range link.Materials {
			if !strings.HasPrefix(m.Name, predicate.ReceiptPrefix) {
				add(m.Digest)
			}
		}
	}
	return out
}

// store puts evidence in the form in which it is kept, and gives that.
func (t *Transaction) store(ctx context.Context, to attest.Store, found []attest.Evidence) ([]attest.Evidence, error) {
	var mu sync.Mutex
	var all []attest.Evidence
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(storeAtOnce)
	for _, e := range found {
		g.Go(func() error {
			kept, err := t.Bundles(ctx, e)
			if err != nil {
				return err
			}
			for _, k := range kept {
				if err := to.Put(ctx, k); err != nil {
					return err
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, kept...)
			return nil
		})
	}
	return all, g.Wait()
}

// compare reads the evidence at the destination, with nothing remembered of what was stored, and misses none.
func (t *Transaction) compare(ctx context.Context, stored []attest.Evidence) (attest.Store, error) {
	fresh, err := t.To.Open()
	if err != nil {
		return nil, err
	}
	found, _, err := t.over(fresh).Gather(ctx, t.at())
	if err != nil {
		return nil, err
	}
	have := map[attest.Digest]bool{}
	for _, e := range found {
		kept, err := t.Bundles(ctx, e)
		if err != nil {
			return nil, err
		}
		for _, k := range kept {
			have[k.BundleID()] = true
		}
	}
	var missing []string
	for _, e := range stored {
		if !have[e.BundleID()] {
			missing = append(missing, e.ID().Short())
		}
	}
	if len(missing) > 0 {
		return nil, &StateError{CodeIncomplete, fmt.Sprintf("%d of %d pieces of evidence can't be read again: %s", len(missing), len(stored), strings.Join(missing[:min(len(missing), 5)], ", "))}
	}
	return fresh, nil
}
