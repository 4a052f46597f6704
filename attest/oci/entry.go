// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Kind says what something found beside a subject is.
type Kind string

// The kinds. Only Bundle and Envelope are looked at as evidence.
const (
	Bundle    Kind = "bundle"    // a Sigstore bundle
	Envelope  Kind = "envelope"  // a DSSE envelope, as cosign attached them before bundles
	Signature Kind = "signature" // a plain cosign signature on the image; says nothing about it
	Unsigned  Kind = "unsigned"  // an in-toto statement that nobody signed, such as BuildKit's: never evidence
	Foreign   Kind = "foreign"   // listed here, but refers to something else
	Malformed Kind = "malformed" // no manifest
	Gone      Kind = "gone"      // listed, and not there any more
	List      Kind = "list"      // the evidence list
	Anchor    Kind = "anchor"    // what evidence refers to where the subject is no manifest of this repository
	Other     Kind = "other"     // anything else
)

// candidate is one layer that may be evidence.
type candidate struct {
	kind  Kind
	layer registry.Descriptor
	name  string
	data  []byte
	id    attest.Digest  // of data, where that is not the layer as it lies there
	err   *attest.Reject // why it can't be looked at
}

// bundleID is the digest of what the candidate gives.
func (c *candidate) bundleID() attest.Digest {
	if !c.id.IsZero() {
		return c.id
	}
	return c.layer.Digest
}

// convert makes a bundle of an envelope whose certificate and log entry lie in annotations. What can't be made one stays what it is.
func (c *candidate) convert(bundle func([]byte, map[string]string) ([]byte, error)) {
	if bundle == nil || c.kind != Envelope || len(c.layer.Annotations) == 0 || c.err != nil {
		return
	}
	if b, err := bundle(c.data, c.layer.Annotations); err != nil {
		c.err = &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "annotations of the envelope", Cause: err}
	} else if id := attest.SHA256(b); id != c.layer.Digest {
		c.data, c.id = b, id
	}
}

// entry is one manifest that was found beside a subject.
type entry struct {
	manifest   registry.Manifest
	target     attest.Digest // that it was listed for
	kind       Kind          // where there is no candidate
	detail     string
	artifact   string // artifact type, from the manifest
	predicate  string // predicate type, as an annotation claims
	candidates []candidate
	mine       bool           // written by this store
	err        *attest.Reject // why the whole of it is no evidence though it is listed as a referrer
}

// classify reads a referrer. Only what the manifest itself says counts, never what a listing says about it; and it must refer to the
// target that it was listed for.
func (s *Store) classify(m registry.Manifest, target attest.Digest) entry {
	e := entry{manifest: m, target: target, kind: Other}
	w, err := s.decoded(m)
	if err != nil {
		e.kind, e.detail = Malformed, "is no manifest"
		e.err = &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "listed as a referrer, but is no manifest", Cause: err}
		return e
	}
	if w.Subject == nil || w.Subject.Digest != target {
		found := "nothing"
		if w.Subject != nil {
			found = w.Subject.Digest.String()
		}
		e.kind, e.detail = Foreign, "refers to "+found
		e.err = &attest.Reject{Code: attest.CodeMalformedBundle, Detail: fmt.Sprintf("listed as a referrer of %s, but refers to %s", target, found)}
		return e
	}
	s.layers(&e, w)
	return e
}

// layers sorts the layers of a manifest.
func (s *Store) layers(e *entry, w manifest) {
	e.artifact, e.predicate = w.ArtifactType, w.Annotations[annPredicateType]
	if e.artifact == "" && w.Config != nil {
		e.artifact = w.Config.MediaType
	}
	if e.artifact == typeCosignSig {
		e.kind = Signature
	}
	if len(w.Layers) > MaxLayers {
		e.err = &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("manifest has %d layers, limit %d", len(w.Layers), MaxLayers)}
		return
	}
	for i, layer := range w.Layers {
		kind := layerKind(layer.MediaType, e.artifact, len(w.Layers))
		switch kind { //nolint:exhaustive // the other kinds need nothing here
		case Signature, Unsigned:
			e.kind = kind
		case Bundle, Envelope:
			c := candidate{kind: kind, layer: layer, name: s.name(e.manifest.Digest)}
			if len(w.Layers) > 1 {
				c.name = fmt.Sprintf("%s layer %d", c.name, i)
			}
			if layer.Size > attest.MaxBundle {
				c.err = &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("bundle has %d bytes, limit %d", layer.Size, attest.MaxBundle)}
			}
			e.candidates = append(e.candidates, c)
		}
	}
}

// layerKind tells what a layer is by its media type. A manifest that is called a bundle by its artifact type, with one layer of a type
// that says nothing, is taken for one.
func layerKind(mediaType, artifactType string, layers int) Kind {
	switch {
	case strings.HasPrefix(mediaType, bundlePrefix):
		return Bundle
	case mediaType == typeDSSE:
		return Envelope
	case mediaType == typeInToto:
		return Unsigned
	case mediaType == typeSigning:
		return Signature
	case layers == 1 && strings.HasPrefix(artifactType, bundlePrefix):
		return Bundle
	case artifactType == typeCosignAtt:
		return Envelope
	}
	return Other
}

// name is how messages call a manifest of the repository.
func (s *Store) name(d attest.Digest) string { return s.repo.Name() + "@" + d.String() }
