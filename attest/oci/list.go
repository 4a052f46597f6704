// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Bounds on an evidence list. A list past one of them is ignored, and everything is fetched singly.
const (
	MaxList       = 64 << 20 // bytes of its layers
	MaxListLines  = 16 << 10 // lines
	MaxListCovers = 4096     // digests that it covers
	MaxListParts  = 2        // layers
)

const listSchema = "sealock/evidence/v1"

// beside is what lies at the tag of a subject's evidence list.
type beside struct {
	manifest registry.Manifest // zero: nothing
	header   *listHeader       // of a sound list
	anchor   bool              // no sound list, and there may be evidence that refers to the subject's anchor
}

// listHeader is the first line of an evidence list.
type listHeader struct {
	Schema  string            `json:"schema"`
	Subject string            `json:"subject"`          // that the list lies beside
	Covers  []string          `json:"covers"`           // digests about which it holds all that there was
	Att     map[string]string `json:"att,omitempty"`    // of those, the manifest at cosign's .att tag; none: there was no such tag
	Anchor  bool              `json:"anchor,omitempty"` // there may be evidence that refers to the subject's anchor
}

// listLine is any other line: manifests, or a bundle that one of the list's manifests names. Base64 holds a bundle that is not UTF-8.
type listLine struct {
	Manifests []text `json:"manifests,omitempty"`
	Bundle    text   `json:"bundle,omitempty"`
	Base64    []byte `json:"base64,omitempty"`
}

// listManifest is the manifest of a list. Lists are read in one pass, by the decoder that refuses duplicate names and invalid UTF-8: they are bounded in
// bytes, and nothing in them counts that is not hashed.
type listManifest struct {
	Config struct {
		MediaType string `json:"mediaType"`
	} `json:"config"`
	Layers []struct {
		MediaType string `json:"mediaType"`
		Digest    string `json:"digest"`
		Size      int64  `json:"size"`
		Data      []byte `json:"data"`
	} `json:"layers"`
	ArtifactType string `json:"artifactType"`
}

// beside reads the evidence list of a subject, if there is one, and takes over what it holds.
func (s *Store) beside(ctx context.Context, d attest.Digest, tags tagLister) (beside, error) {
	return s.lists.do(ctx, d, func() (beside, error) { return s.readList(ctx, d, tags) })
}

func (s *Store) readList(ctx context.Context, d attest.Digest, tags tagLister) (beside, error) {
	anchor, err := anchorOf(d)
	if err != nil {
		return beside{}, err
	}
	tag := tagOf(d, tagList)
	m, err := s.lookup(ctx, tag, tags)
	switch registry.CodeOf(err) { //nolint:exhaustive // the rest is told below
	case "":
	case registry.Malformed, registry.Limit, registry.DigestMismatch:
		s.warn("evidence list %s:%s is ignored, everything is fetched singly: %v", s.repo.Name(), tag, err)
		return beside{anchor: true}, nil
	}
	if err != nil || m.Digest.IsZero() {
		return beside{}, err
	}
	if m.Digest == anchor.Digest {
		return beside{manifest: m, anchor: true}, nil
	}
	parts, err := s.listParts(ctx, m)
	if err == nil {
		var header *listHeader
		var c contents
		if header, c, err = parseList(d, parts); err == nil {
			s.adopt(c)
			return beside{manifest: m, header: header}, nil
		}
	}
	var bad badList
	if !errors.As(err, &bad) {
		return beside{}, err
	}
	s.warn("evidence list %s:%s is ignored, everything is fetched singly: %v", s.repo.Name(), tag, err)
	return beside{manifest: m, anchor: true}, nil
}

// badList says what is wrong with a list: it is a cache, so it is not needed.
type badList struct{ error }

func bad(format string, args ...any) error { return badList{fmt.Errorf(format, args...)} }

// cutContent takes the content that stands within a list's manifest, nearly all of it, out of it and leaves its first bytes there: a JSON decoder would
// look at each byte of it twice. A manifest in which no such content stands as base64, or in several places, comes back as it is.
func cutContent(raw []byte) (rest, content []byte) {
	before, after, found := bytes.Cut(raw, []byte(`"data":"`))
	end := bytes.IndexByte(after, '"')
	if !found || end <= 0 || bytes.Contains(after[end:], []byte(`"data":"`)) {
		return raw, nil
	}
	content, err := base64.StdEncoding.Strict().AppendDecode(nil, after[:end])
	if err != nil || base64.StdEncoding.EncodedLen(len(content)) != end { // it skips line ends, which no JSON string has
		return raw, nil
	}
	return slices.Concat(before, []byte(`"data":"`), after[:4], after[end:]), content
}

