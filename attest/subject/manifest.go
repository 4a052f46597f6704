// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// Media types of the OCI image specification 1.1 and of Docker's schema 2 that mean the same.
const (
	ociIndex       = "application/vnd.oci.image.index.v1+json"
	ociManifest    = "application/vnd.oci.image.manifest.v1+json"
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	inTotoLayer    = "application/vnd.in-toto+json"
)

// Annotations: of the OCI image specification, of containerd, and of BuildKit's attestation manifests
// (https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md).
const (
	annotationRefName = "org.opencontainers.image.ref.name"
	annotationTitle   = "org.opencontainers.image.title"
	annotationCreated = "org.opencontainers.image.created"
	annotationImage   = "io.containerd.image.name"
	annotationRefType = "vnd.docker.reference.type"
)

// descriptor names a blob.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        *int64            `json:"size"`
	Annotations map[string]string `json:"annotations"`
	Platform    *platform         `json:"platform"`
	URLs        []string          `json:"urls"`
}

type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant"`
}

func (p *platform) String() string {
	if p == nil || p.OS == "" && p.Architecture == "" {
		return ""
	}
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// manifest is an image manifest or an index, never both.
type manifest struct {
	index       bool
	mediaType   string // its own; "" if it names none
	config      descriptor
	layers      []descriptor
	manifests   []descriptor
	annotations map[string]string
	digest      attest.Digest
	size        int64
	raw         []byte
}

// parseManifest reads an image manifest or an index. Which one it is must follow from its fields, from its media type and from
// the media type it was named with alike: what two readers may take for two things is refused (CVE-2021-41190).
func parseManifest(raw []byte, named string) (*manifest, error) {
	if len(raw) > MaxManifest {
		return nil, fail(Limit, "manifest has %d bytes, limit %d", len(raw), MaxManifest)
	}
	document, err := attest.DecodeAny(raw)
	if err != nil {
		return nil, fail(Malformed, "manifest is not sound JSON").because(err)
	}
	fields, ok := document.(map[string]any)
	if !ok {
		return nil, fail(Malformed, "manifest is not a JSON object")
	}
	if err := checkSpelling(document); err != nil {
		return nil, err
	}
	var wire struct {
		SchemaVersion int               `json:"schemaVersion"`
		MediaType     string            `json:"mediaType"`
		Config        *descriptor       `json:"config"`
		Layers        []descriptor      `json:"layers"`
		Manifests     []descriptor      `json:"manifests"`
		Annotations   map[string]string `json:"annotations"`
	}
	if err := attest.DecodeJSON(raw, &wire); err != nil {
		return nil, fail(Malformed, "manifest has a field of the wrong kind").because(err)
	}
	index, err := isIndex(fields, wire.MediaType, named)
	if err != nil {
		return nil, err
	}
	if wire.SchemaVersion != 2 {
		return nil, fail(Unsupported, "manifest has schemaVersion %d, expected 2", wire.SchemaVersion)
	}
	m := &manifest{index: index, mediaType: wire.MediaType, layers: wire.Layers, manifests: wire.Manifests, annotations: wire.Annotations, digest: attest.SHA256(raw), size: int64(len(raw)), raw: raw}
	switch {
	case index && wire.Manifests == nil || !index && wire.Layers == nil || !index && wire.Config == nil:
		return nil, fail(Malformed, "manifest has null where a list or descriptor belongs")
	case len(m.layers) > MaxLayers:
		return nil, fail(Limit, "image has %d layers, limit %d", len(m.layers), MaxLayers)
	case len(m.manifests) > MaxManifests:
		return nil, fail(Limit, "index has %d manifests, limit %d", len(m.manifests), MaxManifests)
	}
	if !index {
		m.config = *wire.Config
	}
	return m, nil
}

// decisive are the fields that say what a manifest is and which blobs belong to it.
var decisive = []string{
	"schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "fsLayers", "blobs", "history", "signatures",
	"annotations", "digest", "size", "urls", "data", "platform", "os", "architecture", "variant",
}

// checkSpelling refuses names that a reader which ignores case (as Go's encoding/json does) would take for others.
func checkSpelling(v any) error {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if err := checkSpelling(x); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, x := range v {
			for _, want := range decisive {
				if name != want && strings.EqualFold(name, want) {
					return ambiguousManifest("field %.40q is spelled so that some readers take it for %q", name, want)
				}
			}
			if name == "annotations" {
				continue // free names
			}
			if err := checkSpelling(x); err != nil {
				return err
			}
		}
	}
	return nil
}

