// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

const (
	maxShown  = 6                     // looks at a listing that does not show what was written
	firstWait = 50 * time.Millisecond // between two of them, doubled each time
)

// Put stores the bundle as a referrer of each subject: of its manifest if the repository has it, else of its anchor. A bundle that refers to a
// subject already is not written again. See attest.Store.
func (s *Store) Put(ctx context.Context, e attest.Evidence) error {
	if err := s.put(ctx, e); err != nil {
		return s.failed("storing evidence "+e.ID().Short(), err)
	}
	return nil
}

func (s *Store) put(ctx context.Context, e attest.Evidence) error {
	if e.ID().IsZero() || e.BundleID().IsZero() {
		return errors.New("the evidence is empty: it was not verified")
	}
	if s.o.Now == nil {
		return errors.New("this store was opened without a clock, for reading only")
	}
	digests := places(e.Statement())
	if len(digests) == 0 {
		return errors.New("no subject has a digest of a known algorithm, so nobody would find it")
	}
	under := func(d attest.Digest, err error) error {
		if err != nil {
			err = fmt.Errorf("under %s: %w", d, err)
		}
		return err
	}
	tags := s.tagsOf(ctx, false)
	views, err := fetched(ctx, digests, func(ctx context.Context, d attest.Digest) (*view, error) {
		v, err := s.own(ctx, d, tags)
		return v, under(d, err)
	})
	if err != nil {
		return err
	}
	tagged := s.without.Load()
	placed, err := fetched(ctx, views, func(ctx context.Context, v *view) (registry.Manifest, error) {
		m, err := s.place(ctx, v, e, tagged)
		return m, under(v.about, err)
	})
	if err != nil {
		return err
	}
	return s.shown(ctx, e, views, placed, tagged)
}

// place stores the bundle under one subject, content first, and gives the manifest, which nothing may list yet. The zero Manifest: it is there.
func (s *Store) place(ctx context.Context, v *view, e attest.Evidence, tagged bool) (registry.Manifest, error) {
	var none registry.Manifest
	if v.has[e.BundleID()] && !v.anchored {
		return none, nil
	}
	layer, _ := bundleType(e.Bundle())
	var target registry.Descriptor
	err := both(ctx, func(ctx context.Context) (err error) {
		target, err = s.target(ctx, v.about)
		return err
	}, func(ctx context.Context) error {
		_, err := s.putBlob(ctx, emptyContent, typeEmpty)
		return err
	}, func(ctx context.Context) error {
		_, err := s.putBlob(ctx, e.Bundle(), layer)
		return err
	})
	if err != nil {
		return none, err
	}
	if v.refers(e.BundleID(), target.Digest) { // else it refers to the anchor, from before the image was pushed, where other tools don't look
		return none, nil
	}
	m, err := bundleManifest(target, e, s.o.Now())
	if err != nil {
		return none, err
	}
	return m, s.putReferrer(ctx, target.Digest, m, tagged)
}

// shown ends a Put: when it returns, readers find what was placed under each of the subjects.
func (s *Store) shown(ctx context.Context, e attest.Evidence, views []*view, placed []registry.Manifest, tagged bool) error {
	stored := referring{}
	targets := make([]attest.Digest, len(placed))
	for i, m := range placed {
		if m.Digest.IsZero() {
			continue
		}
		w, err := s.decoded(m)
		if err != nil {
			return err
		}
		targets[i] = w.Subject.Digest
		stored.add(w.Subject.Digest, m)
	}
	if len(stored) == 0 {
		return nil
	}
	if err := s.show(ctx, stored, tagged); err != nil {
		return err
	}
	s.wrote.Store(true)
	for i, m := range placed {
		if m.Digest.IsZero() {
			continue
		}
		s.know(m)
		added := s.classify(m, targets[i])
		added.mine = true
		for j := range added.candidates {
			added.candidates[j].data = e.Bundle()
		}
		s.direct.set(views[i].about, func(old *view, there bool) *view {
			if !there {
				old = views[i]
			}
			return old.with(s, added)
		})
	}
	return nil
}

// target is what evidence about a digest refers to. It is read, not only asked for: whoever lists the evidence needs it.
func (s *Store) target(ctx context.Context, d attest.Digest) (registry.Descriptor, error) {
	if d.Algorithm == "sha256" {
		m, err := s.manifests.do(ctx, d, func() (registry.Manifest, error) { return s.repo.Direct().Manifest(ctx, d.String()) })
		if err == nil {
			return typed(m).Descriptor(), nil
		}
		if !registry.IsNotFound(err) {
			return registry.Descriptor{}, err
		}
	}
	return s.anchor(ctx, d)
}

// anchor is the manifest that stands for a digest, written once.
func (s *Store) anchor(ctx context.Context, d attest.Digest) (registry.Descriptor, error) {
	return s.anchors.do(ctx, d, func() (registry.Descriptor, error) { return s.writeAnchor(ctx, d) })
}