// listParts gives the layers of a list, from within its manifest where they stand there.
func (s *Store) listParts(ctx context.Context, m registry.Manifest) ([][]byte, error) {
	rest, content := cutContent(m.Raw)
	var w listManifest
	if err := json.Unmarshal(rest, &w); err != nil {
		return nil, bad("it is no manifest: %w", err)
	}
	for i := range w.Layers {
		if content != nil && len(w.Layers[i].Data) > 0 { // the one place where it was
			w.Layers[i].Data = content
		}
	}
	if w.Config.MediaType != TypeList || w.ArtifactType != TypeList {
		return nil, bad("its type is %.100q, expected %s", w.ArtifactType, TypeList)
	}
	if len(w.Layers) == 0 || len(w.Layers) > MaxListParts {
		return nil, bad("it has %d layers, expected 1 to %d", len(w.Layers), MaxListParts)
	}
	left := int64(MaxList)
	var parts [][]byte
	for i, layer := range w.Layers {
		digest, err := attest.ParseDigest(layer.Digest)
		if err != nil || layer.MediaType != TypeListPart || layer.Size < 0 {
			return nil, bad("layer %d is %.100q of type %.100q with %d bytes, expected %s", i, layer.Digest, layer.MediaType, layer.Size, TypeListPart)
		}
		if left -= layer.Size; left < 0 {
			return nil, bad("it has more than %d bytes (limit of sealock)", MaxList)
		}
		part := layer.Data // needs no hash of its own: what is in it has
		if len(part) == 0 {
			if part, err = s.repo.ReadBlob(ctx, registry.Descriptor{Digest: digest, Size: layer.Size}, MaxList); err != nil {
				switch registry.CodeOf(err) { //nolint:exhaustive // the rest is told below
				case registry.NotFound, registry.DigestMismatch, registry.Malformed, registry.Limit:
					return nil, bad("layer %d: %w", i, err)
				}
				return nil, err
			}
		}
		if int64(len(part)) != layer.Size {
			return nil, bad("layer %d has %d bytes, expected %d", i, len(part), layer.Size)
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// parseList reads a list. What does not hold together makes the whole of it useless.
func parseList(d attest.Digest, parts [][]byte) (*listHeader, contents, error) {
	c := newContents()
	var header *listHeader
	layers := map[attest.Digest]bool{} // that its manifests name
	lines := 0
	for _, part := range parts {
		for line := range bytes.Lines(part) {
			if lines++; lines > MaxListLines {
				return nil, c, bad("it has more than %d lines (limit of sealock)", MaxListLines)
			}
			if header == nil {
				header = &listHeader{}
				if err := parseHeader(d, line, header, c); err != nil {
					return nil, c, err
				}
				continue
			}
			if err := parseLine(line, c, layers); err != nil {
				return nil, c, bad("line %d: %w", lines, err)
			}
		}
	}
	if header == nil {
		return nil, c, bad("it is empty")
	}
	for digest := range c.blobs {
		if !layers[digest] {
			return nil, c, bad("it holds content %s that none of its manifests names", digest)
		}
	}
	for covered, cover := range c.covered {
		if _, there := c.manifests[cover.att]; !there && !cover.att.IsZero() {
			return nil, c, bad("it lacks manifest %s, named by the .att tag of %s", cover.att, covered)
		}
	}
	return header, c, nil
}

func parseHeader(d attest.Digest, line []byte, h *listHeader, c contents) error {
	if err := attest.DecodeJSON(line, h); err != nil {
		return bad("its first line: %w", err)
	}
	if h.Schema != listSchema {
		return bad("its schema is %.100q, expected %q", h.Schema, listSchema)
	}
	if h.Subject != d.String() {
		return bad("it is about %.200q, expected %s", h.Subject, d)
	}
	if len(h.Covers) > MaxListCovers {
		return bad("it covers %d digests, limit %d", len(h.Covers), MaxListCovers)
	}
	for _, text := range h.Covers {
		covered, err := attest.ParseDigest(text)
		if err != nil {
			return bad("covers: %w", err)
		}
		var cover coverage
		if att := h.Att[text]; att != "" {
			if cover.att, err = attest.ParseDigest(att); err != nil {
				return bad("att: %w", err)
			}
		}
		if covered != d { // about its own subject a list only saves requests; the listing counts
			c.covered[covered] = cover
		}
	}
	return nil
}

func parseLine(line []byte, c contents, layers map[attest.Digest]bool) error {
	if bundle := bundleOf(line); bundle != nil {
		c.blobs[attest.SHA256(bundle)] = bundle
		return nil
	}
	var l listLine
	if err := json.Unmarshal(line, &l); err != nil {
		return err
	}
	if len(l.Bundle) > 0 && l.Base64 != nil {
		return errors.New("it holds two bundles")
	}
	for _, raw := range l.Manifests {
		m := registry.Manifest{Raw: raw}
		m.Digest = attest.SHA256(m.Raw)
		var w manifest
		if err := attest.DecodeJSON(m.Raw, &w); err != nil {
			return fmt.Errorf("manifest %s: %w", m.Digest, err)
		}
		if m.MediaType = w.MediaType; m.MediaType == "" {
			return fmt.Errorf("manifest %s does not say its type", m.Digest)
		}
		for _, layer := range w.Layers {
			layers[layer.Digest] = true
		}
		c.addManifest(m, w)
	}
	bundle := l.Base64
	if len(l.Bundle) > 0 {
		bundle = l.Bundle
	}
	if len(bundle) > 0 {
		c.blobs[attest.SHA256(bundle)] = bundle
	}
	return nil
}
