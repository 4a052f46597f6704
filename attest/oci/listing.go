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

// listing is what refers to one manifest.
type listing struct {
	target  attest.Digest
	digests []attest.Digest
	api     bool // the registry has a referrers API
}

func (l *listing) add(d attest.Digest) {
	if !slices.Contains(l.digests, d) {
		l.digests = append(l.digests, d)
	}
}

// referrers asks the referrers API, unless the registry has said that it has none.
func (s *Store) referrers(ctx context.Context, target attest.Digest) (found []registry.Descriptor, api bool, err error) {
	if s.without.Load() {
		return nil, false, nil
	}
	found, api, never, err := s.repo.ReferrersOrNone(ctx, target)
	if never {
		s.without.Store(true)
	}
	return found, api, err
}

// listing asks the referrers API and, where there is none or it shows nothing, the index at the referrers tag.
func (s *Store) listing(ctx context.Context, target attest.Digest, tags tagLister) (listing, error) {
	l := listing{target: target}
	found, api, err := s.referrers(ctx, target)
	if err != nil {
		return l, err
	}
	if l.api = api; (!api || len(found) == 0) && s.maybe(tagOf(target, ""), tags) {
		if _, found, err = s.referrersTag(ctx, target); err != nil {
			return l, err
		}
	}
	if len(found) > MaxEntries {
		return l, &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("%d manifests refer to %s, limit %d", len(found), target, MaxEntries)}
	}
	seen := map[attest.Digest]bool{}
	for _, d := range found {
		if !seen[d.Digest] {
			seen[d.Digest] = true
			l.digests = append(l.digests, d.Digest)
		}
	}
	return l, nil
}

// tagLister gives the tags of a repository as they were when, or after, it was made.
type tagLister struct {
	all    func() ([]string, error)
	needed bool // they will be, so what they answer is not asked for
}

// tagsOf lists the tags once, for several who ask, and only if one does.
func (s *Store) tagsOf(ctx context.Context, needed bool) tagLister {
	return tagLister{sync.OnceValues(func() ([]string, error) { return s.allTags(ctx) }), needed}
}

// maybe reports whether a tag may be there. Where there is no referrers API and all tags are listed anyway, one that is not among them is not asked for;
// unless the list lacks a tag that was met: some registries don't show all.
func (s *Store) maybe(tag string, tags tagLister) bool {
	if !tags.needed && !s.enumerated.Load() || !s.without.Load() {
		return true
	}
	all, err := tags.all()
	met := s.met.Load()
	return err != nil || len(all) == 0 || slices.Contains(all, tag) || met != nil && !slices.Contains(all, *met)
}

// fromTags completes a listing from the tags that each referrer of ours has of its own where there is no referrers API.
func (s *Store) fromTags(ctx context.Context, l *listing, tags tagLister) error {
	all, err := tags.all()
	if err != nil {
		return err
	}
	found, err := s.ownTags(ctx, all, l.target, l.digests)
	if err != nil {
		return err
	}
	for _, m := range found {
		l.add(m.Digest)
	}
	return nil
}
