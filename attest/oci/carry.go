// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// maxCarryDepth bounds how far what refers to what refers to an image is followed.
const maxCarryDepth = 4

// CarryTo copies what lies beside digests to another repository, byte for byte and whoever signed it: all that refers to them or to their anchors, what
// refers to that, and cosign's older tags. What is there is not sent again. It counts as evidence there as little or as much as here; listed
// manifests that refer to something else, or can't be read, are left out.
//
// Where there is no referrers API, what was copied has tags, by which sealock finds it; other tools do once the other store's Complete, or its next Put,
// has listed it.
func (s *Store) CarryTo(ctx context.Context, to *Store, digests []attest.Digest) (Copied, error) {
	if s.repo.Name() == to.repo.Name() || len(digests) == 0 {
		return Copied{}, nil
	}
	c := carrying{from: s, to: to, tags: s.tagsOf(ctx, true)}
	err := c.about(ctx, digests[0], to.tagsOf(ctx, true)) // which tells what kind of registry it is, and leaves tags
	if err == nil {
		there := to.tagsOf(ctx, true)
		err = each(ctx, digests[1:], func(ctx context.Context, d attest.Digest) error { return c.about(ctx, d, there) })
	}
	if err != nil {
		err = s.failed("copying what lies beside the image to "+to.repo.Name(), err)
	}
	return c.all.sum, err
}

// Complete lists what CarryTo brought here, for other tools.
func (s *Store) Complete(ctx context.Context) error {
	if err := s.show(ctx, referring{}, true); err != nil {
		return s.failed("listing what was copied", err)
	}
	return nil
}

// owe notes what is to be listed with the next that is.
func (s *Store) owe(target attest.Digest, m ...registry.Manifest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owed.add(target, m...)
}

// carrying is the copying from one store to another.
type carrying struct {
	from, to *Store
	tags     tagLister // of the one that is copied from
	all      tally
}

// about copies what lies beside one digest.
func (c *carrying) about(ctx context.Context, d attest.Digest, thereTags tagLister) error {
	if err := c.beside(ctx, d, thereTags); err != nil {
		return fmt.Errorf("about %s: %w", d, err)
	}
	return nil
}

func (c *carrying) beside(ctx context.Context, d attest.Digest, thereTags tagLister) error {
	v, err := c.from.load(ctx, d, true, c.tags)
	if err != nil {
		return err
	}
	c.from.loaded(d, v)
	there, err := c.to.own(ctx, d, thereTags)
	if err != nil {
		return err
	}
	byTarget := map[attest.Digest][]entry{}
	for _, e := range v.entries {
		switch {
		case e.kind == Foreign, e.kind == Malformed:
			c.from.warn("not copied: %s is listed beside %s, and %s", c.from.name(e.manifest.Digest), d.Short(), e.detail)
		case there.holds(e):
			c.all.add(Copied{Present: 1})
			if c.to.without.Load() { // who brought it may have been cut off before it was listed
				c.to.owe(e.target)
			}
		default:
			byTarget[e.target] = append(byTarget[e.target], e)
		}
	}
	for target, entries := range byTarget {
		if target != d {
			if _, err := c.to.anchor(ctx, d); err != nil {
				return err
			}
		}
		if err := c.entries(ctx, target, entries, 1); err != nil {
			return err
		}
		c.to.direct.set(d, func(old *view, known bool) *view {
			if !known {
				old = there
			}
			for _, e := range entries {
				e.mine = true
				old = old.with(c.to, e)
			}
			return old
		})
	}
	if d.Algorithm != "sha256" {
		return nil
	}
	var att registry.Manifest
	if v.att != nil {
		att = v.att.manifest
	}
	if err := c.tag(ctx, tagOf(d, tagAtt), att, thereTags); err != nil {
		return err
	}
	sig, err := c.from.lookup(ctx, tagOf(d, tagSig), c.tags)
	if err != nil {
		return err
	}
	return c.tag(ctx, tagOf(d, tagSig), sig, thereTags)
}

// holds reports whether a view has the evidence of an entry, in this manifest or another. What is no evidence is looked at blob by blob.
func (v *view) holds(e entry) bool {
	return len(e.candidates) > 0 && !slices.ContainsFunc(e.candidates, func(c candidate) bool { return !v.refers(c.layer.Digest, e.target) })
}

