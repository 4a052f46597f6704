// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"encoding/base64"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sealock-dev/sealock/attest"
)

func TestSimpleSigning(t *testing.T) {
	d := attest.SHA256([]byte("image"))
	got, err := SimpleSigning("registry.example.com/acme/shop", d)
	must(t, err)
	want := `{"critical":{"identity":{"docker-reference":"registry.example.com/acme/shop"},"image":{"docker-manifest-digest":"` + d.String() +
		`"},"type":"cosign container image signature"},"optional":null}`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}

// The signature's manifest and configuration are what go-containerregistry makes of the same layers, with which cosign writes them.
func TestSignImageWritesWhatCosignWrites(t *testing.T) {
	s := serve(t, withAPI)
	image := s.image(t, "app")
	payload, err := SimpleSigning(s.repo(t).Name(), primary(image))
	must(t, err)
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, sig := range []string{"one", "two"} {
		must(t, s.open(t).SignImage(t.Context(), primary(image), payload, []byte(sig), nil))
		base, err = mutate.Append(base, mutate.Addendum{Layer: static.NewLayer(payload, typeSigning),
			Annotations: map[string]string{annSignature: base64.StdEncoding.EncodeToString([]byte(sig))}})
		must(t, err)
		want, err := base.RawManifest()
		must(t, err)
		got, err := s.repo(t).Manifest(t.Context(), tagOf(primary(image), tagSig))
		must(t, err)
		if !bytes.Equal(got.Raw, want) {
			t.Errorf("got\n%s\nwant\n%s", got.Raw, want)
		}
	}
}

func TestSignImageOncePerKey(t *testing.T) {
	s := serve(t, withAPI)
	image := s.image(t, "app")
	payload := []byte(`{"payload":1}`)
	for _, sig := range []string{"key1:a", "key1:b", "key2:a", "key1:c", "key2:b"} {
		must(t, s.open(t).SignImage(t.Context(), primary(image), payload, []byte(sig), func(other []byte) bool { return bytes.Equal(other[:5], []byte(sig)[:5]) }))
	}
	must(t, s.open(t).SignImage(t.Context(), primary(image), []byte("another payload"), []byte("key1:d"), nil))
	entries, err := s.open(t).Describe(t.Context(), primary(image))
	must(t, err)
	if len(entries) != 3 || entries[0].Kind != Signature {
		t.Errorf("got %+v", entries)
	}
	s.holds(t, primary(image)) // says nothing about the image
	for _, bad := range []error{
		s.open(t).SignImage(t.Context(), attest.Digest{Algorithm: "gitTree256", Hex: primary(image).Hex}, payload, []byte("x"), nil),
		s.open(t).SignImage(t.Context(), primary(image), nil, []byte("x"), nil),
		s.open(t).SignImage(t.Context(), primary(image), payload, nil, nil),
	} {
		if bad == nil {
			t.Error("accepted")
		}
	}
}

func TestSignImageAtOnce(t *testing.T) {
	s := serve(t, withAPI)
	image := s.image(t, "app")
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			errs[i] = s.open(t).SignImage(t.Context(), primary(image), []byte("payload"), []byte{'k', byte('0' + i)}, nil)
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
	layers, err := s.open(t).signatures(t.Context(), tagOf(primary(image), tagSig))
	must(t, err)
	if len(layers) != len(errs) {
		t.Errorf("%d signatures, want %d", len(layers), len(errs))
	}
}
