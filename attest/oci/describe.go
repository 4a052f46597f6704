// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Entry is one thing that was found beside a subject.
type Entry struct {
	Kind          Kind          `json:"kind"`
	Where         string        `json:"where"`                   // "referrer", "index" or a tag
	Digest        attest.Digest `json:"-"`                       // of the manifest
	Content       attest.Digest `json:"-"`                       // of the bundle, envelope or payload
	Size          int64         `json:"size,omitempty"`          // of that, in bytes
	ArtifactType  string        `json:"artifactType,omitempty"`  // as the manifest says
	PredicateType string        `json:"predicateType,omitempty"` // as an annotation says: a claim, nothing that decides
	Detail        string        `json:"detail,omitempty"`        // why it is no evidence
}

// Describe tells everything that lies beside a digest, whether it may be evidence or not, in a stable order.
func (s *Store) Describe(ctx context.Context, d attest.Digest) ([]Entry, error) {
	if err := d.Validate(); err != nil {
		return nil, fmt.Errorf("describing evidence: %w", err)
	}
	out, err := s.describe(ctx, d)
	if err != nil {
		return nil, s.failed("describing evidence about "+d.Short(), err)
	}
	slices.SortStableFunc(out, func(a, b Entry) int {
		return strings.Compare(a.Where+a.Digest.String()+a.Content.String(), b.Where+b.Digest.String()+b.Content.String())
	})
	return out, nil
}

func (s *Store) describe(ctx context.Context, d attest.Digest) ([]Entry, error) {
	tags := s.tagsOf(ctx, true)
	v, err := s.load(ctx, d, true, tags)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for i := range v.entries {
		out = append(out, described("referrer", &v.entries[i])...)
	}
	if v.att != nil {
		out = append(out, described(tagOf(d, tagAtt), v.att)...)
	}
	for _, gone := range v.gone {
		out = append(out, Entry{Kind: Gone, Where: "referrer", Digest: gone, Detail: "listed, but the registry does not have it"})
	}
	if d.Algorithm == "sha256" {
		more, err := s.describeImage(ctx, d)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	b, err := s.beside(ctx, d, tags)
	switch {
	case err != nil || b.manifest.Digest.IsZero():
		return out, err
	case b.header != nil:
		out = append(out, Entry{Kind: List, Where: tagOf(d, tagList), Digest: b.manifest.Digest, ArtifactType: TypeList, Size: int64(len(b.manifest.Raw)),
			Detail: fmt.Sprintf("covers %d digests", len(b.header.Covers))})
	case b.anchor:
		out = append(out, Entry{Kind: Anchor, Where: tagOf(d, tagList), Digest: b.manifest.Digest, ArtifactType: TypeSubject})
	}
	return out, nil
}

// described gives the entries of one manifest: its candidates, or the manifest itself.
func described(where string, e *entry) []Entry {
	whole := Entry{Kind: e.kind, Where: where, Digest: e.manifest.Digest, ArtifactType: e.artifact, PredicateType: e.predicate, Detail: e.detail, Size: int64(len(e.manifest.Raw))}
	if e.kind == Unsigned {
		whole.Detail = "nobody signed it: never evidence"
	}
	if e.err != nil && whole.Detail == "" {
		whole.Detail = e.err.Error()
	}
	if len(e.candidates) == 0 || e.err != nil {
		return []Entry{whole}
	}
	var out []Entry
	for _, c := range e.candidates {
		x := whole
		x.Kind, x.Content, x.Size = c.kind, c.layer.Digest, c.layer.Size
		if c.err != nil {
			x.Detail = c.err.Error()
		}
		out = append(out, x)
	}
	return out
}

// describeImage tells what only an image has: plain signatures, and the children that BuildKit adds to an index.
func (s *Store) describeImage(ctx context.Context, d attest.Digest) ([]Entry, error) {
	var out []Entry
	tag := tagOf(d, tagSig)
	m, err := s.tagged(ctx, tag)
	if err != nil {
		return nil, err
	}
	var w manifest
	if !m.Digest.IsZero() && attest.DecodeJSON(m.Raw, &w) == nil {
		for _, l := range w.Layers {
			out = append(out, Entry{Kind: Signature, Where: tag, Digest: m.Digest, Content: l.Digest, Size: l.Size, ArtifactType: l.MediaType,
				Detail: "signs the image, says nothing about it"})
		}
	}
	m, err = s.manifest(ctx, d)
	if registry.IsNotFound(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	var x struct {
		Manifests []registry.Descriptor `json:"manifests"`
	}
	if attest.DecodeJSON(m.Raw, &x) != nil {
		return out, nil //nolint:nilerr // judged by whoever resolves the subject
	}
	for _, child := range x.Manifests {
		if child.Annotations[annDockerType] == dockerAttached {
			out = append(out, Entry{Kind: Unsigned, Where: "index", Digest: child.Digest, Size: child.Size, ArtifactType: child.ArtifactType,
				Detail: "attached by BuildKit, nobody signed it: never evidence"})
		}
	}
	return out, nil
}
