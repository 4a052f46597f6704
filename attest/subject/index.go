// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"fmt"

	"github.com/sealock-dev/sealock/attest"
)

// origin gives the manifests that descriptors name, each held against its descriptor.
type origin interface {
	manifest(ctx context.Context, d *descriptor) (*manifest, error)
}

// describe fills in what a manifest is: one image, or an index with its platforms and what is skipped. It gives the images, in the order
// of the leaves.
func describe(ctx context.Context, r *Resolved, from origin, name string, m *manifest) ([]*manifest, error) {
	r.Subject = attest.Subject{Name: name, Digest: attest.DigestSet{"sha256": m.digest.Hex}}
	if !m.index {
		return []*manifest{m}, nil
	}
	r.Index = true
	w := &indexWalk{from: from, name: name, resolved: r, seen: map[attest.Digest]bool{}}
	if err := w.walk(ctx, m, 1); err != nil {
		return nil, err
	}
	if len(r.Platforms) == 0 {
		return nil, fail(Empty, "index %s has no image", m.digest.Short()).hint("name an index with at least one image manifest")
	}
	w.finish()
	return w.images, nil
}

// indexWalk collects the images of an index.
type indexWalk struct {
	from     origin
	name     string
	resolved *Resolved
	images   []*manifest
	seen     map[attest.Digest]bool
	count    int
}

func (w *indexWalk) walk(ctx context.Context, in *manifest, depth int) error {
	if depth > MaxIndexDepth {
		return fail(Limit, "indexes are nested deeper than %d", MaxIndexDepth)
	}
	for i := range in.manifests {
		if err := ctx.Err(); err != nil {
			return err
		}
		if w.count++; w.count > MaxManifests {
			return fail(Limit, "more than %d manifests are reachable from the index", MaxManifests)
		}
		d := &in.manifests[i]
		m, err := w.from.manifest(ctx, d)
		switch {
		case err != nil:
			return fmt.Errorf("manifest %d of index %s: %w", i, in.digest.Short(), err)
		case m.index:
			err = w.walk(ctx, m, depth+1)
		case attestation(d, m):
			w.resolved.Skipped = append(w.resolved.Skipped, Skipped{m.digest, "attestation manifest: unknown platform, in-toto layers only"})
		case !w.seen[m.digest]:
			w.seen[m.digest] = true
			w.add(d, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *indexWalk) add(d *descriptor, m *manifest) {
	label := d.label()
	if label == "" {
		label = m.digest.Short()
	}
	w.images = append(w.images, m)
	w.resolved.Platforms = append(w.resolved.Platforms, Platform{Digest: m.digest, Name: label,
		Subject: attest.Subject{Name: w.name + " (" + label + ")", Digest: attest.DigestSet{"sha256": m.digest.Hex}}})
}

// finish drops what is skipped in one place and an image in another.
func (w *indexWalk) finish() {
	var skipped []Skipped
	for _, s := range w.resolved.Skipped {
		if !w.seen[s.Digest] {
			w.seen[s.Digest] = true
			skipped = append(skipped, s)
		}
	}
	w.resolved.Skipped = skipped
}
