// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/sealock-dev/sealock/attest"
)

// Media types of manifests (OCI image specification 1.1, and Docker's schema 2).
const (
	TypeIndex          = "application/vnd.oci.image.index.v1+json"
	TypeManifest       = "application/vnd.oci.image.manifest.v1+json"
	TypeDockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	TypeDockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
)

// Descriptor names content by its digest and size. Everything else in it is a claim.
type Descriptor struct {
	MediaType    string
	ArtifactType string
	Digest       attest.Digest
	Size         int64
	Annotations  map[string]string
	Data         []byte // the content itself, if the writer put it in; only a hash tells whether it is
}

// wireDescriptor has the fields in the order in which go-containerregistry, and with it cosign, writes them.
type wireDescriptor struct {
	MediaType    string            `json:"mediaType"`
	Size         *int64            `json:"size"`
	Digest       string            `json:"digest"`
	Data         []byte            `json:"data,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	ArtifactType string            `json:"artifactType,omitempty"`
}

// MarshalJSON writes the descriptor as cosign does, byte for byte.
func (d Descriptor) MarshalJSON() ([]byte, error) {
	if err := d.Digest.Validate(); err != nil {
		return nil, err
	}
	return attest.EncodeJSON(wireDescriptor{MediaType: d.MediaType, Size: &d.Size, Digest: d.Digest.String(), Data: d.Data, Annotations: d.Annotations, ArtifactType: d.ArtifactType})
}

// UnmarshalJSON reads a descriptor: names match exactly, the digest is well formed, the size is there and not negative.
func (d *Descriptor) UnmarshalJSON(raw []byte) error {
	var w wireDescriptor
	if err := json.Unmarshal(raw, &w); err != nil {
		return fmt.Errorf("descriptor: %w", err)
	}
	return d.take(w)
}

// UnmarshalJSONFrom is UnmarshalJSON for the decoder of this project, which then need not look over the descriptor twice.
func (d *Descriptor) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	var w wireDescriptor
	if err := json.UnmarshalDecode(from, &w); err != nil {
		return fmt.Errorf("descriptor: %w", err)
	}
	return d.take(w)
}

func (d *Descriptor) take(w wireDescriptor) error {
	digest, err := attest.ParseDigest(w.Digest)
	switch {
	case err != nil:
		return fmt.Errorf("descriptor: %w", err)
	case w.Size == nil:
		return fmt.Errorf("descriptor of %s has no size", digest.Short())
	case *w.Size < 0:
		return fmt.Errorf("descriptor of %s has size %d", digest.Short(), *w.Size)
	case len(w.Data) > MaxInline:
		return fmt.Errorf("descriptor of %s has %d bytes of data, limit %d", digest.Short(), len(w.Data), MaxInline)
	}
	*d = Descriptor{MediaType: w.MediaType, ArtifactType: w.ArtifactType, Digest: digest, Size: *w.Size, Annotations: w.Annotations, Data: w.Data}
	return nil
}

// Inline is the content that stands in the descriptor itself, if it is what the digest and the size say.
func (d Descriptor) Inline() ([]byte, bool) {
	if len(d.Data) == 0 || int64(len(d.Data)) != d.Size || attest.SHA256(d.Data) != d.Digest {
		return nil, false
	}
	return d.Data, true
}

// Manifest is a manifest as the registry sent it.
type Manifest struct {
	Digest    attest.Digest // computed from Raw
	MediaType string        // that the registry gives it; "" if it gives none that says anything
	Raw       []byte
}

// Descriptor names the manifest.
func (m Manifest) Descriptor() Descriptor {
	return Descriptor{MediaType: m.MediaType, Digest: m.Digest, Size: int64(len(m.Raw))}
}

// hasher hashes what is read. Only SHA-256 names content here, as in every registry there is.
func hasher(d attest.Digest) (hash.Hash, error) {
	if err := d.Validate(); err != nil {
		return nil, fail(Malformed, "digest").because(err)
	}
	if d.Algorithm != "sha256" {
		return nil, fail(Unsupported, "digest %s is by %s, expected sha256", d.Short(), d.Algorithm)
	}
	return sha256.New(), nil
}

func sum(h hash.Hash) attest.Digest {
	return attest.Digest{Algorithm: "sha256", Hex: hex.EncodeToString(h.Sum(nil))}
}
