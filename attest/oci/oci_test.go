// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/registry"
)

var (
	_ attest.Store     = (*Store)(nil)
	_ attest.Confirmer = (*Store)(nil)
)

// each mode of a registry.
func inEachMode(t *testing.T, fn func(t *testing.T, s *server)) {
	t.Helper()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) { fn(t, serve(t, mode)) })
	}
}

func TestPutAndList(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image, other := s.image(t, "app"), s.image(t, "other")
		source, file := attesttest.Source("shop", "v1"), attesttest.Artifact("shop.tar", "content")
		a, b, c := w.evidence(1, image), w.evidence(2, image, other), w.evidence(3, source, file)
		st := s.open(t)
		for _, e := range []attest.Evidence{a, b, c} {
			must(t, st.Put(t.Context(), e))
			must(t, st.Confirm(t.Context(), e))
		}
		own, err := st.List(t.Context(), primary(image))
		must(t, err)
		if got := ids(t, own); !slices.Equal(got, wanted(a, b)) {
			t.Errorf("the store does not see its own writes: %v", got)
		}
		s.holds(t, primary(image), a, b)
		s.holds(t, primary(other), b)
		s.holds(t, primary(source), c)
		s.holds(t, primary(file), c)
		s.holds(t, attest.SHA256([]byte("nothing")))
	})
}

// Registries refuse manifests that name content which they don't have.
func TestContentComesBeforeWhatNamesIt(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image := s.image(t, "app")
		s.strict = true
		for i, about := range []attest.Subject{attesttest.Source("shop", "v1"), attesttest.Artifact("shop.tar", "content"), image} {
			st := s.open(t) // which knows nothing of what others put there
			e := w.evidence(i, about)
			must(t, st.Put(t.Context(), e))
			publish(t.Context(), t, st, primary(about))
			s.holds(t, primary(about), e)
		}
	})
}

func TestPutWritesWhatCosignWrites(t *testing.T) {
	s, w := serve(t, withAPI), newWriter(t)
	image := s.image(t, "app")
	e := w.evidence(1, image)
	must(t, s.open(t).Put(t.Context(), e))
	found, _, err := s.repo(t).Referrers(t.Context(), primary(image))
	must(t, err)
	m, err := s.repo(t).Manifest(t.Context(), found[0].Digest.String())
	must(t, err)
	head, err := s.repo(t).Head(t.Context(), "app")
	must(t, err)
	// As go-containerregistry's types, in which cosign v3.1.3 writes it, put the fields in order.
	want := fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",`+
		`"config":{"mediaType":"application/vnd.oci.empty.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"},`+
		`"layers":[{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","size":%d,"digest":%q}],`+
		`"annotations":{"dev.sigstore.bundle.content":"dsse-envelope","dev.sigstore.bundle.predicateType":"https://example.com/test/v1","org.opencontainers.image.created":"2026-03-01T12:00:00Z"},`+
		`"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":%d,"digest":%q},`+
		`"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"}`, len(e.Bundle()), e.BundleID(), head.Size, primary(image))
	if string(m.Raw) != want {
		t.Errorf("got\n%s\nwant\n%s", m.Raw, want)
	}
}

func TestSameListAsTheFolder(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image, source := s.image(t, "app"), attesttest.Source("shop", "v1")
		folder, err := dir.Open(t.TempDir())
		must(t, err)
		st := s.open(t)
		for n, subjects := range [][]attest.Subject{{image}, {source}, {image, source}, {attesttest.Artifact("f", "x")}} {
			e := w.evidence(n, subjects...)
			must(t, folder.Put(t.Context(), e))
			must(t, st.Put(t.Context(), e))
		}
		for _, d := range []attest.Digest{primary(image), primary(source), primary(attesttest.Artifact("f", "x")), attest.SHA256(nil)} {
			a, err := folder.List(t.Context(), d)
			must(t, err)
			b, err := s.open(t).List(t.Context(), d)
			must(t, err)
			if !slices.Equal(ids(t, a), ids(t, b)) {
				t.Errorf("about %s: the folder lists %v, the registry %v", d.Short(), ids(t, a), ids(t, b))
			}
		}
	})
}

// Evidence that was stored before the image was pushed counts afterwards.
func TestEvidenceBeforeTheImage(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image := serve(t, withAPI).image(t, "app") // known, but elsewhere
		a := w.evidence(1, image)
		must(t, s.open(t).Put(t.Context(), a))
		s.holds(t, primary(image), a)
		if pushed := s.image(t, "app"); primary(pushed) != primary(image) {
			t.Fatal("the image is another one")
		}
		s.holds(t, primary(image), a)
		b := w.evidence(2, image)
		must(t, s.open(t).Put(t.Context(), b))
		s.holds(t, primary(image), a, b)
		publish(t.Context(), t, s.open(t), primary(image))
		s.holds(t, primary(image), a, b)
		found, _, err := s.repo(t).Referrers(t.Context(), primary(image))
		must(t, err)
		if s.mode == withAPI && len(found) != 1 {
			t.Errorf("%d referrers of the image itself, want 1", len(found))
		}
		s.replaceList(t, primary(image), []byte("nonsense"), nil) // a list that is none hides no anchor
		s.holds(t, primary(image), a, b)
		publish(t.Context(), t, s.open(t), primary(image))
		s.holds(t, primary(image), a, b)
	})
}

