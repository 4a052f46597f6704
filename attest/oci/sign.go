// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

const (
	maxSignings = 8                      // attempts to add a signature to a tag that others write as well
	signWait    = 100 * time.Millisecond // before the tag is looked at again
	zeroTime    = "0001-01-01T00:00:00Z" // cosign writes no creation time
)

// SimpleSigning is the payload of a plain cosign signature: that an image of a repository was signed, and nothing more
// (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md).
func SimpleSigning(repository string, d attest.Digest) ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	type identity struct {
		Reference string `json:"docker-reference"`
	}
	type image struct {
		Digest string `json:"docker-manifest-digest"`
	}
	type critical struct {
		Identity identity `json:"identity"`
		Image    image    `json:"image"`
		Type     string   `json:"type"`
	}
	return attest.EncodeJSON(struct {
		Critical critical       `json:"critical"`
		Optional map[string]any `json:"optional"`
	}{Critical: critical{identity{repository}, image{d.String()}, "cosign container image signature"}})
}

// SignImage leaves a plain cosign signature at the image's .sig tag, beside those that are there. mine reports whether a signature on the same
// payload is by the same key (nil: whether it is the same signature): then there is nothing to do. The tag is read, written and looked at again;
// of many who sign at the same moment one may still be lost, which bundles are not.
func (s *Store) SignImage(ctx context.Context, image attest.Digest, payload, signature []byte, mine func(signature []byte) bool) error {
	if err := s.signImage(ctx, image, payload, signature, mine); err != nil {
		return s.failed("signing "+image.Short(), err)
	}
	return nil
}

func (s *Store) signImage(ctx context.Context, image attest.Digest, payload, signature []byte, mine func([]byte) bool) error {
	if image.Algorithm != "sha256" || image.Validate() != nil || len(payload) == 0 || len(signature) == 0 {
		return errors.New("a plain signature needs an image by sha256, a payload and a signature")
	}
	if mine == nil {
		mine = func(other []byte) bool { return bytes.Equal(other, signature) }
	}
	layer := registry.Descriptor{MediaType: typeSigning, Digest: attest.SHA256(payload), Size: int64(len(payload)),
		Annotations: map[string]string{annSignature: base64.StdEncoding.EncodeToString(signature)}}
	tag := tagOf(image, tagSig)
	wrote := false
	for range maxSignings {
		layers, err := s.signatures(ctx, tag)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(layers, func(l registry.Descriptor) bool { return l.Digest == layer.Digest && signedBy(l, mine) }) {
			return nil
		}
		if len(layers) >= MaxLayers {
			return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("tag %s holds %d signatures, limit %d", tag, len(layers), MaxLayers)}
		}
		if !wrote {
			if _, err := s.putBlob(ctx, payload, typeSigning); err != nil {
				return err
			}
		}
		if err := s.writeSignatures(ctx, tag, append(layers, layer)); err != nil {
			return err
		}
		wrote = true
		if err := wait(ctx, signWait); err != nil {
			return err
		}
	}
	return fmt.Errorf("after %d attempts tag %s does not hold the signature\nhint: try again; many may be signing at once", maxSignings, tag)
}

func signedBy(l registry.Descriptor, mine func([]byte) bool) bool {
	sig, err := base64.StdEncoding.DecodeString(l.Annotations[annSignature])
	return err == nil && mine(sig)
}

// signatures reads what the tag holds.
func (s *Store) signatures(ctx context.Context, tag string) ([]registry.Descriptor, error) {
	m, err := s.tagged(ctx, tag)
	if err != nil || m.Digest.IsZero() {
		return nil, err
	}
	var w manifest
	if err := attest.DecodeJSON(m.Raw, &w); err != nil {
		return nil, fmt.Errorf("tag %s: %w", tag, err)
	}
	for _, l := range w.Layers {
		if l.MediaType != typeSigning {
			return nil, fmt.Errorf("tag %s holds a layer of type %.100q, expected %s\nhint: it is not cosign's; delete the tag", tag, l.MediaType, typeSigning)
		}
	}
	return w.Layers, nil
}

// ImageSignature is a plain signature on an image, of which nothing is verified.
type ImageSignature struct {
	Payload     []byte
	Annotations map[string]string // the signature, and what cosign keeps beside it
}

// ImageSignatures reads the plain signatures at an image's .sig tag, each payload by its digest. None is no error.
func (s *Store) ImageSignatures(ctx context.Context, image attest.Digest) ([]ImageSignature, error) {
	if err := image.Validate(); err != nil {
		return nil, fmt.Errorf("reading the signatures of an image: %w", err)
	}
	if image.Algorithm != "sha256" { // cosign has no tag for others
		return nil, nil
	}
	layers, err := s.signatures(ctx, tagOf(image, tagSig))
	if err == nil && len(layers) > MaxLayers {
		err = &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("tag %s holds %d signatures, limit %d", tagOf(image, tagSig), len(layers), MaxLayers)}
	}
	out := make([]ImageSignature, 0, len(layers))
	for _, l := range layers {
		if err != nil {
			break
		}
		var payload []byte
		payload, err = s.repo.ReadBlob(ctx, l, attest.MaxImageSignature)
		out = append(out, ImageSignature{payload, l.Annotations})
	}
	if err != nil {
		return nil, s.failed("reading the signatures of "+image.Short(), err)
	}
	return out, nil
}

// writeSignatures writes the manifest as cosign v2 does: an image whose configuration names the layers and nothing else.
func (s *Store) writeSignatures(ctx context.Context, tag string, layers []registry.Descriptor) error {
	raw, err := signatureConfig(layers)
	if err != nil {
		return err
	}
	config, err := s.repo.PutBlob(ctx, raw, typeConfig)
	if err != nil {
		return err
	}
	m, err := encode(manifest{SchemaVersion: 2, MediaType: registry.TypeManifest, Config: &config, Layers: layers})
	if err != nil {
		return err
	}
	return s.putManifest(ctx, tag, m)
}

// signatureConfig is the image configuration of such a manifest, with the fields in the order in which go-containerregistry writes them.
func signatureConfig(layers []registry.Descriptor) ([]byte, error) {
	type created struct {
		Created string `json:"created"`
	}
	type rootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	}
	c := struct {
		Architecture string    `json:"architecture"`
		Created      string    `json:"created"`
		History      []created `json:"history"`
		OS           string    `json:"os"`
		RootFS       rootFS    `json:"rootfs"`
		Config       struct{}  `json:"config"`
	}{Created: zeroTime, RootFS: rootFS{Type: "layers"}}
	for _, l := range layers {
		c.History = append(c.History, created{zeroTime})
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, l.Digest.String())
	}
	return attest.EncodeJSON(c)
}
