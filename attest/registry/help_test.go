// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/sealock-dev/sealock/attest"
)

// server is a real registry behind a handler that may lie.
type server struct {
	*httptest.Server
	host string
	mu   sync.Mutex
	seen []string // method, path and query of each request
	wrap func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

func start(t testing.TB, wrap func(w http.ResponseWriter, r *http.Request, next http.Handler)) *server {
	t.Helper()
	return startWith(t, httptest.NewServer, wrap)
}

func startWith(t testing.TB, serve func(http.Handler) *httptest.Server, wrap func(w http.ResponseWriter, r *http.Request, next http.Handler)) *server {
	t.Helper()
	s := &server{wrap: wrap}
	real := registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0)))
	s.Server = serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, r.Method+" "+r.URL.RequestURI())
		s.mu.Unlock()
		if s.wrap != nil {
			s.wrap(w, r, real)
			return
		}
		real.ServeHTTP(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	s.host = strings.TrimPrefix(strings.TrimPrefix(s.URL, "http://"), "https://")
	return s
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.seen...)
}

func (s *server) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = nil
}

// quick gives a Client whose waits are short.
func quick(o Options) *Client {
	c := New(o)
	c.backoff = time.Millisecond
	return c
}

func (s *server) repo(t testing.TB, o Options) *Repository {
	t.Helper()
	r, err := quick(o).Repository(s.host + "/shop/app")
	must(t, err)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code Code, contains ...string) {
	t.Helper()
	if CodeOf(err) != code {
		t.Fatalf("code %q, expected %q: %v", CodeOf(err), code, err)
	}
	var e *Error
	if errors.As(err, &e); e.Op == "" {
		t.Errorf("the error does not say what was being done: %v", err)
	}
	for _, s := range contains {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("the error does not say %q: %v", s, err)
		}
	}
}

// image is a manifest that the real registry takes, about a subject if one is given.
func image(subject attest.Digest, n int) []byte {
	about := ""
	if !subject.IsZero() {
		about = fmt.Sprintf(`,"subject":{"mediaType":%q,"digest":%q,"size":1}`, TypeManifest, subject)
	}
	return fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":%q,"size":2},"layers":[],"annotations":{"n":"%d"}%s}`,
		TypeManifest, attest.SHA256([]byte("{}")), n, about)
}

// push stores an image under a tag.
func push(t testing.TB, r *Repository, tag string) Descriptor {
	t.Helper()
	_, err := r.PutBlob(t.Context(), []byte("{}"), "application/vnd.oci.empty.v1+json")
	must(t, err)
	d, err := r.PutManifest(t.Context(), tag, TypeManifest, image(attest.Digest{}, 0))
	must(t, err)
	return d
}