func ambiguousManifest(format string, args ...any) error {
	return fail(AmbiguousManifest, "the manifest may be read as two things: "+format, args...).hint("build the image again; don't trust where this manifest came from")
}

// isIndex decides between the two kinds.
func isIndex(fields map[string]any, own, named string) (bool, error) {
	has := func(name string) bool { _, ok := fields[name]; return ok }
	image, index := has("config") || has("layers"), has("manifests")
	switch {
	case image && index:
		return false, ambiguousManifest("it has config or layers, and manifests")
	case (image || index) && (has("fsLayers") || has("blobs")):
		return false, ambiguousManifest("it has fields of an older form beside those of its own")
	case !image && !index:
		return false, fail(Unsupported, "manifest has neither config and layers nor manifests").hint("only OCI images and indexes and Docker's schema 2 are supported")
	case image && (!has("config") || !has("layers")):
		return false, fail(Malformed, "image manifest without config or without layers")
	}
	for _, mediaType := range []string{own, named} {
		switch {
		case mediaType == "":
		case slices.Contains([]string{ociIndex, dockerList}, mediaType):
			if image {
				return false, ambiguousManifest("its content is an image, its media type is %s", mediaType)
			}
		case slices.Contains([]string{ociManifest, dockerManifest}, mediaType):
			if index {
				return false, ambiguousManifest("its content is an index, its media type is %s", mediaType)
			}
		default:
			return false, fail(Unsupported, "manifest has media type %.100q", mediaType).hint("only OCI images and indexes and Docker's schema 2 are supported")
		}
	}
	if own != "" && named != "" && own != named {
		return false, ambiguousManifest("it calls itself %s and is named as %s", own, named)
	}
	return index, nil
}

// digest is the descriptor's digest, if it is well formed and of the one algorithm that is supported.
func (d *descriptor) parse() (attest.Digest, error) {
	got, err := attest.ParseDigest(d.Digest)
	if err != nil {
		return got, fail(Malformed, "descriptor").because(err)
	}
	if got.Algorithm != "sha256" {
		return got, fail(Unsupported, "descriptor has a digest by %s, expected sha256", got.Algorithm)
	}
	if d.Size == nil || *d.Size < 0 {
		return got, fail(Malformed, "descriptor of %s has no size", got.Short())
	}
	return got, nil
}

// label is what a descriptor calls its manifest.
func (d *descriptor) label() string {
	var parts []string
	for _, a := range []string{annotationTitle, annotationRefName, annotationImage} {
		if s := printable(d.Annotations[a]); s != "" {
			parts = append(parts, s)
			break
		}
	}
	if p := printable(d.Platform.String()); p != "" {
		parts = append(parts, p)
	}
	return strings.Join(parts, " ")
}

// attestation reports whether a child of an index carries only in-toto statements: unknown platform, annotated so, and every
// layer of that type. All three must hold, or the child counts as an image.
func attestation(d *descriptor, m *manifest) bool {
	if m.index || d.Platform == nil || d.Platform.OS != "unknown" || d.Platform.Architecture != "unknown" || len(m.layers) == 0 {
		return false
	}
	if d.Annotations[annotationRefType] != "attestation-manifest" {
		return false
	}
	for i := range m.layers {
		if m.layers[i].MediaType != inTotoLayer {
			return false
		}
	}
	return true
}

// printable is foreign text for messages: bounded, without control characters.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return -1
		}
		return r
	}, s)
	if len(s) > 200 {
		return fmt.Sprintf("%.200s…", s)
	}
	return s
}
