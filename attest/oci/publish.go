// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// maxListManifest bounds the manifest of a list, well below the 4 MiB that registries accept; maxInline is what fits into it in base64.
const (
	maxListManifest = 3 << 20
	maxInline       = (maxListManifest - 4<<10) / 4 * 3
	maxPublish      = 8       // attempts to publish a list that holds what others stored meanwhile
	maxKids         = 256     // manifests of an index that are carried
	maxCarried      = 8 << 20 // bytes of a bundle that is carried
)

// Publish writes the evidence list beside a subject: all that there is about it and about the digests that were asked for to judge it, so that the
// next to judge it needs three requests. Every listing is read again first. The list is a cache: the last writer wins, a reader
// needs none, and a failure to publish loses no evidence.
func (s *Store) Publish(ctx context.Context, subject attest.Digest, asked []attest.Digest) error {
	digests := []attest.Digest{subject}
	for _, d := range asked {
		if d.Validate() == nil && !slices.Contains(digests, d) {
			digests = append(digests, d)
		}
	}
	if err := s.publish(ctx, subject, digests); err != nil {
		return s.failed("publishing the evidence list of "+subject.Short(), err)
	}
	return nil
}

// Current reports whether publishing would change nothing worth a request: this store wrote no evidence, the subject has a sound list, and that covers all
// that was asked for.
func (s *Store) Current(ctx context.Context, subject attest.Digest, asked []attest.Digest) bool {
	b, err := s.beside(ctx, subject, s.tagsOf(ctx, false))
	if err != nil || b.header == nil || s.wrote.Load() {
		return false
	}
	return !slices.ContainsFunc(asked, func(d attest.Digest) bool { return !slices.Contains(b.header.Covers, d.String()) })
}

func (s *Store) publish(ctx context.Context, subject attest.Digest, digests []attest.Digest) error {
	if err := subject.Validate(); err != nil {
		return err
	}
	if len(digests) > MaxListCovers {
		return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("%d digests to cover, limit %d", len(digests), MaxListCovers)}
	}
	anchor, err := anchorOf(subject)
	if err != nil {
		return err
	}
	var wrote attest.Digest
	for range maxPublish {
		var views map[attest.Digest]*view
		var there registry.Manifest
		err := both(ctx, func(ctx context.Context) (err error) {
			views, err = s.reload(ctx, digests)
			return err
		}, func(ctx context.Context) (err error) {
			if there, err = s.tagged(ctx, tagOf(subject, tagList)); registry.CodeOf(err) == registry.Malformed {
				return nil
			}
			return err
		}, func(ctx context.Context) error { // read ahead: what the list is made from asks for them again
			_, err := s.images(ctx, subject)
			return err
		})
		if err != nil {
			return err
		}
		anchored := there.Digest == anchor.Digest || s.tellsAnchor(ctx, subject, there)
		l, err := s.compose(ctx, subject, digests, views, anchored)
		if err != nil {
			return err
		}
		if l.manifest.Digest == there.Digest || l.manifest.Digest == wrote {
			return nil // it is there, or nothing came in between
		}
		if err := s.write(ctx, subject, l); err != nil {
			return err
		}
		wrote = l.manifest.Digest
	}
	return nil
}

// reload reads the listings again, by themselves: what a list says about them may be old.
func (s *Store) reload(ctx context.Context, digests []attest.Digest) (map[attest.Digest]*view, error) {
	var mu sync.Mutex
	views := map[attest.Digest]*view{}
	tags := s.tagsOf(ctx, true)
	err := each(ctx, digests, func(ctx context.Context, d attest.Digest) error {
		v, err := s.load(ctx, d, true, tags)
		if err != nil {
			return fmt.Errorf("about %s: %w", d, err)
		}
		s.loaded(d, v)
		mu.Lock()
		defer mu.Unlock()
		views[d] = v
		return nil
	})
	return views, err
}

// evidenceList is a list ready to be written.
type evidenceList struct {
	manifest registry.Manifest
	parts    [][]byte
}

func (s *Store) write(ctx context.Context, subject attest.Digest, l evidenceList) error {
	if _, err := s.putBlob(ctx, emptyContent, TypeList); err != nil {
		return err
	}
	for _, part := range l.parts {
		if _, err := s.repo.PutBlob(ctx, part, TypeListPart); err != nil {
			return err
		}
	}
	return s.putManifest(ctx, tagOf(subject, tagList), l.manifest)
}