// writeAnchor makes the manifest that stands for a digest. For one that could be a manifest's it also lies at the tag of the evidence list
// until there is one: so a reader, who looks there anyway, learns whether there is an anchor to ask about.
func (s *Store) writeAnchor(ctx context.Context, d attest.Digest) (registry.Descriptor, error) {
	m, err := anchorOf(d)
	if err != nil {
		return registry.Descriptor{}, err
	}
	if _, err := s.putBlob(ctx, emptyContent, typeEmpty); err != nil { // registries want to have what a manifest names
		return registry.Descriptor{}, err
	}
	if err := s.putManifest(ctx, tagOf(d, tagSubject), m); err != nil {
		return registry.Descriptor{}, err
	}
	s.know(m)
	if d.Algorithm != "sha256" {
		return m.Descriptor(), nil
	}
	tag := tagOf(d, tagList)
	there, err := s.tagged(ctx, tag)
	if err != nil {
		return registry.Descriptor{}, err
	}
	if there.Digest != m.Digest && !s.tellsAnchor(ctx, d, there) {
		if err := s.putManifest(ctx, tag, m); err != nil {
			return registry.Descriptor{}, err
		}
	}
	return m.Descriptor(), nil
}

// tellsAnchor reports whether a list sends readers to the anchor too.
func (s *Store) tellsAnchor(ctx context.Context, d attest.Digest, list registry.Manifest) bool {
	if list.Digest.IsZero() {
		return false
	}
	parts, err := s.listParts(ctx, list)
	if err != nil {
		return false
	}
	header, _, err := parseList(d, parts)
	return err == nil && header.Anchor
}

// putManifest stores a manifest whose blobs are there. A registry may say for a moment that they are not, while others upload the same ones
// (distribution 3.1.2 does, on a file system); that is waited out.
func (s *Store) putManifest(ctx context.Context, ref string, m registry.Manifest) error {
	return putManifest(ctx, s.repo, ref, m)
}

func putManifest(ctx context.Context, to Target, ref string, m registry.Manifest) error {
	for n := 0; ; n++ {
		_, err := to.PutManifest(ctx, ref, m.MediaType, m.Raw)
		if !lacksParts(err) || n == maxShown {
			return err
		}
		if err := wait(ctx, firstWait<<n); err != nil {
			return err
		}
	}
}

// lacksParts reports whether a registry refuses a manifest because it does not know what that names.
func lacksParts(err error) bool {
	var e *registry.Error
	return errors.As(err, &e) && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound) && strings.Contains(e.Detail, "_UNKNOWN")
}

// putReferrer stores a manifest that refers to another: by its digest, or tagged, where it is known that the registry lists nothing: that is as good.
func (s *Store) putReferrer(ctx context.Context, target attest.Digest, m registry.Manifest, tagged bool) error {
	if tagged {
		return s.putManifest(ctx, ownTag(target, m.Digest), m)
	}
	return s.putManifest(ctx, m.Digest.String(), m)
}

// referring are manifests by what they refer to.
type referring map[attest.Digest][]registry.Manifest

func (r referring) add(target attest.Digest, m ...registry.Manifest) {
	r[target] = append(r[target], m...)
}

// show returns when readers find what was stored. Where the registry lists nothing, each has a tag of its own, or gets one, and the indexes are completed from
// those; what CarryTo left to be listed is, with it.
func (s *Store) show(ctx context.Context, stored referring, tagged bool) error {
	if tagged {
		s.mu.Lock()
		for target, m := range s.owed {
			stored.add(target, m...)
		}
		s.owed = referring{}
		s.mu.Unlock()
		return s.repair(ctx, stored)
	}
	var mu sync.Mutex
	unlisted := referring{}
	err := each(ctx, slices.Collect(maps.Keys(stored)), func(ctx context.Context, target attest.Digest) error {
		lacking, err := s.unlisted(ctx, target, stored[target])
		if err != nil {
			return err
		}
		mu.Lock()
		unlisted.add(target, lacking...)
		mu.Unlock()
		return each(ctx, lacking, func(ctx context.Context, m registry.Manifest) error { return s.putReferrer(ctx, target, m, true) })
	})
	if err != nil {
		return err
	}
	maps.DeleteFunc(unlisted, func(_ attest.Digest, m []registry.Manifest) bool { return len(m) == 0 })
	return s.repair(ctx, unlisted)
}

// unlisted gives what a registry will not list because it has no referrers API, or an empty one. It waits for a listing that lags behind.
func (s *Store) unlisted(ctx context.Context, target attest.Digest, stored []registry.Manifest) ([]registry.Manifest, error) {
	for n := range maxShown {
		found, api, err := s.referrers(ctx, target)
		if err != nil {
			return nil, err
		}
		missing := slices.DeleteFunc(slices.Clone(stored), func(m registry.Manifest) bool {
			return slices.ContainsFunc(found, func(d registry.Descriptor) bool { return d.Digest == m.Digest })
		})
		if len(missing) == 0 || !api || len(found) == 0 { // readers then look at the tag
			return missing, nil
		}
		if err := wait(ctx, firstWait<<n); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the registry accepted what refers to %s, but does not list it\nhint: try again; if it stays so, the registry's referrers API does not work", target)
}

// wait sleeps for about half to one and a half of d: so writers who meet once do not meet again.
func wait(ctx context.Context, d time.Duration) error {
	return attest.Sleep(ctx, d/2+rand.N(d)) //nolint:gosec // spreads requests, keeps no secret
}
