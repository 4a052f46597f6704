// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"fmt"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// TypePolicy is the artifact type of a policy bundle; its one layer is a gzipped tar archive.
const (
	TypePolicy      = "application/vnd.sealock.policy.v1"
	TypePolicyLayer = "application/vnd.sealock.policy.v1.tar+gzip"
)

// PolicyManifest is the manifest that holds a policy bundle. It depends on the bundle alone, so it can be signed before it is pushed.
func PolicyManifest(bundle []byte) (registry.Manifest, error) {
	config := emptyDescriptor(typeEmpty)
	return encode(manifest{SchemaVersion: 2, MediaType: registry.TypeManifest, Config: &config, ArtifactType: TypePolicy,
		Layers: []registry.Descriptor{{MediaType: TypePolicyLayer, Digest: attest.SHA256(bundle), Size: int64(len(bundle))}}})
}

// PutPolicy stores a policy bundle under its digest. Evidence about it is put next, and a tag moved to it last.
func (s *Store) PutPolicy(ctx context.Context, bundle []byte) (attest.Digest, error) {
	m, err := PolicyManifest(bundle)
	if err != nil {
		return attest.Digest{}, err
	}
	if _, err := s.putBlob(ctx, emptyContent, typeEmpty); err != nil {
		return attest.Digest{}, s.failed("storing the policy", err)
	}
	if _, err := s.putBlob(ctx, bundle, TypePolicyLayer); err != nil {
		return attest.Digest{}, s.failed("storing the policy", err)
	}
	if err := s.putManifest(ctx, m.Digest.String(), m); err != nil {
		return attest.Digest{}, s.failed("storing the policy", err)
	}
	s.know(m)
	return m.Digest, nil
}

// TagPolicy moves a tag to a policy bundle that was put.
func (s *Store) TagPolicy(ctx context.Context, tag string, bundle []byte) error {
	m, err := PolicyManifest(bundle)
	if err != nil {
		return err
	}
	if err := s.putManifest(ctx, tag, m); err != nil {
		return s.failed("tagging the policy", err)
	}
	return nil
}

// Policy fetches a policy bundle by tag or digest, of at most limit bytes. Every byte is hashed against the digest that names it. A tag without a
// manifest gives a zero digest and no error.
func (s *Store) Policy(ctx context.Context, ref string, limit int64) (bundle []byte, digest attest.Digest, err error) {
	m, err := s.policyManifest(ctx, ref)
	if err != nil || m.Digest.IsZero() {
		return nil, m.Digest, err
	}
	var w manifest
	if err := attest.DecodeJSON(m.Raw, &w); err != nil {
		return nil, m.Digest, fmt.Errorf("policy %s: reading the manifest: %w", s.name(m.Digest), err)
	}
	if w.ArtifactType != TypePolicy || len(w.Layers) != 1 || w.Layers[0].MediaType != TypePolicyLayer {
		return nil, m.Digest, fmt.Errorf("policy %s: expected an artifact of type %s with one layer, found type %.100q with %d\nhint: 'sealock policy push' stores one", s.name(m.Digest), TypePolicy, w.ArtifactType, len(w.Layers))
	}
	layer := w.Layers[0]
	if layer.Size > limit {
		return nil, m.Digest, fmt.Errorf("policy %s: the bundle has %d bytes, limit %d", s.name(m.Digest), layer.Size, limit)
	}
	var b bytes.Buffer
	if err := s.repo.Blob(ctx, layer, &b); err != nil {
		return nil, m.Digest, s.failed("fetching the policy", err)
	}
	return b.Bytes(), m.Digest, nil
}

func (s *Store) policyManifest(ctx context.Context, ref string) (registry.Manifest, error) {
	d, err := attest.ParseDigest(ref)
	if err != nil {
		m, err := s.tagged(ctx, ref)
		if err != nil {
			return m, s.failed("looking up the policy", err)
		}
		return m, nil
	}
	m, err := s.manifest(ctx, d)
	if err != nil {
		return m, s.failed("fetching the policy", err)
	}
	return m, nil
}
