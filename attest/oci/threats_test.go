// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// stored is a registry with one image and some evidence about it.
func stored(t *testing.T, mode string, n int) (*server, writer, attest.Subject, []attest.Evidence) {
	t.Helper()
	s, w := serve(t, mode), newWriter(t)
	image := s.image(t, "app")
	var all []attest.Evidence
	st := s.open(t)
	for i := range n {
		e := w.evidence(i, image)
		must(t, st.Put(t.Context(), e))
		all = append(all, e)
	}
	s.requests()
	return s, w, image, all
}

// T-01: a referrers API that lists what refers to something else.
func TestT01_ListedForAnotherSubject(t *testing.T) {
	s, w, image, all := stored(t, withAPI, 1)
	other := s.image(t, "other")
	foreign := w.evidence(7, other)
	must(t, s.open(t).Put(t.Context(), foreign))
	found, _, err := s.repo(t).Referrers(t.Context(), primary(other))
	must(t, err)
	entry, err := json.Marshal(found[0])
	must(t, err)
	own, _, err := s.repo(t).Referrers(t.Context(), primary(image))
	must(t, err)
	ownEntry, err := json.Marshal(own[0])
	must(t, err)
	s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/referrers/") {
			respondIndex(w, string(entry), string(ownEntry))
			return
		}
		next.ServeHTTP(w, r)
	})
	list, err := s.open(t).List(t.Context(), primary(image))
	must(t, err)
	bad := rejected(t, list)
	if attest.RejectCode(bad.Err) != attest.CodeMalformedBundle || !strings.Contains(bad.Err.Error(), primary(other).String()) {
		t.Errorf("got %v", bad.Err)
	}
	list = slices.DeleteFunc(list, func(e attest.Stored) bool { return e.Err != nil })
	if !equal(ids(t, list), wanted(all...)) {
		t.Error("what refers to the image is not what was put")
	}
}

// T-11, T-02: another body for a digest is an error, whichever is asked for.
func TestT11_AnotherBodyForADigest(t *testing.T) {
	for name, part := range map[string]string{"manifest": "/manifests/sha256:", "bundle": "/blobs/sha256:"} {
		t.Run(name, func(t *testing.T) {
			s, _, image, _ := stored(t, withAPI, 1)
			for _, change := range []func(string) string{
				func(b string) string { return strings.Replace(b, "a", "b", 1) },
				func(b string) string { return b[:len(b)-1] },
				func(b string) string { return b + " " },
				func(string) string { return "{}" },
			} {
				s.use(altered(part, change))
				list, err := s.open(t).List(t.Context(), primary(image))
				if err == nil {
					t.Errorf("accepted: %d entries", len(list))
				}
			}
		})
	}
}

// altered changes the bodies of successful reads of some path.
func altered(part string, change func(string) string) hook {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, part) {
			next.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
		w.WriteHeader(rec.Code)
		fmt.Fprint(w, change(rec.Body.String()))
	}
}

// T-13: only a clean 404 is "not there". Any other failure, at any request, is an error of List.
func TestT13_FailuresAreErrors(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image := s.image(t, "app")
		must(t, s.open(t).Put(t.Context(), w.evidence(1, image)))
		s.requests()
		_, err := s.open(t).List(t.Context(), primary(image))
		must(t, err)
		paths := s.requests()
		for _, failing := range paths {
			for _, status := range []int{401, 403, 429, 500, 502, 503} {
				s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if r.Method+" "+r.URL.Path == failing {
						w.WriteHeader(status)
						return
					}
					next.ServeHTTP(w, r)
				})
				if list, err := s.open(t).List(t.Context(), primary(image)); err == nil {
					t.Errorf("%s answers %d: %d entries and no error", failing, status, len(list))
				}
			}
		}
	})
}

