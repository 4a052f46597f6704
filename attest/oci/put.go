// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
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
	return each(ctx, digests, func(ctx context.Context, d attest.Digest) error {
		if err := s.place(ctx, d, e); err != nil {
			return fmt.Errorf("under %s: %w", d, err)
		}
		return nil
	})
}

// place stores the bundle under one subject: content first, then the manifest, then whatever lists it.
func (s *Store) place(ctx context.Context, d attest.Digest, e attest.Evidence) error {
	v, err := s.own(ctx, d)
	if err != nil {
		return err
	}
	if v.has[e.BundleID()] && !v.anchored {
		return nil
	}
	layer, _ := bundleType(e.Bundle())
	var target registry.Descriptor
	err = both(ctx, func(ctx context.Context) (err error) {
		target, err = s.target(ctx, d)
		return err
	}, func(ctx context.Context) error {
		_, err := s.putBlob(ctx, emptyContent, typeEmpty)
		return err
	}, func(ctx context.Context) error {
		_, err := s.putBlob(ctx, e.Bundle(), layer)
		return err
	})
	if err != nil {
		return err
	}
	if v.refers(e.BundleID(), target.Digest) { // else it refers to the anchor, from before the image was pushed, where other tools don't look
		return nil
	}
	m, err := bundleManifest(target, e, s.o.Now())
	if err != nil {
		return err
	}
	if err := s.attach(ctx, target.Digest, m); err != nil {
		return err
	}
	s.know(m)
	s.wrote.Store(true)
	added := s.classify(m, target.Digest)
	added.mine = true
	for i := range added.candidates {
		added.candidates[i].data = e.Bundle()
	}
	s.direct.set(d, func(old *view, there bool) *view {
		if !there {
			old = v
		}
		return old.with(s, added)
	})
	return nil
}

// target is what evidence about a digest refers to.
func (s *Store) target(ctx context.Context, d attest.Digest) (registry.Descriptor, error) {
	if d.Algorithm == "sha256" {
		desc, err := s.head(ctx, d)
		if err != nil {
			return desc, err
		}
		if !desc.Digest.IsZero() {
			return s.withType(ctx, desc)
		}
	}
	return s.anchors.do(ctx, d, func() (registry.Descriptor, error) { return s.writeAnchor(ctx, d) })
}

// withType fills in the media type where a registry does not tell it.
func (s *Store) withType(ctx context.Context, desc registry.Descriptor) (registry.Descriptor, error) {
	if desc.MediaType != "" {
		return desc, nil
	}
	m, err := s.fetched(ctx, desc.Digest)
	if err != nil {
		return desc, err
	}
	var w manifest
	if desc.MediaType = registry.TypeManifest; attest.DecodeJSON(m.Raw, &w) == nil && w.MediaType != "" {
		desc.MediaType = w.MediaType
	}
	return desc, nil
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

// attach stores a referrer, and returns only when readers find it. If the registry lists it, that is all. If not, it gets a tag of its own,
// and then the index at the referrers tag is completed.
func (s *Store) attach(ctx context.Context, target attest.Digest, m registry.Manifest) error {
	tagged := s.without.Load()
	if err := s.putReferrer(ctx, target, m, tagged); err != nil {
		return err
	}
	return s.show(ctx, target, []registry.Manifest{m}, tagged)
}

// putReferrer stores a manifest that refers to another: by its digest, or tagged, where it is known that the registry lists nothing: that is as good.
func (s *Store) putReferrer(ctx context.Context, target attest.Digest, m registry.Manifest, tagged bool) error {
	if tagged {
		return s.putManifest(ctx, ownTag(target, m.Digest), m)
	}
	return s.putManifest(ctx, m.Digest.String(), m)
}

// show returns when readers find what was stored. Where the registry lists nothing, each gets a tag of its own, unless it has, and the index is completed
// from those.
func (s *Store) show(ctx context.Context, target attest.Digest, stored []registry.Manifest, tagged bool) error {
	if tagged {
		return s.repair(ctx, target, stored)
	}
	for n := range maxShown {
		found, api, err := s.referrers(ctx, target)
		if err != nil {
			return err
		}
		missing := slices.DeleteFunc(slices.Clone(stored), func(m registry.Manifest) bool {
			return slices.ContainsFunc(found, func(d registry.Descriptor) bool { return d.Digest == m.Digest })
		})
		if len(missing) == 0 {
			return nil
		}
		if !api || len(found) == 0 { // readers then look at the tag
			err := each(ctx, missing, func(ctx context.Context, m registry.Manifest) error {
				return s.putReferrer(ctx, target, m, true)
			})
			if err != nil {
				return err
			}
			return s.repair(ctx, target, missing)
		}
		if err := wait(ctx, firstWait<<n); err != nil {
			return err
		}
	}
	return fmt.Errorf("the registry accepted what refers to %s, but does not list it\nhint: try again; if it stays so, the registry's referrers API does not work", target)
}

// wait sleeps for about half to one and a half of d: so writers who meet once do not meet again.
func wait(ctx context.Context, d time.Duration) error {
	return attest.Sleep(ctx, d/2+rand.N(d)) //nolint:gosec // spreads requests, keeps no secret
}
