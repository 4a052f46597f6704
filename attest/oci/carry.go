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
func (s *Store) CarryTo(ctx context.Context, to *Store, digests []attest.Digest) (Copied, error) {
	if s.repo.Name() == to.repo.Name() {
		return Copied{}, nil
	}
	var all tally
	tags := s.tagsOf(ctx)
	err := each(ctx, digests, func(ctx context.Context, d attest.Digest) error {
		c, err := s.carry(ctx, to, d, tags)
		all.add(c)
		if err != nil {
			return fmt.Errorf("about %s: %w", d, err)
		}
		return nil
	})
	if err != nil {
		return all.sum, s.failed("copying what lies beside the image to "+to.repo.Name(), err)
	}
	return all.sum, nil
}

func (s *Store) carry(ctx context.Context, to *Store, d attest.Digest, tags tagLister) (Copied, error) {
	v, err := s.load(ctx, d, true, tags)
	if err != nil {
		return Copied{}, err
	}
	s.loaded(d, v)
	there, err := to.own(ctx, d)
	if err != nil {
		return Copied{}, err
	}
	var sum Copied
	byTarget := map[attest.Digest][]entry{}
	for _, e := range v.entries {
		switch {
		case e.kind == Foreign, e.kind == Malformed:
			s.warn("not copied: %s is listed beside %s, and %s", s.name(e.manifest.Digest), d.Short(), e.detail)
		case there.holds(e):
			sum.Present++
		default:
			byTarget[e.target] = append(byTarget[e.target], e)
		}
	}
	for target, entries := range byTarget {
		if target != d {
			if _, err := to.anchors.do(ctx, d, func() (registry.Descriptor, error) { return to.writeAnchor(ctx, d) }); err != nil {
				return sum, err
			}
		}
		c, err := s.carryEntries(ctx, to, target, entries, 1)
		sum.Add(c)
		if err != nil {
			return sum, err
		}
		to.direct.set(d, func(old *view, known bool) *view {
			if !known {
				old = there
			}
			for _, e := range entries {
				e.mine = true
				old = old.with(to, e)
			}
			return old
		})
	}
	if d.Algorithm != "sha256" {
		return sum, nil
	}
	var att registry.Manifest
	if v.att != nil {
		att = v.att.manifest
	}
	c, err := s.carryTag(ctx, to, tagOf(d, tagAtt), att)
	sum.Add(c)
	if err != nil {
		return sum, err
	}
	sig, err := s.tagged(ctx, tagOf(d, tagSig))
	if err != nil {
		return sum, err
	}
	c, err = s.carryTag(ctx, to, tagOf(d, tagSig), sig)
	sum.Add(c)
	return sum, err
}

// holds reports whether a view has the evidence of an entry, in this manifest or another. What is no evidence is looked at blob by blob.
func (v *view) holds(e entry) bool {
	return len(e.candidates) > 0 && !slices.ContainsFunc(e.candidates, func(c candidate) bool { return !v.refers(c.layer.Digest, e.target) })
}