// A digest that is listed and answers 404 is gone.
func TestGoneIsNoError(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image := s.image(t, "app")
		a, b := w.evidence(1, image), w.evidence(2, image)
		for _, e := range []attest.Evidence{a, b} {
			must(t, s.open(t).Put(t.Context(), e))
		}
		v, err := s.open(t).seen(t, primary(image))
		must(t, err)
		lost := v.entries[0].manifest.Digest
		s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.HasSuffix(r.URL.Path, "/manifests/"+lost.String()) || strings.HasSuffix(r.URL.Path, "."+lost.Hex[:shortHex]) {
				http.NotFound(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
		list, err := s.open(t).List(t.Context(), primary(image))
		must(t, err)
		if len(list) != 1 || list[0].Err != nil {
			t.Errorf("got %d entries, want the other one", len(list))
		}
		entries, err := s.open(t).Describe(t.Context(), primary(image))
		must(t, err)
		if !slices.ContainsFunc(entries, func(e Entry) bool { return e.Kind == Gone && e.Digest == lost }) {
			t.Errorf("what is gone is not described: %+v", entries)
		}
		// Its content gone, the manifest not: named.
		s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.HasSuffix(r.URL.Path, "/blobs/"+a.BundleID().String()) {
				http.NotFound(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
		list, err = s.open(t).List(t.Context(), primary(image))
		must(t, err)
		if bad := rejected(t, list); attest.RejectCode(bad.Err) != attest.CodeIncomplete {
			t.Errorf("got %v", bad.Err)
		}
	})
}

// C-28: pages are followed to the end, a page that fails is an error, and a registry that hides its referrers API is asked for the tag.
func TestC28_PagesAndHiddenAPI(t *testing.T) {
	s, w, image, all := stored(t, withAPI, 4)
	full, _, err := s.repo(t).Referrers(t.Context(), primary(image))
	must(t, err)
	var entries []string
	for _, d := range full {
		raw, err := json.Marshal(d)
		must(t, err)
		entries = append(entries, string(raw))
	}
	fail := false
	s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.Path, "/referrers/") {
			next.ServeHTTP(w, r)
			return
		}
		if r.URL.Query().Get("page") == "2" {
			if fail {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			respondIndex(w, entries[2:]...)
			return
		}
		w.Header().Set("Link", "<"+r.URL.Path+`?page=2>; rel="next"`)
		respondIndex(w, entries[:2]...)
	})
	s.holds(t, primary(image), all...)
	fail = true
	if _, err := s.open(t).List(t.Context(), primary(image)); err == nil {
		t.Error("a page that fails is no error")
	}
	s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/referrers/") {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
	s.holds(t, primary(image)) // nothing is made up: what is missing is missing
	late := w.evidence(9, image)
	must(t, s.open(t).Put(t.Context(), late))
	s.holds(t, primary(image), late)
}

// attTag writes cosign's older tag: one manifest, an envelope in each layer.
func (s *server) attTag(t *testing.T, image attest.Subject, evidence ...attest.Evidence) {
	t.Helper()
	var layers []registry.Descriptor
	var blobs [][]byte
	for _, e := range evidence {
		blobs = append(blobs, e.Bundle())
		layers = append(layers, registry.Descriptor{MediaType: typeDSSE, Digest: e.BundleID(), Size: int64(len(e.Bundle())), Annotations: map[string]string{"dev.cosignproject.cosign/signature": ""}})
	}
	config := emptyDescriptor(typeConfig)
	s.manifest(t, tagOf(primary(image), tagAtt), manifest{Config: &config, Layers: layers}, blobs...)
}

// V-66: the older tag and bundles are united, whichever is there; deleting one leaves the other.
func TestV66_BothLayoutsCount(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image := s.image(t, "app")
		bundle, a, b := w.evidence(1, image), w.evidence(2, image), w.evidence(3, image)
		s.attTag(t, image, a, b)
		s.holds(t, primary(image), a, b)
		must(t, s.open(t).Put(t.Context(), bundle))
		s.holds(t, primary(image), bundle, a, b)
		publish(t.Context(), t, s.open(t), primary(image))
		s.requests()
		s.holds(t, primary(image), bundle, a, b)
		if got, limit := s.requests(), map[string]int{withAPI: 3, withNone: 4, withEmpty: 4}[s.mode]; len(got) > limit {
			t.Errorf("%d requests, want %d:\n%s", len(got), limit, strings.Join(got, "\n"))
		}
		c := w.evidence(4, image)
		s.attTag(t, image, a, b, c) // another one, since the list
		s.holds(t, primary(image), bundle, a, b, c)
		must(t, s.repo(t).Delete(t.Context(), tagOf(primary(image), tagAtt)))
		s.holds(t, primary(image), bundle)
		s.attTag(t, image, bundle) // the same in both is one
		s.holds(t, primary(image), bundle)
	})
}

