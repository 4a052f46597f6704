// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

const (
	maxRepairs = 64                    // attempts to complete an index that others write as well
	repairWait = 10 * time.Millisecond // between two of them, growing with each
	maxRepair  = 500 * time.Millisecond
)

// referrersTag reads the index at the referrers tag (distribution specification 1.1, "Referrers Tag Schema"). Nothing there is an empty index.
func (s *Store) referrersTag(ctx context.Context, target attest.Digest) (index, []registry.Descriptor, error) {
	x := index{SchemaVersion: 2, MediaType: registry.TypeIndex, Manifests: []json.RawMessage{}}
	tag := tagOf(target, "")
	m, err := s.repo.Manifest(ctx, tag)
	if registry.IsNotFound(err) {
		return x, nil, nil
	}
	if err != nil {
		return x, nil, err
	}
	s.met.Store(&tag)
	bad := func(err error) error {
		return fmt.Errorf("tag %s, which should hold the index of what refers to %s: %w\nhint: delete or mend the tag", tag, target, err)
	}
	var found struct {
		Manifests []registry.Descriptor `json:"manifests"`
		Config    *json.RawMessage      `json:"config"`
	}
	if err := attest.DecodeJSON(m.Raw, &found); err != nil {
		return x, nil, bad(err)
	}
	if found.Config != nil {
		return x, nil, bad(errors.New("expected an index, found an image manifest"))
	}
	if err := attest.DecodeJSON(m.Raw, &x); err != nil {
		return x, nil, bad(err)
	}
	return x, found.Manifests, nil
}

// allTags lists the tags of the repository, as they are now. Where there is no repository yet, or it lists no tags, the index is all there is.
func (s *Store) allTags(ctx context.Context) ([]string, error) {
	tags, err := s.tags.do(ctx, func() ([]string, error) { return s.repo.Tags(ctx, "") })
	switch registry.CodeOf(err) { //nolint:exhaustive // the rest is told by the caller
	case registry.NotFound, registry.Unsupported:
		return nil, nil
	}
	if err == nil {
		s.enumerated.Store(true)
	}
	return tags, err
}

// ownTags gives the referrers that have a tag of their own, without those that are listed already.
func (s *Store) ownTags(ctx context.Context, tags []string, target attest.Digest, listed []attest.Digest) ([]registry.Manifest, error) {
	have := map[string]bool{}
	for _, d := range listed {
		have[d.Hex[:shortHex]] = true
	}
	var missing []string
	for _, tag := range tags {
		if short, own := isOwnTag(target, tag); own && !have[short] {
			missing = append(missing, tag)
		}
	}
	if len(missing) > MaxEntries {
		return nil, &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("more than %d tags of referrers of %s", MaxEntries, target)}
	}
	found, err := fetched(ctx, missing, s.tagged)
	var out []registry.Manifest
	for i, m := range found {
		var w manifest
		switch {
		case m.Digest.IsZero(): // gone since
		case !strings.HasPrefix(m.Digest.Hex, missing[i][len(missing[i])-shortHex:]), attest.DecodeJSON(m.Raw, &w) != nil,
			w.Subject == nil, w.Subject.Digest != target:
			s.warn("tag %s:%s is ignored: it does not name a referrer of %s", s.repo.Name(), missing[i], target)
		default:
			out = append(out, m)
		}
	}
	return out, err
}