// Evidence that was stored before the image was pushed refers to the image once it is put again, so that other tools find it.
func TestEvidenceIsCarriedToTheImage(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		image := serve(t, withAPI).image(t, "app") // known, but elsewhere
		a := newWriter(t).evidence(1, image)
		must(t, s.open(t).Put(t.Context(), a))
		s.image(t, "app")
		st := s.open(t)
		must(t, st.Put(t.Context(), a))
		must(t, st.Put(t.Context(), a))
		if l, err := s.open(t).listed(t, primary(image)); err != nil || len(l.digests) != 1 {
			t.Errorf("%d manifests refer to the image, expected one (%v)", len(l.digests), err)
		}
		s.holds(t, primary(image), a)
	})
}

func TestAnchorsAreDeterministic(t *testing.T) {
	d := attest.Digest{Algorithm: "gitTree256", Hex: strings.Repeat("ab", 32)}
	a, err := anchorOf(d)
	must(t, err)
	b, err := anchorOf(d)
	must(t, err)
	if !bytes.Equal(a.Raw, b.Raw) {
		t.Error("two anchors of one digest differ")
	}
	want := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",` +
		`"config":{"mediaType":"application/vnd.sealock.subject.v1","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},` +
		`"layers":[{"mediaType":"application/vnd.oci.empty.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}],` +
		`"annotations":{"dev.sealock.subject":"gitTree256:` + d.Hex + `"},"artifactType":"application/vnd.sealock.subject.v1"}`
	if string(a.Raw) != want {
		t.Errorf("got %s\nwant %s", a.Raw, want)
	}
	for _, d := range []attest.Digest{d, {Algorithm: "sha512", Hex: strings.Repeat("0", 128)}, attest.SHA256(nil)} {
		for _, suffix := range []string{tagSubject, tagList, ".0123456789ab"} {
			if tag := tagOf(d, suffix); len(tag) > maxTag {
				t.Errorf("tag %s has %d characters", tag, len(tag))
			}
		}
	}
}

// T-09: the same bundle, however often, is written once.
func TestT09_PutIsIdempotent(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image := s.image(t, "app")
		e := w.evidence(1, image)
		for range 5 {
			st := s.open(t)
			must(t, st.Put(t.Context(), e))
			must(t, st.Put(t.Context(), e))
		}
		s.requests()
		must(t, s.open(t).Put(t.Context(), e))
		for _, r := range s.requests() {
			if !strings.HasPrefix(r, "GET ") {
				t.Errorf("the sixth Put requests %s", r)
			}
		}
		entries, err := s.open(t).Describe(t.Context(), primary(image))
		must(t, err)
		if len(entries) != 1 {
			t.Errorf("%d entries, want 1: %+v", len(entries), entries)
		}
		// Two manifests with the same bundle are one entry.
		later := clock().AddDate(0, 0, 1)
		target, err := s.repo(t).Head(t.Context(), "app")
		must(t, err)
		m, err := bundleManifest(target, e, later)
		must(t, err)
		s.attach(t, primary(image), m)
		s.holds(t, primary(image), e)
	})
}

func TestConfirm(t *testing.T) {
	s, w := serve(t, withAPI), newWriter(t)
	image, other := s.image(t, "app"), s.image(t, "other")
	e := w.evidence(1, image, other)
	must(t, s.open(t).Put(t.Context(), e))
	found, _, err := s.repo(t).Referrers(t.Context(), primary(other))
	must(t, err)
	must(t, s.repo(t).Delete(t.Context(), found[0].Digest.String()))
	st := s.open(t)
	_, err = st.List(t.Context(), primary(image))
	must(t, err)
	must(t, st.Confirm(t.Context(), e)) // the other one was not looked at
	_, err = st.List(t.Context(), primary(other))
	must(t, err)
	if err := st.Confirm(t.Context(), e); attest.RejectCode(err) != attest.CodeIncomplete || !strings.Contains(err.Error(), primary(other).Hex) {
		t.Errorf("got %v, want a Reject %s that names the subject", err, attest.CodeIncomplete)
	}
}

func TestPutRefuses(t *testing.T) {
	s := serve(t, withAPI)
	if err := s.open(t).Put(t.Context(), attest.Evidence{}); err == nil {
		t.Error("empty evidence was stored")
	}
	if err := Open(s.repo(t), Options{}).Put(t.Context(), newWriter(t).evidence(1, attesttest.Artifact("f", "x"))); err == nil {
		t.Error("a store without a clock wrote")
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}

func TestManifest(t *testing.T) {
	s, w := serve(t, withAPI), newWriter(t)
	image := s.image(t, "app")
	must(t, s.open(t).Put(t.Context(), w.evidence(1, image)))
	st := s.open(t)
	m, err := st.Manifest(t.Context(), "app")
	must(t, err)
	again, err := st.Manifest(t.Context(), m.Digest.String())
	must(t, err)
	if m.Digest != primary(image) || !bytes.Equal(m.Raw, again.Raw) || again.MediaType != registry.TypeManifest {
		t.Errorf("got %s and %s", m.Digest, again.Digest)
	}
	if _, err := st.Manifest(t.Context(), attest.SHA256([]byte("none")).String()); !registry.IsNotFound(err) {
		t.Errorf("got %v, want not found", err)
	}
	if _, err := st.Manifest(t.Context(), "sha256:nonsense"); err == nil {
		t.Error("a malformed digest was accepted")
	}
}