// V-66: a tag that appears after a list which says that there is none is seen from the next list on, and when there is no list.
func TestV66_TagAfterTheList(t *testing.T) {
	s, w, image, all := stored(t, withAPI, 1)
	publish(t.Context(), t, s.open(t), primary(image))
	late := w.evidence(5, image)
	s.attTag(t, image, late)
	s.holds(t, primary(image), all...)
	if list, err := Open(s.repo(t), Options{Att: true}).List(t.Context(), primary(image)); err != nil || !slices.Equal(ids(t, list), wanted(append(all, late)...)) {
		t.Errorf("looked for, the tag's evidence is not found: %v %v", ids(t, list), err)
	}
	publish(t.Context(), t, s.open(t), primary(image))
	s.holds(t, primary(image), append(all, late)...)
}

// V-69: nothing that a listing or an annotation says decides: neither can hide evidence nor make some.
func TestV69_ListingsAndAnnotationsClaim(t *testing.T) {
	s, w, image, all := stored(t, withAPI, 1)
	found, _, err := s.repo(t).Referrers(t.Context(), primary(image))
	must(t, err)
	d := found[0]
	for _, claim := range []func(){
		func() { d.ArtifactType = "application/vnd.cyclonedx+json" },
		func() { d.ArtifactType, d.MediaType = "", registry.TypeIndex },
		func() {
			d.Annotations = map[string]string{annPredicateType: "https://slsa.dev/provenance/v1", annContent: "message-signature"}
		},
	} {
		claim()
		raw, err := json.Marshal(d)
		must(t, err)
		s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.Contains(r.URL.Path, "/referrers/") {
				respondIndex(w, string(raw))
				return
			}
			next.ServeHTTP(w, r)
		})
		s.holds(t, primary(image), all...)
	}
	s.use(nil)
	// A referrer of another type with our annotations is no evidence; one without a word about itself, but with a bundle in it, is looked at.
	target, err := s.repo(t).Head(t.Context(), "app")
	must(t, err)
	e, sbom := w.evidence(3, image), []byte(`{"bomFormat":"CycloneDX"}`)
	config := emptyDescriptor(typeEmpty)
	s.manifest(t, "", manifest{Config: &config, Subject: &target, ArtifactType: "application/vnd.cyclonedx+json", Annotations: map[string]string{annContent: "dsse-envelope", annPredicateType: "x"},
		Layers: []registry.Descriptor{{MediaType: "application/vnd.cyclonedx+json", Digest: attest.SHA256(sbom), Size: int64(len(sbom))}}}, sbom)
	s.holds(t, primary(image), all...)
	s.manifest(t, "", manifest{Config: &config, Subject: &target, Layers: []registry.Descriptor{{MediaType: typeBundle, Digest: e.BundleID(), Size: int64(len(e.Bundle()))}}}, e.Bundle())
	s.holds(t, primary(image), append(all, e)...)
}

// Other layouts in which cosign left envelopes are read; unsigned statements never are.
func TestOtherLayouts(t *testing.T) {
	s, w := serve(t, withAPI), newWriter(t)
	image := s.image(t, "app")
	target, err := s.repo(t).Head(t.Context(), "app")
	must(t, err)
	a, b, c := w.evidence(1, image), w.evidence(2, image), w.evidence(3, image)
	layer := func(mediaType string, e attest.Evidence) registry.Descriptor {
		return registry.Descriptor{MediaType: mediaType, Digest: e.BundleID(), Size: int64(len(e.Bundle()))}
	}
	experiment, empty := emptyDescriptor(typeCosignAtt), emptyDescriptor(typeEmpty)
	s.manifest(t, "", manifest{Config: &experiment, Subject: &target, Layers: []registry.Descriptor{layer(typeDSSE, a)}}, a.Bundle())
	s.manifest(t, "", manifest{Config: &empty, Subject: &target, ArtifactType: "application/vnd.dev.sigstore.bundle+json;version=0.2",
		Layers: []registry.Descriptor{layer("application/vnd.dev.sigstore.bundle+json;version=0.2", b)}}, b.Bundle())
	s.manifest(t, "", manifest{Config: &empty, Subject: &target, ArtifactType: typeInToto, Layers: []registry.Descriptor{layer(typeInToto, c)}}, c.Bundle())
	s.holds(t, primary(image), a, b)
	entries, err := s.open(t).Describe(t.Context(), primary(image))
	must(t, err)
	kinds := map[Kind]int{}
	for _, e := range entries {
		kinds[e.Kind]++
	}
	if kinds[Envelope] != 1 || kinds[Bundle] != 1 || kinds[Unsigned] != 1 || len(entries) != 3 {
		t.Errorf("got %+v", entries)
	}
}

