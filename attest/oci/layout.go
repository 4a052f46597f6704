// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Media types of what sealock writes.
const (
	TypeSubject  = "application/vnd.sealock.subject.v1"        // anchor: stands for a subject that is no manifest of the repository
	TypeList     = "application/vnd.sealock.evidence.v1"       // evidence list
	TypeListPart = "application/vnd.sealock.evidence.v1+jsonl" // its layers; never cosign's type, or cosign takes the list for a bundle
)

// Media types of others.
const (
	typeBundle    = "application/vnd.dev.sigstore.bundle.v0.3+json"
	bundlePrefix  = "application/vnd.dev.sigstore.bundle" // of every version: "….v0.3+json", "…+json;version=0.2"
	typeDSSE      = "application/vnd.dsse.envelope.v1+json"
	typeInToto    = "application/vnd.in-toto+json"
	typeEmpty     = "application/vnd.oci.empty.v1+json"
	typeConfig    = "application/vnd.oci.image.config.v1+json"
	typeSigning   = "application/vnd.dev.cosign.simplesigning.v1+json"
	typeCosignAtt = "application/vnd.dev.cosign.artifact.att.v1+json" // cosign's experiment with OCI 1.1
	typeCosignSig = "application/vnd.dev.cosign.artifact.sig.v1+json"
)

// Annotations. None of them decides anything when it is read.
const (
	annSubject       = "dev.sealock.subject"
	annContent       = "dev.sigstore.bundle.content"
	annPredicateType = "dev.sigstore.bundle.predicateType"
	annCreated       = "org.opencontainers.image.created"
	annSignature     = "dev.cosignproject.cosign/signature"
	annDockerType    = "vnd.docker.reference.type"
	dockerAttached   = "attestation-manifest"
)

// What follows the subject's digest in a tag.
const (
	tagSubject = ".subject" // the anchor
	tagList    = ".sealock" // the evidence list; for a sha256 digest the anchor itself, as long as there is no list
	tagAtt     = ".att"     // cosign's attestations before bundles
	tagSig     = ".sig"     // cosign's signatures before bundles
)

const (
	maxTag   = 128 // characters (distribution specification 1.1)
	shortHex = 12  // hex digits of a manifest's digest in the tag that it has where there is no referrers API
)

// emptyContent is the content of every config without content.
var emptyContent = []byte("{}") //nolint:gochecknoglobals // never changed

// manifest is what of an image manifest or index matters here, with the fields in the order in which cosign writes them.
type manifest struct {
	SchemaVersion int                   `json:"schemaVersion"`
	MediaType     string                `json:"mediaType,omitempty"`
	Config        *registry.Descriptor  `json:"config,omitempty"`
	Layers        []registry.Descriptor `json:"layers"`
	Annotations   map[string]string     `json:"annotations,omitempty"`
	Subject       *registry.Descriptor  `json:"subject,omitempty"`
	ArtifactType  string                `json:"artifactType,omitempty"`
}

// index is an image index; entries of others are kept as they are.
type index struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType,omitempty"`
	Manifests     []json.RawMessage `json:"manifests"`
	Annotations   map[string]string `json:"annotations,omitempty"`
	ArtifactType  string            `json:"artifactType,omitempty"`
}

// encode writes a manifest as json.Marshal does, which is what cosign uses: the same values give the same bytes.
func encode(v any) (registry.Manifest, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return registry.Manifest{}, fmt.Errorf("writing a manifest: %w", err)
	}
	return registry.Manifest{Digest: attest.SHA256(raw), MediaType: registry.TypeManifest, Raw: raw}, nil
}

func emptyDescriptor(mediaType string) registry.Descriptor {
	return registry.Descriptor{MediaType: mediaType, Digest: attest.SHA256(emptyContent), Size: int64(len(emptyContent))}
}

// anchorOf is the manifest that stands for a digest. It depends on nothing else, so everyone makes the same and nobody has to look it up.
// Its one layer is the specification's empty one: some registries refuse a manifest without any.
func anchorOf(d attest.Digest) (registry.Manifest, error) {
	config := emptyDescriptor(TypeSubject)
	return encode(manifest{SchemaVersion: 2, MediaType: registry.TypeManifest, Config: &config,
		Layers: []registry.Descriptor{emptyDescriptor(typeEmpty)}, Annotations: map[string]string{annSubject: d.String()}, ArtifactType: TypeSubject})
}

// bundleManifest is the referrer that carries one bundle, as cosign v3.1.3 writes it (pkg/oci/remote/write.go, WriteReferrer).
func bundleManifest(target registry.Descriptor, e attest.Evidence, created time.Time) (registry.Manifest, error) {
	layerType, artifactType := bundleType(e.Bundle())
	config := emptyDescriptor(typeEmpty)
	config.ArtifactType = artifactType
	annotations := map[string]string{annCreated: created.UTC().Format(time.RFC3339), annPredicateType: e.Statement().PredicateType}
	if layerType != typeDSSE {
		annotations[annContent] = "dsse-envelope"
	}
	subject := registry.Descriptor{MediaType: target.MediaType, Digest: target.Digest, Size: target.Size}
	return encode(manifest{SchemaVersion: 2, MediaType: registry.TypeManifest, Config: &config,
		Layers:      []registry.Descriptor{{MediaType: layerType, Digest: e.BundleID(), Size: int64(len(e.Bundle()))}},
		Annotations: annotations, Subject: &subject, ArtifactType: artifactType})
}

// bundleType says how verified evidence is labelled: a bundle by its own media type, a bare envelope as cosign labels those.
func bundleType(bundle []byte) (layer, artifact string) {
	var b struct {
		MediaType   string `json:"mediaType"`
		PayloadType string `json:"payloadType"`
	}
	if err := attest.DecodeJSON(bundle, &b); err == nil {
		switch {
		case b.MediaType == "" && b.PayloadType != "":
			return typeDSSE, typeInToto
		case strings.HasPrefix(b.MediaType, bundlePrefix):
			return b.MediaType, b.MediaType
		}
	}
	return typeBundle, typeBundle
}

// tagOf is the tag of something beside a subject: its digest, or a hash of that where it is too long for a tag.
func tagOf(d attest.Digest, suffix string) string {
	if tag := d.Algorithm + "-" + d.Hex + suffix; len(tag) <= maxTag {
		return tag
	}
	return d.Algorithm + "-h" + attest.SHA256([]byte(d.String())).Hex + suffix
}

// ownTag is the tag of one referrer where there is no referrers API. The index is repaired from these.
func ownTag(target, referrer attest.Digest) string {
	return tagOf(target, "."+referrer.Hex[:shortHex])
}

// isOwnTag reports whether a tag has the form of ownTag, and the start of the referrer's digest.
func isOwnTag(target attest.Digest, tag string) (string, bool) {
	short, ok := strings.CutPrefix(tag, tagOf(target, "."))
	if !ok || len(short) != shortHex || strings.Trim(short, "0123456789abcdef") != "" {
		return "", false
	}
	return short, true
}

// places are the digests under which evidence is stored: of each subject the primary one, else the first of a known algorithm.
func places(st attest.Statement) []attest.Digest {
	var out []attest.Digest
	for _, sub := range st.Subject {
		d := sub.Digest.Primary()
		if d.IsZero() {
			for _, other := range sub.Digest.Digests() {
				if other.Known() {
					d = other
					break
				}
			}
		}
		if d.Validate() == nil && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}