// carryEntries copies manifests that refer to one target: what they name, then themselves, then what refers to them.
func (s *Store) carryEntries(ctx context.Context, to *Store, target attest.Digest, entries []entry, depth int) (Copied, error) {
	var all tally
	var mu sync.Mutex
	var kept []entry
	tagged := to.without.Load()
	err := some(ctx, entries, &all, func(ctx context.Context, e entry) (Copied, error) {
		c, err := s.carryBlobs(ctx, to, e)
		var gone goneError
		if errors.As(err, &gone) {
			s.warn("not copied: %s names content %s, which is gone", s.name(e.manifest.Digest), gone.digest)
			return c, nil
		}
		if err != nil {
			return c, err
		}
		mu.Lock()
		kept = append(kept, e)
		mu.Unlock()
		c.Manifests++
		return c, to.putReferrer(ctx, target, typed(e.manifest), tagged)
	})
	if err != nil {
		return all.sum, err
	}
	stored := make([]registry.Manifest, len(kept))
	for i, e := range kept {
		stored[i] = typed(e.manifest)
	}
	if err := to.show(ctx, target, stored, tagged); err != nil {
		return all.sum, err
	}
	for _, e := range kept {
		to.know(typed(e.manifest))
		if len(e.candidates) > 0 || depth == maxCarryDepth { // nothing is said about evidence but by other evidence about the image
			continue
		}
		more, err := s.referring(ctx, e.manifest.Digest)
		if err != nil || len(more) == 0 {
			if err != nil {
				return all.sum, err
			}
			continue
		}
		c, err := s.carryEntries(ctx, to, e.manifest.Digest, more, depth+1)
		all.add(c)
		if err != nil {
			return all.sum, err
		}
	}
	return all.sum, nil
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
func (s *Store) referring(ctx context.Context, d attest.Digest) ([]entry, error) {
	l, err := s.listing(ctx, d)
	if err != nil {
		return nil, err
	}
	v := &view{}
	if err := s.gather(ctx, v, l); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(v.entries, func(e entry) bool { return e.kind == Foreign || e.kind == Malformed }), nil
}

func (s *Store) carryBlobs(ctx context.Context, to *Store, e entry) (Copied, error) {
	w, err := s.decoded(e.manifest)
	if err != nil {
		return Copied{}, err
	}
	return s.carryContent(ctx, to, w, func(d attest.Digest) []byte {
		for _, c := range e.candidates {
			if c.layer.Digest == d && c.id.IsZero() && c.err == nil {
				return c.data
			}
		}
		return nil
	})
}

// carryContent copies what a manifest names. What was read already is sent from memory.
func (s *Store) carryContent(ctx context.Context, to *Store, w manifest, known func(attest.Digest) []byte) (Copied, error) {
	var c Copied
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
			if _, err := to.putBlob(ctx, content, b.MediaType); err != nil {
				return c, err
			}
			continue
		}
		how, err := to.repo.CopyBlob(ctx, b, s.repo)
		switch {
		case registry.IsNotFound(err):
			if has, headErr := s.repo.HasBlob(ctx, b); headErr == nil && !has {
				err = goneError{b.Digest}
			}
			return c, err
		case err != nil:
			return c, err
		case how == registry.Uploaded:
			c.Blobs, c.Bytes = c.Blobs+1, c.Bytes+b.Size
		case how == registry.Mounted:
			c.Mounted++
		default:
			c.Present++
		}
	}
	return c, nil
}

// goneError says that content is named here and not there any more.
type goneError struct{ digest attest.Digest }

func (e goneError) Error() string { return "content " + e.digest.String() + " is named, and gone" }

// carryTag copies what one of cosign's older tags holds. What others left at it there stays.
func (s *Store) carryTag(ctx context.Context, to *Store, tag string, from registry.Manifest) (Copied, error) {
	if from.Digest.IsZero() {
		return Copied{}, nil
	}
	var w, there manifest
	if err := attest.DecodeJSON(from.Raw, &w); err != nil {
		s.warn("not copied: tag %s:%s holds no manifest", s.repo.Name(), tag)
		return Copied{}, nil //nolint:nilerr // nothing that others could read
	}
	old, err := to.tagged(ctx, tag)
	switch {
	case err != nil:
		return Copied{}, err
	case old.Digest == from.Digest:
		return Copied{Present: 1}, nil
	case !old.Digest.IsZero():
		if err := attest.DecodeJSON(old.Raw, &there); err != nil {
			return Copied{}, fmt.Errorf("tag %s:%s: %w", to.repo.Name(), tag, err)
		}
	}
	c, err := s.carryContent(ctx, to, w, func(attest.Digest) []byte { return nil })
	var gone goneError
	if errors.As(err, &gone) {
		s.warn("not copied: tag %s:%s names content %s, which is gone", s.repo.Name(), tag, gone.digest)
		return c, nil
	}
	if err != nil {
		return c, err
	}
	layers := merged(there.Layers, w.Layers)
	switch {
	case old.Digest.IsZero():
		c.Manifests++
		return c, to.putManifest(ctx, tag, typed(from))
	case len(layers) == len(there.Layers):
		return c, nil
	case len(layers) > MaxLayers:
		return c, &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("tag %s would hold %d layers, limit %d", tag, len(layers), MaxLayers)}
	}
	c.Manifests++
	return c, to.writeSignatures(ctx, tag, layers)
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