// Junk among the referrers is reported and hides nothing.
func TestJunkReferrers(t *testing.T) {
	s, _, image, all := stored(t, withAPI, 2)
	r := s.repo(t)
	target, err := r.Head(t.Context(), "app")
	must(t, err)
	sub, err := json.Marshal(target)
	must(t, err)
	junk := []string{
		fmt.Sprintf(`{"schemaVersion":2,"subject":%s,"layers":"none"}`, sub),
		fmt.Sprintf(`{"schemaVersion":2,"subject":%s,"layers":[{"mediaType":"x","size":-1,"digest":"sha256:00"}]}`, sub),
	}
	for _, raw := range junk {
		_, err := r.PutManifest(t.Context(), attest.SHA256([]byte(raw)).String(), registry.TypeManifest, []byte(raw))
		must(t, err)
	}
	for range 2 {
		list, err := s.open(t).List(t.Context(), primary(image))
		must(t, err)
		good := slices.DeleteFunc(slices.Clone(list), func(e attest.Stored) bool { return e.Err != nil })
		if len(list)-len(good) != len(junk) || !equal(ids(t, good), wanted(all...)) {
			t.Errorf("%d entries, %d of them good", len(list), len(good))
		}
		publish(t.Context(), t, s.open(t), primary(image))
	}
}