// entries copies manifests that refer to one target: what they name, then themselves, then what refers to them.
func (c *carrying) entries(ctx context.Context, target attest.Digest, entries []entry, depth int) error {
	var mu sync.Mutex
	var kept []entry
	tagged := c.to.without.Load()
	err := some(ctx, entries, &c.all, func(ctx context.Context, e entry) (Copied, error) {
		n, err := c.blobs(ctx, e)
		var gone goneError
		if errors.As(err, &gone) {
			c.from.warn("not copied: %s names content %s, which is gone", c.from.name(e.manifest.Digest), gone.digest)
			return n, nil
		}
		if err != nil {
			return n, err
		}
		mu.Lock()
		kept = append(kept, e)
		mu.Unlock()
		n.Manifests++
		return n, c.to.putReferrer(ctx, target, typed(e.manifest), tagged)
	})
	if err != nil {
		return err
	}
	stored := make([]registry.Manifest, len(kept))
	for i, e := range kept {
		stored[i] = typed(e.manifest)
	}
	if tagged {
		c.to.owe(target, stored...)
	} else if err := c.to.show(ctx, referring{target: stored}, false); err != nil {
		return err
	}
	for i, e := range kept {
		c.to.know(stored[i])
		if len(e.candidates) > 0 || depth == maxCarryDepth { // nothing is said about evidence but by other evidence about the image
			continue
		}
		more, err := c.referring(ctx, e.manifest.Digest)
		if err == nil && len(more) > 0 {
			err = c.entries(ctx, e.manifest.Digest, more, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// typed gives a manifest the media type under which it is stored.
func typed(m registry.Manifest) registry.Manifest {
	var w manifest
	if attest.DecodeJSON(m.Raw, &w) == nil {
		m.MediaType = kindOf(m.MediaType, w.MediaType, false)
	}
	return m
}

// referring reads what refers to a manifest that is no evidence.
func (c *carrying) referring(ctx context.Context, d attest.Digest) ([]entry, error) {
	l, err := c.from.listing(ctx, d, c.tags)
	if err != nil {
		return nil, err
	}
	v := &view{}
	if err := c.from.gather(ctx, v, l); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(v.entries, func(e entry) bool { return e.kind == Foreign || e.kind == Malformed }), nil
}

func (c *carrying) blobs(ctx context.Context, e entry) (Copied, error) {
	w, err := c.from.decoded(e.manifest)
	if err != nil {
		return Copied{}, err
	}
	return c.content(ctx, w, func(d attest.Digest) []byte {
		for _, x := range e.candidates {
			if x.layer.Digest == d && x.id.IsZero() && x.err == nil {
				return x.data
			}
		}
		return nil
	})
}

// content copies what a manifest names. What was read already is sent from memory.
func (c *carrying) content(ctx context.Context, w manifest, known func(attest.Digest) []byte) (Copied, error) {
	var n Copied
	blobs := w.Layers
	if w.Config != nil {
		blobs = append([]registry.Descriptor{*w.Config}, blobs...)
	}
	for _, b := range blobs {
		content := known(b.Digest)
		if b.Digest == attest.SHA256(emptyContent) {
			content = emptyContent
		}
		if content != nil {
			if _, err := c.to.putBlob(ctx, content, b.MediaType); err != nil {
				return n, err
			}
			continue
		}
		how, err := c.to.repo.CopyBlob(ctx, b, c.from.repo)
		switch {
		case registry.IsNotFound(err):
			if has, headErr := c.from.repo.HasBlob(ctx, b); headErr == nil && !has {
				err = goneError{b.Digest}
			}
			return n, err
		case err != nil:
			return n, err
		case how == registry.Uploaded:
			n.Blobs, n.Bytes = n.Blobs+1, n.Bytes+b.Size
		case how == registry.Mounted:
			n.Mounted++
		default:
			n.Present++
		}
	}
	return n, nil
}

// goneError says that content is named here and not there any more.
type goneError struct{ digest attest.Digest }

func (e goneError) Error() string { return "content " + e.digest.String() + " is named, and gone" }

// tag copies what one of cosign's older tags holds. What others left at it there stays.
func (c *carrying) tag(ctx context.Context, tag string, from registry.Manifest, thereTags tagLister) error {
	if from.Digest.IsZero() {
		return nil
	}
	var w, there manifest
	if err := attest.DecodeJSON(from.Raw, &w); err != nil {
		c.from.warn("not copied: tag %s:%s holds no manifest", c.from.repo.Name(), tag)
		return nil //nolint:nilerr // nothing that others could read
	}
	old, err := c.to.lookup(ctx, tag, thereTags)
	switch {
	case err != nil:
		return err
	case old.Digest == from.Digest:
		c.all.add(Copied{Present: 1})
		return nil
	case !old.Digest.IsZero():
		if err := attest.DecodeJSON(old.Raw, &there); err != nil {
			return fmt.Errorf("tag %s:%s: %w", c.to.repo.Name(), tag, err)
		}
	}
	n, err := c.content(ctx, w, func(attest.Digest) []byte { return nil })
	c.all.add(n)
	var gone goneError
	if errors.As(err, &gone) {
		c.from.warn("not copied: tag %s:%s names content %s, which is gone", c.from.repo.Name(), tag, gone.digest)
		return nil
	}
	if err != nil {
		return err
	}
	layers := merged(there.Layers, w.Layers)
	switch {
	case old.Digest.IsZero():
		c.all.add(Copied{Manifests: 1})
		return c.to.putManifest(ctx, tag, typed(from))
	case len(layers) == len(there.Layers):
		return nil
	case len(layers) > MaxLayers:
		return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("tag %s would hold %d layers, limit %d", tag, len(layers), MaxLayers)}
	}
	c.all.add(Copied{Manifests: 1})
	return c.to.writeSignatures(ctx, tag, layers)
}

// merged is a list of layers with those of another that it lacks: the same content under another signature is another layer.
func merged(a, b []registry.Descriptor) []registry.Descriptor {
	out := slices.Clone(a)
	for _, l := range b {
		same := func(o registry.Descriptor) bool {
			return o.Digest == l.Digest && o.Annotations[annSignature] == l.Annotations[annSignature]
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, l)
		}
	}
	return out
}