// compose makes the list. The same evidence gives the same bytes.
func (s *Store) compose(ctx context.Context, subject attest.Digest, digests []attest.Digest, views map[attest.Digest]*view, anchored bool) (evidenceList, error) {
	header := listHeader{Schema: listSchema, Subject: subject.String(), Att: map[string]string{}}
	anchor, err := anchorOf(subject)
	if err != nil {
		return evidenceList{}, err
	}
	p := packing{manifests: map[attest.Digest][]byte{}, bundles: map[attest.Digest][]byte{}}
	images, err := s.images(ctx, subject)
	if err != nil {
		return evidenceList{}, err
	}
	for _, m := range images {
		p.add(m, nil)
	}
	header.Anchor = subject.Algorithm == "sha256" && (anchored || len(images) == 0)
	for _, d := range digests {
		v, whole := views[d], true
		for _, e := range v.all() {
			whole = p.add(e.manifest, e.candidates) && whole
			header.Anchor = header.Anchor || e.target == anchor.Digest
		}
		if !whole && d != subject {
			continue // a list that lacks something must not be believed to be complete
		}
		header.Covers = append(header.Covers, d.String())
		if v.att != nil {
			header.Att[d.String()] = v.att.manifest.Digest.String()
		}
	}
	slices.Sort(header.Covers)
	parts, err := p.pack(header)
	if err != nil {
		return evidenceList{}, err
	}
	config := emptyDescriptor(TypeList)
	w := manifest{SchemaVersion: 2, MediaType: registry.TypeManifest, Config: &config, ArtifactType: TypeList}
	for i, part := range parts {
		layer := registry.Descriptor{MediaType: TypeListPart, Digest: attest.SHA256(part), Size: int64(len(part))}
		if i == 0 {
			layer.Data = part
		}
		w.Layers = append(w.Layers, layer)
	}
	m, err := encode(w)
	if err == nil && len(m.Raw) > maxListManifest {
		err = fmt.Errorf("the list's manifest has %d bytes, limit %d", len(m.Raw), maxListManifest)
	}
	return evidenceList{m, parts}, err
}

// images gives the subject itself, if it is a manifest of the repository, and the manifests that it names, if it is an index.
func (s *Store) images(ctx context.Context, subject attest.Digest) ([]registry.Manifest, error) {
	if subject.Algorithm != "sha256" {
		return nil, nil
	}
	m, err := s.fetched(ctx, subject)
	if registry.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var w struct {
		Manifests []registry.Descriptor `json:"manifests"`
	}
	if err := attest.DecodeJSON(m.Raw, &w); err != nil || len(w.Manifests) > maxKids {
		return []registry.Manifest{m}, nil //nolint:nilerr // judged by whoever resolves the subject
	}
	children, err := fetched(ctx, w.Manifests, func(ctx context.Context, child registry.Descriptor) (registry.Manifest, error) {
		k, err := s.manifest(ctx, child.Digest)
		if registry.IsNotFound(err) {
			return registry.Manifest{}, nil
		}
		return k, err
	})
	return append([]registry.Manifest{m}, slices.DeleteFunc(children, func(k registry.Manifest) bool { return k.Digest.IsZero() })...), err
}

// packing collects what goes into a list.
type packing struct{ manifests, bundles map[attest.Digest][]byte }

// add takes a manifest with its candidates. False: it can't be carried, because its raw form does not say its media type; nothing in a list
// is believed that is not hashed.
func (p *packing) add(m registry.Manifest, candidates []candidate) bool {
	var w manifest
	if attest.DecodeJSON(m.Raw, &w) != nil || w.MediaType == "" {
		return false
	}
	p.manifests[m.Digest] = m.Raw
	for _, c := range candidates {
		if c.err == nil && len(c.data) > 0 && len(c.data) <= maxCarried {
			p.bundles[c.layer.Digest] = c.data
		}
	}
	return true
}

// pack lays the header and the small lines into the first part, which stands in the manifest, the rest into a second. Bundles that don't fit are
// left out, to be fetched singly; manifests that don't are an error, or the list would hide evidence about what it covers.
func (p *packing) pack(header listHeader) ([][]byte, error) {
	if n := 1 + len(p.manifests) + len(p.bundles); n > MaxListLines {
		return nil, &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("%d manifests and bundles, limit %d", n, MaxListLines)}
	}
	head, err := attest.EncodeJSON(header)
	if err != nil {
		return nil, err
	}
	first, second := append(head, '\n'), []byte(nil)
	if len(first) > maxInline {
		return nil, errors.New("the header of the list is too long")
	}
	for _, carry := range []struct {
		content map[attest.Digest][]byte
		needed  bool
		line    func([]byte) listLine
	}{{p.manifests, true, manifestLine}, {p.bundles, false, bundleLine}} {
		lines, err := lines(carry.content, carry.line)
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			switch {
			case len(first)+len(line) <= maxInline:
				first = append(first, line...)
			case len(first)+len(second)+len(line) <= MaxList:
				second = append(second, line...)
			case carry.needed:
				return nil, &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("the manifests of all evidence have more than %d bytes", MaxList)}
			}
		}
	}
	if second == nil {
		return [][]byte{first}, nil
	}
	return [][]byte{first, second}, nil
}

func manifestLine(raw []byte) listLine { return listLine{Manifests: []text{raw}} }

func bundleLine(bundle []byte) listLine {
	if utf8.Valid(bundle) {
		return listLine{Bundle: bundle}
	}
	return listLine{Base64: bundle}
}

// lines writes content as lines, small ones first.
func lines(content map[attest.Digest][]byte, line func([]byte) listLine) ([][]byte, error) {
	var out [][]byte
	for _, b := range content {
		line, err := attest.EncodeJSON(line(b))
		if err != nil {
			return nil, err
		}
		out = append(out, append(line, '\n'))
	}
	slices.SortFunc(out, func(a, b []byte) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return bytes.Compare(a, b)
	})
	return out, nil
}