// V-67: too much of anything is an error that names the bound, or a rejected entry where it concerns one entry only.
func TestV67_Limits(t *testing.T) {
	t.Run("layers of a referrer", func(t *testing.T) {
		for _, n := range []int{MaxLayers, MaxLayers + 1} {
			s, w := serve(t, withAPI), newWriter(t)
			image := s.image(t, "app")
			target, err := s.repo(t).Head(t.Context(), "app")
			must(t, err)
			config, e := emptyDescriptor(typeEmpty), w.evidence(1, image)
			layers := []registry.Descriptor{{MediaType: typeBundle, Digest: e.BundleID(), Size: int64(len(e.Bundle()))}}
			for len(layers) < n {
				layers = append(layers, registry.Descriptor{MediaType: "x/y", Digest: attest.SHA256(nil), Size: 0})
			}
			s.manifest(t, "", manifest{Config: &config, Subject: &target, Layers: layers}, e.Bundle())
			if n == MaxLayers {
				s.holds(t, primary(image), e)
				continue
			}
			list, err := s.open(t).List(t.Context(), primary(image))
			must(t, err)
			if bad := rejected(t, list); attest.RejectCode(bad.Err) != attest.CodeLimit {
				t.Errorf("got %v", bad.Err)
			}
		}
	})
	t.Run("layers of the .att tag", func(t *testing.T) {
		s, w := serve(t, withAPI), newWriter(t)
		image := s.image(t, "app")
		e := w.evidence(1, image)
		many := slices.Repeat([]attest.Evidence{e}, MaxLayers)
		s.attTag(t, image, many...)
		s.holds(t, primary(image), e)
		s.attTag(t, image, append(many, e)...)
		if _, err := s.open(t).List(t.Context(), primary(image)); attest.RejectCode(err) != attest.CodeLimit {
			t.Errorf("got %v, want %s", err, attest.CodeLimit)
		}
	})
	t.Run("bytes of one bundle", func(t *testing.T) {
		for _, size := range []int64{attest.MaxBundle, attest.MaxBundle + 1} {
			s := serve(t, withAPI)
			image := s.image(t, "app")
			target, err := s.repo(t).Head(t.Context(), "app")
			must(t, err)
			config := emptyDescriptor(typeEmpty)
			s.manifest(t, "", manifest{Config: &config, Subject: &target, Layers: []registry.Descriptor{{MediaType: typeBundle, Digest: attest.SHA256([]byte("huge")), Size: size}}})
			s.requests()
			list, err := s.open(t).List(t.Context(), primary(image))
			must(t, err)
			want := map[int64]string{attest.MaxBundle: attest.CodeIncomplete, attest.MaxBundle + 1: attest.CodeLimit}[size] // the content was never there
			if bad := rejected(t, list); attest.RejectCode(bad.Err) != want {
				t.Errorf("%d bytes: got %v, want %s", size, bad.Err, want)
			}
			asked := slices.ContainsFunc(s.requests(), func(r string) bool { return strings.Contains(r, "/blobs/") })
			if asked != (size == attest.MaxBundle) {
				t.Errorf("%d bytes: asked for the content: %v", size, asked)
			}
		}
	})
	t.Run("bytes of all bundles", func(t *testing.T) {
		for _, extra := range []int64{0, 1} {
			s := serve(t, withAPI)
			image := s.image(t, "app")
			target, err := s.repo(t).Head(t.Context(), "app")
			must(t, err)
			config := emptyDescriptor(typeEmpty)
			left := int64(MaxTotal) + extra
			var layers []registry.Descriptor
			for i := 0; left > 0; i++ {
				size := min(left, 64<<20)
				left -= size
				layers = append(layers, registry.Descriptor{MediaType: typeBundle, Digest: attest.SHA256([]byte{byte(i)}), Size: size})
			}
			s.manifest(t, "", manifest{Config: &config, Subject: &target, Layers: layers})
			_, err = s.open(t).List(t.Context(), primary(image))
			if code := attest.RejectCode(err); code == attest.CodeLimit != (extra > 0) {
				t.Errorf("%d bytes: %v", MaxTotal+extra, err)
			}
		}
	})
	t.Run("entries", func(t *testing.T) {
		for _, n := range []int{MaxEntries, MaxEntries + 1} {
			s := serve(t, withNone)
			image := s.image(t, "app")
			var entries []string
			for i := range n {
				entries = append(entries, fmt.Sprintf(`{"mediaType":"m","size":1,"digest":%q}`, attest.SHA256(fmt.Append(nil, i))))
			}
			s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/manifests/"+tagOf(primary(image), "")):
					respondIndex(w, entries...)
				case strings.Contains(r.URL.Path, "/manifests/sha256:"):
					http.NotFound(w, r)
				default:
					next.ServeHTTP(w, r)
				}
			})
			_, err := s.open(t).List(t.Context(), primary(image))
			if code := attest.RejectCode(err); code == attest.CodeLimit != (n > MaxEntries) || n == MaxEntries && err != nil {
				t.Errorf("%d entries: %v", n, err)
			}
		}
	})
}

// BuildKit's children are described, and no evidence.
func TestBuildKitChildren(t *testing.T) {
	s := serve(t, withAPI)
	app := s.image(t, "app")
	child, err := s.repo(t).Head(t.Context(), primary(s.image(t, "attestation")).String())
	must(t, err)
	child.Annotations = map[string]string{annDockerType: dockerAttached, "vnd.docker.reference.digest": primary(app).String()}
	raw, err := json.Marshal(child)
	must(t, err)
	index := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, registry.TypeIndex, raw)
	d, err := s.repo(t).PutManifest(t.Context(), "all", registry.TypeIndex, index)
	must(t, err)
	s.holds(t, d.Digest)
	entries, err := s.open(t).Describe(t.Context(), d.Digest)
	must(t, err)
	if len(entries) != 1 || entries[0].Kind != Unsigned || entries[0].Digest != child.Digest {
		t.Errorf("got %+v", entries)
	}
}

// What a Store never saw pushed about a file does not cost the image's evidence.
func TestFileAndImageApart(t *testing.T) {
	s, _, image, all := stored(t, withNone, 1)
	file := attesttest.Artifact("f", "content")
	s.holds(t, primary(file))
	s.holds(t, primary(image), all...)
}
