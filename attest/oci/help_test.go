// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ggcr "github.com/google/go-containerregistry/pkg/registry"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// Ways in which registries treat the referrers API.
const (
	withAPI   = "api"
	withNone  = "none"  // 404
	withEmpty = "empty" // 200 and nothing in it
)

var modes = []string{withAPI, withNone, withEmpty}

type hook func(w http.ResponseWriter, r *http.Request, next http.Handler)

// server is a real registry behind a handler that counts and may lie.
type server struct {
	host   string
	mode   string
	strict bool // manifests that name content which is not there are refused, as by distribution
	mu     sync.Mutex
	seen   []string
	hook   hook
}

func serve(t testing.TB, mode string) *server {
	t.Helper()
	s := &server{mode: mode}
	real := ggcr.New(ggcr.WithReferrersSupport(mode != withNone), ggcr.Logger(log.New(io.Discard, "", 0)))
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r.Method+" "+r.URL.Path)
		hook := s.hook
		s.mu.Unlock()
		next := http.Handler(real)
		if s.strict && strings.Contains(r.URL.Path, "/manifests/") && r.Method == http.MethodPut {
			next = strict(real)
		}
		if mode == withEmpty && strings.Contains(r.URL.Path, "/referrers/") {
			next = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { respondIndex(w) })
		}
		if hook != nil {
			hook(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}))
	h.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(h.Close)
	s.host = strings.TrimPrefix(h.URL, "http://")
	return s
}

// strict refuses manifests that name content which is not there.
func strict(real http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var m struct {
			Config *registry.Descriptor
			Layers []registry.Descriptor
		}
		if err != nil || json.Unmarshal(raw, &m) != nil {
			http.Error(w, "no manifest", http.StatusBadRequest)
			return
		}
		if m.Config != nil {
			m.Layers = append(m.Layers, *m.Config)
		}
		repo, _, _ := strings.Cut(r.URL.Path, "/manifests/")
		for _, l := range m.Layers {
			head := httptest.NewRecorder()
			real.ServeHTTP(head, httptest.NewRequest(http.MethodHead, repo+"/blobs/"+l.Digest.String(), nil))
			if head.Code != http.StatusOK {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry","detail":%q}]}`, l.Digest.String())
				return
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		real.ServeHTTP(w, r)
	})
}

