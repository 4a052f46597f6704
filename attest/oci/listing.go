// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"fmt"
	"slices"

	"github.com/sealock-dev/sealock/attest"
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

// listing asks the referrers API and, where there is none or it shows nothing, the index at the referrers tag.
func (s *Store) listing(ctx context.Context, target attest.Digest) (listing, error) {
	l := listing{target: target}
	found, api, err := s.repo.Referrers(ctx, target)
	if err != nil {
		return l, err
	}
	if l.api = api; !api || len(found) == 0 {
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

// fromTags completes a listing from the tags that each referrer of ours has of its own where there is no referrers API.
func (s *Store) fromTags(ctx context.Context, l *listing) error {
	found, err := s.ownTags(ctx, l.target, l.digests)
	if err != nil {
		return err
	}
	for _, m := range found {
		l.add(m.Digest)
	}
	return nil
}
