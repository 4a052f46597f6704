// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// view is what is known about one subject. It is never changed: Put replaces it.
type view struct {
	about    attest.Digest
	entries  []entry // referrers, by digest
	att      *entry  // cosign's older tag
	anchored bool    // something may refer to the anchor of a sha256 digest
	gone     []attest.Digest
	stored   []attest.Stored
	has      map[attest.Digest]bool // bundles
}

// view gives what is known about a subject: from the list of another subject that covers it, else from its own listing.
func (s *Store) view(ctx context.Context, d attest.Digest) (*view, error) {
	if v, ok := s.direct.get(d); ok {
		return v, nil
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	if c, covered := s.coverage(d); covered {
		return s.indirect.do(ctx, d, func() (*view, error) { return s.fromList(ctx, d, c) })
	}
	return s.own(ctx, d, s.tagsOf(ctx, false))
}

// own gives what the subject's own listing shows.
func (s *Store) own(ctx context.Context, d attest.Digest, tags tagLister) (*view, error) {
	return s.direct.do(ctx, d, func() (*view, error) { return s.load(ctx, d, false, tags) })
}

// settle waits until the lists that are being read are there: they may cover what is asked for next.
func (s *Store) settle(ctx context.Context) error {
	for _, c := range s.lists.running() {
		select {
		case <-c.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// loaded remembers the view of a subject that was read again, with what this store wrote meanwhile.
func (s *Store) loaded(d attest.Digest, v *view) {
	s.direct.set(d, func(old *view, there bool) *view {
		if there {
			v = v.withMine(s, old)
		}
		return v
	})
}

// load reads the listing of a subject and all that it names. Without full, an evidence list saves the requests that it makes needless.
func (s *Store) load(ctx context.Context, d attest.Digest, full bool, tags tagLister) (*view, error) {
	anchor, err := anchorOf(d)
	if err != nil {
		return nil, err
	}
	target, isHash := anchor.Digest, d.Algorithm == "sha256"
	if isHash {
		target = d
	}
	var b beside
	var main, second listing
	first := []func(context.Context) error{
		func(ctx context.Context) (err error) { b, err = s.beside(ctx, d, tags); return err },
		func(ctx context.Context) (err error) { main, err = s.listing(ctx, target, tags); return err },
	}
	var att *entry
	if isHash && s.o.Att {
		first = append(first, func(ctx context.Context) (err error) { att, err = s.readAtt(ctx, d, tags); return err })
	}
	if err := both(ctx, first...); err != nil {
		return nil, err
	}
	v := &view{about: d, att: att, anchored: isHash && (full || b.anchor || b.header != nil && b.header.Anchor)}
	full = full || b.header == nil
	tags.needed = tags.needed || full && !main.api
	var more []func(context.Context) error
	if full && !main.api {
		more = append(more, func(ctx context.Context) error { return s.fromTags(ctx, &main, tags) })
	}
	if v.anchored {
		more = append(more, func(ctx context.Context) (err error) {
			if second, err = s.listing(ctx, anchor.Digest, tags); err == nil && full && !second.api {
				err = s.fromTags(ctx, &second, tags)
			}
			return err
		})
	}
	if isHash && !s.o.Att && (full || b.header.Att[d.String()] != "") {
		more = append(more, func(ctx context.Context) (err error) { v.att, err = s.readAtt(ctx, d, tags); return err })
	}
	if err := both(ctx, more...); err != nil {
		return nil, err
	}
	if err := s.gather(ctx, v, main); err != nil {
		return nil, err
	}
	if v.anchored {
		if err := s.gather(ctx, v, second); err != nil {
			return nil, err
		}
	}
	return v, s.complete(ctx, v)
}

// fromList is the view of a subject that a list covers: no listing is read.
func (s *Store) fromList(ctx context.Context, d attest.Digest, c coverage) (*view, error) {
	anchor, err := anchorOf(d)
	if err != nil {
		return nil, err
	}
	v := &view{about: d}
	for _, target := range []attest.Digest{d, anchor.Digest} {
		if err := s.gather(ctx, v, listing{target: target, digests: s.claimed(target)}); err != nil {
			return nil, err
		}
	}
	if !c.att.IsZero() {
		m, err := s.manifest(ctx, c.att)
		if err != nil {
			return nil, err
		}
		if v.att, err = s.attEntry(m, d); err != nil {
			return nil, err
		}
	}
	return v, s.complete(ctx, v)
}

// gather adds the manifests of a listing to a view: those listed, and those that a list claims though they are not listed, if the registry has them.
func (s *Store) gather(ctx context.Context, v *view, l listing) error {
	listed := map[attest.Digest]bool{}
	for _, d := range l.digests {
		listed[d] = true
	}
	digests := slices.Clone(l.digests)
	for _, d := range s.claimed(l.target) {
		if !listed[d] {
			digests = append(digests, d)
		}
	}
	if len(v.entries)+len(digests) > MaxEntries {
		return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("more than %d manifests refer to one subject", MaxEntries)}
	}
	var mu sync.Mutex
	return each(ctx, digests, func(ctx context.Context, d attest.Digest) error {
		get := s.manifest
		if !listed[d] {
			get = s.fetched
		}
		m, err := get(ctx, d)
		mu.Lock()
		defer mu.Unlock()
		if registry.IsNotFound(err) {
			v.gone = append(v.gone, d)
			return nil
		}
		if err == nil {
			v.entries = append(v.entries, s.classify(m, l.target))
		}
		return err
	})
}

// readAtt reads cosign's older tag, in which each layer is an envelope.
func (s *Store) readAtt(ctx context.Context, d attest.Digest, tags tagLister) (*entry, error) {
	m, err := s.lookup(ctx, tagOf(d, tagAtt), tags)
	if err != nil || m.Digest.IsZero() {
		return nil, err
	}
	return s.attEntry(m, d)
}

func (s *Store) attEntry(m registry.Manifest, d attest.Digest) (*entry, error) {
	e := entry{manifest: m, kind: Other}
	w, err := s.decoded(m)
	if err != nil {
		e.kind = Malformed
		e.err = &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "tag " + tagOf(d, tagAtt) + " names no image manifest", Cause: err}
		return &e, nil //nolint:nilerr // it is told as an entry that is none
	}
	s.layers(&e, w)
	if e.err != nil {
		return nil, fmt.Errorf("tag %s: %w", tagOf(d, tagAtt), e.err) // one manifest holds all: nothing is known about any
	}
	return &e, nil
}

// complete puts the view in order, fetches the bundles and lists each once.
func (s *Store) complete(ctx context.Context, v *view) error {
	slices.SortFunc(v.entries, func(a, b entry) int { return compare(a.manifest.Digest, b.manifest.Digest) })
	v.entries = slices.CompactFunc(v.entries, func(a, b entry) bool { return a.manifest.Digest == b.manifest.Digest && a.kind == b.kind })
	slices.SortFunc(v.gone, compare)
	var all []*candidate
	total := int64(0)
	seen := map[attest.Digest]bool{}
	for _, e := range v.all() {
		for i := range e.candidates {
			c := &e.candidates[i]
			if c.err != nil {
				continue
			}
			all = append(all, c)
			if !seen[c.layer.Digest] {
				seen[c.layer.Digest] = true
				total += c.layer.Size
			}
			if total > MaxTotal {
				return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("more than %d bytes of bundles about one subject", MaxTotal)}
			}
		}
	}
	err := each(ctx, all, func(ctx context.Context, c *candidate) error {
		var err error
		c.data, err = s.blob(ctx, c.layer)
		if registry.IsNotFound(err) {
			c.err = &attest.Reject{Code: attest.CodeIncomplete, Detail: fmt.Sprintf("its content %s is gone", c.layer.Digest)}
			return nil
		}
		if err == nil {
			c.convert(s.o.Bundle)
		}
		return err
	})
	if err != nil {
		return err
	}
	v.conclude(s)
	return nil
}

// all gives every entry.
func (v *view) all() []*entry {
	var out []*entry
	for i := range v.entries {
		out = append(out, &v.entries[i])
	}
	if v.att != nil {
		out = append(out, v.att)
	}
	return out
}

// conclude lists the bundles, each once.
func (v *view) conclude(s *Store) {
	v.stored, v.has = nil, map[attest.Digest]bool{}
	for _, e := range v.all() {
		if e.err != nil {
			v.stored = append(v.stored, attest.Stored{Name: s.name(e.manifest.Digest), Err: e.err})
		}
		for _, c := range e.candidates {
			switch {
			case c.err != nil:
				v.stored = append(v.stored, attest.Stored{Name: c.name, Err: c.err})
			case !v.has[c.bundleID()]:
				v.has[c.bundleID()] = true
				v.stored = append(v.stored, attest.Stored{Name: c.name, Bundle: c.data, Digest: c.bundleID()})
			}
		}
	}
}

// refers reports whether the bundle is there and refers to the target.
func (v *view) refers(bundle, target attest.Digest) bool {
	return slices.ContainsFunc(v.entries, func(e entry) bool {
		return e.target == target && slices.ContainsFunc(e.candidates, func(c candidate) bool { return c.layer.Digest == bundle && c.err == nil })
	})
}

// with is the view with one more entry.
func (v *view) with(s *Store, e entry) *view {
	n := *v
	n.entries = append(slices.Clone(v.entries), e)
	slices.SortFunc(n.entries, func(a, b entry) int { return compare(a.manifest.Digest, b.manifest.Digest) })
	n.conclude(s)
	return &n
}

// withMine is the view with what this store wrote while the view was loaded.
func (v *view) withMine(s *Store, old *view) *view {
	for _, e := range old.entries {
		if e.mine && !slices.ContainsFunc(v.entries, func(o entry) bool { return o.manifest.Digest == e.manifest.Digest }) {
			v = v.with(s, e)
		}
	}
	return v
}

func compare(a, b attest.Digest) int {
	switch x, y := a.String(), b.String(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