// repair completes indexes at referrers tags until they hold what was written, which has tags of its own, and every other referrer that has one.
//
// There is no compare-and-swap: a writer may overwrite the index of another who read it at the same time. But each has written its tag
// before the index, and reads the tags again after it. So whoever writes the index last sees the tags of all whom it overwrote, and does not
// leave before they are in.
func (s *Store) repair(ctx context.Context, written referring) error {
	left := slices.Collect(maps.Keys(written))
	for n := range maxRepairs {
		tags := s.tagsOf(ctx, true)
		complete, err := fetched(ctx, left, func(ctx context.Context, target attest.Digest) (bool, error) {
			return s.repairOne(ctx, target, written[target], tags)
		})
		if err != nil {
			return err
		}
		var again []attest.Digest
		for i, target := range left {
			if !complete[i] {
				again = append(again, target)
			}
		}
		if left = again; len(left) == 0 {
			return nil
		}
		if n > 0 { // someone else is writing too
			if err := wait(ctx, min(repairWait*time.Duration(n), maxRepair)); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("after %d attempts the index of what refers to %s does not hold what was written\nhint: try again; many may be writing at once", maxRepairs, left[0])
}

// repairOne completes one index, once. It was complete before where it says so.
func (s *Store) repairOne(ctx context.Context, target attest.Digest, written []registry.Manifest, tags tagLister) (complete bool, err error) {
	var x index
	var listed []registry.Descriptor
	var all []string
	err = both(ctx, func(ctx context.Context) (err error) {
		x, listed, err = s.referrersTag(ctx, target)
		return err
	}, func(context.Context) (err error) {
		all, err = tags.all()
		return err
	})
	if err != nil {
		return false, err
	}
	var have []attest.Digest
	for _, d := range listed {
		have = append(have, d.Digest)
	}
	lacking := slices.DeleteFunc(slices.Clone(written), func(m registry.Manifest) bool { return slices.Contains(have, m.Digest) })
	for _, m := range lacking {
		have = append(have, m.Digest)
	}
	missing, err := s.ownTags(ctx, all, target, have)
	if err != nil {
		return false, err
	}
	if missing = append(missing, lacking...); len(missing) == 0 {
		return true, nil
	}
	return false, s.writeIndex(ctx, target, x, listed, missing)
}

// writeIndex writes the index with what was missing. Entries of others stay as they are; those whose manifest is gone are left out if the
// registry minds them.
func (s *Store) writeIndex(ctx context.Context, target attest.Digest, x index, listed []registry.Descriptor, missing []registry.Manifest) error {
	if len(x.Manifests)+len(missing) > MaxEntries {
		return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("more than %d manifests refer to %s", MaxEntries, target)}
	}
	kept := x.Manifests
	for n := 0; ; n++ {
		x.Manifests = slices.Clone(kept)
		for _, m := range missing {
			entry, err := json.Marshal(pulledUp(m))
			if err != nil {
				return err
			}
			x.Manifests = append(x.Manifests, entry)
		}
		raw, err := json.Marshal(x)
		if err != nil {
			return err
		}
		_, err = s.repo.PutManifest(ctx, tagOf(target, ""), registry.TypeIndex, raw)
		if !lacksParts(err) || n == maxShown {
			return err
		}
		if kept, listed, err = s.present(ctx, kept, listed); err != nil {
			return err
		}
		if err := wait(ctx, firstWait<<n); err != nil {
			return err
		}
	}
}

// present gives the entries of an index whose manifest is there.
func (s *Store) present(ctx context.Context, entries []json.RawMessage, listed []registry.Descriptor) ([]json.RawMessage, []registry.Descriptor, error) {
	var left []json.RawMessage
	var still []registry.Descriptor
	for i, d := range listed {
		_, err := s.repo.Head(ctx, d.Digest.String())
		if registry.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		left, still = append(left, entries[i]), append(still, d)
	}
	return left, still, nil
}

// pulledUp is the index entry of a referrer: with its artifact type and annotations, as the specification asks.
func pulledUp(m registry.Manifest) registry.Descriptor {
	d := m.Descriptor()
	var w manifest
	if attest.DecodeJSON(m.Raw, &w) == nil {
		d.Annotations = w.Annotations
		if d.ArtifactType = w.ArtifactType; d.ArtifactType == "" && w.Config != nil {
			d.ArtifactType = w.Config.MediaType
		}
		if d.MediaType == "" {
			d.MediaType = w.MediaType
		}
	}
	return d
}