// respondIndex answers with an index of some entries.
func respondIndex(w http.ResponseWriter, entries ...string) {
	w.Header().Set("Content-Type", registry.TypeIndex)
	fmt.Fprintf(w, `{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, registry.TypeIndex, strings.Join(entries, ","))
}

func (s *server) use(h hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = h
}

// requests gives and forgets what was requested.
func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

func (s *server) repo(t testing.TB) *registry.Repository {
	t.Helper()
	r, err := registry.New(registry.Options{Retries: -1}).Repository(s.host + "/acme/shop")
	must(t, err)
	return r
}

func clock() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// open gives a new Store, as every command makes one.
func (s *server) open(t testing.TB) *Store {
	t.Helper()
	return Open(s.repo(t), Options{Now: clock, Warn: func(f string, a ...any) { t.Logf("warning: "+f, a...) }})
}

// warned opens a Store that keeps its warnings.
func (s *server) warned(t testing.TB) (*Store, func() []string) {
	t.Helper()
	var mu sync.Mutex
	var said []string
	st := Open(s.repo(t), Options{Now: clock, Warn: func(f string, a ...any) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, fmt.Sprintf(f, a...))
	}})
	return st, func() []string { mu.Lock(); defer mu.Unlock(); return slices.Clone(said) }
}

// image pushes an image that differs by its name.
func (s *server) image(t testing.TB, name string) attest.Subject {
	t.Helper()
	r := s.repo(t)
	config, err := r.PutBlob(t.Context(), []byte(`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`), typeConfig)
	must(t, err)
	m, err := encode(manifest{SchemaVersion: 2, MediaType: registry.TypeManifest, Config: &config, Layers: []registry.Descriptor{}, Annotations: map[string]string{"name": name}})
	must(t, err)
	_, err = r.PutManifest(t.Context(), name, m.MediaType, m.Raw)
	must(t, err)
	return attest.Subject{Name: name, Digest: attest.DigestSet{"sha256": m.Digest.Hex}}
}

// put stores a manifest, by digest, with whatever blobs it needs.
func (s *server) manifest(t testing.TB, ref string, m manifest, blobs ...[]byte) attest.Digest {
	t.Helper()
	r := s.repo(t)
	for _, b := range append(blobs, emptyContent) {
		_, err := r.PutBlob(t.Context(), b, "")
		must(t, err)
	}
	m.SchemaVersion, m.MediaType = 2, registry.TypeManifest
	raw, err := encode(m)
	must(t, err)
	if ref == "" {
		ref = raw.Digest.String()
	}
	_, err = r.PutManifest(t.Context(), ref, raw.MediaType, raw.Raw)
	must(t, err)
	return raw.Digest
}

// writer signs evidence.
type writer struct {
	t   testing.TB
	key attesttest.Key
}

func newWriter(t testing.TB) writer { return writer{t, attesttest.NewKey(t, sigstore.ECDSAP256)} }

// evidence is a statement with a number of its own.
func (w writer) evidence(n int, subjects ...attest.Subject) attest.Evidence {
	return w.sized(n, 0, subjects...)
}

func (w writer) sized(n, size int, subjects ...attest.Subject) attest.Evidence {
	w.t.Helper()
	b := w.key.Attest(w.t, "https://example.com/test/v1", map[string]any{"n": n, "pad": strings.Repeat("x", size)}, subjects...)
	return attesttest.Verify(w.t, b, w.key)
}

func primary(s attest.Subject) attest.Digest { return s.Digest.Primary() }

// ids are the bundles that a List gave, sorted; entries that are no evidence are told.
func ids(t testing.TB, list []attest.Stored) []string {
	t.Helper()
	var out []string
	for _, e := range list {
		if e.Err != nil {
			t.Fatalf("%s: %v", e.Name, e.Err)
		}
		out = append(out, attest.SHA256(e.Bundle).Hex)
	}
	slices.Sort(out)
	return out
}

func wanted(evidence ...attest.Evidence) []string {
	var out []string
	for _, e := range evidence {
		out = append(out, e.BundleID().Hex)
	}
	slices.Sort(out)
	return out
}

// holds checks what a new Store lists.
func (s *server) holds(t testing.TB, about attest.Digest, evidence ...attest.Evidence) {
	t.Helper()
	list, err := s.open(t).List(t.Context(), about)
	must(t, err)
	if got, want := ids(t, list), wanted(evidence...); !slices.Equal(got, want) {
		t.Fatalf("about %s: got %d bundles %v, want %d %v", about.Short(), len(got), got, len(want), want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rejected finds the one entry with an error.
func rejected(t testing.TB, list []attest.Stored) attest.Stored {
	t.Helper()
	var found []attest.Stored
	for _, e := range list {
		if e.Err != nil {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		t.Fatalf("got %d rejected entries of %d, want 1", len(found), len(list))
	}
	return found[0]
}

func publish(ctx context.Context, t testing.TB, s *Store, d attest.Digest, asked ...attest.Digest) {
	t.Helper()
	must(t, s.Publish(ctx, d, asked))
}

// seen gives what is known about a subject by itself.
func (s *Store) seen(t testing.TB, d attest.Digest) (*view, error) {
	t.Helper()
	return s.own(t.Context(), d, s.tagsOf(t.Context(), false))
}

// listed gives what a registry, or the index at the referrers tag, shows.
func (s *Store) listed(t testing.TB, d attest.Digest) (listing, error) {
	t.Helper()
	return s.listing(t.Context(), d, s.tagsOf(t.Context(), false))
}

// attach stores what refers to a manifest, as others may.
func (s *server) attach(t testing.TB, target attest.Digest, m registry.Manifest) {
	t.Helper()
	st := s.open(t)
	must(t, st.putReferrer(t.Context(), target, m, false))
	must(t, st.show(t.Context(), referring{target: {m}}, false))
}
