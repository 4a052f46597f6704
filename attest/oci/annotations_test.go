// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"errors"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// What lies beside an envelope in annotations goes into the bundle that is listed, and that bundle is what is there.
func TestAnnotatedEnvelopes(t *testing.T) {
	s := serve(t, withAPI)
	app := s.image(t, "app")
	w := newWriter(t)
	made := w.evidence(1, app)
	envelope := []byte(`{"payloadType":"x","payload":"","signatures":[]}`)
	plain := []byte(`{"payloadType":"y","payload":"","signatures":[]}`)
	broken := []byte(`{"payloadType":"z","payload":"","signatures":[]}`)
	layer := func(b []byte, annotations map[string]string) registry.Descriptor {
		return registry.Descriptor{MediaType: typeDSSE, Digest: attest.SHA256(b), Size: int64(len(b)), Annotations: annotations}
	}
	config := []byte("{}")
	s.manifest(t, tagOf(primary(app), tagAtt), manifest{SchemaVersion: 2, MediaType: "application/vnd.oci.image.manifest.v1+json",
		Config: &registry.Descriptor{MediaType: "application/vnd.oci.image.config.v1+json", Digest: attest.SHA256(config), Size: 2},
		Layers: []registry.Descriptor{layer(envelope, map[string]string{"certificate": "c"}), layer(plain, nil), layer(broken, map[string]string{"certificate": "broken"})}}, config, envelope, plain, broken)
	store := Open(s.repo(t), Options{Now: clock, Bundle: func(b []byte, annotations map[string]string) ([]byte, error) {
		if annotations["certificate"] == "broken" {
			return nil, errors.New("no certificate")
		}
		if !bytes.Equal(b, envelope) || annotations["certificate"] != "c" {
			t.Errorf("asked about %s with %v", b, annotations)
		}
		return made.Bundle(), nil
	}})
	list, err := store.List(t.Context(), primary(app))
	must(t, err)
	if len(list) != 3 || !bytes.Equal(list[0].Bundle, made.Bundle()) || !bytes.Equal(list[1].Bundle, plain) || attest.RejectCode(list[2].Err) != attest.CodeMalformedBundle {
		t.Errorf("%d entries: %+v", len(list), list)
	}
	must(t, store.Confirm(t.Context(), made))
	again := s.open(t) // without that, envelopes are what they are
	list, err = again.List(t.Context(), primary(app))
	must(t, err)
	if len(list) != 3 || !bytes.Equal(list[0].Bundle, envelope) {
		t.Errorf("%d entries: %+v", len(list), list)
	}
}
