// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

// apart makes each repository of the registry have blobs of its own, which the one in memory has not, and lets them be mounted.
func apart(mounts bool) func(http.ResponseWriter, *http.Request, http.Handler) {
	var mu sync.Mutex
	have := map[string]bool{}
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		repo, rest, _ := strings.Cut(r.URL.Path, "/blobs/")
		repo = strings.TrimPrefix(repo, "/v2/")
		mu.Lock()
		q := r.URL.Query()
		switch from := q.Get("from"); {
		case r.Method == http.MethodPost && from != "" && mounts && have[from+"@"+q.Get("mount")]:
			have[repo+"@"+q.Get("mount")] = true
			mu.Unlock()
			w.WriteHeader(http.StatusCreated)
			return
		case strings.HasPrefix(rest, "sha256:") && !have[repo+"@"+rest]:
			mu.Unlock()
			w.WriteHeader(http.StatusNotFound)
			return
		case r.Method == http.MethodPut && q.Get("digest") != "":
			have[repo+"@"+q.Get("digest")] = true
		}
		mu.Unlock()
		next.ServeHTTP(w, r)
	}
}

func methods(s *server) string {
	var out []string
	for _, r := range s.requests() {
		m, _, _ := strings.Cut(r, " ")
		out = append(out, m)
	}
	return strings.Join(out, " ")
}

func TestCopyBlobMovesNothingThatIsThere(t *testing.T) {
	for _, mounts := range []bool{true, false} {
		s := start(t, apart(mounts))
		c := quick(Options{})
		a, err := c.Repository(s.host + "/dev/shop")
		must(t, err)
		b, err := c.Repository(s.host + "/prod/shop")
		must(t, err)
		raw := bytes.Repeat([]byte("layer"), 50_000)
		d, err := a.PutBlob(t.Context(), raw, "")
		must(t, err)
		s.forget()
		want, requests := Mounted, "HEAD POST"
		if !mounts {
			want, requests = Uploaded, "HEAD POST PUT GET"
		}
		how, err := b.CopyBlob(t.Context(), d, a)
		if got := methods(s); err != nil || how != want || len(got) != len(requests) {
			t.Errorf("mounts %v: %v, %v, requests %s, expected %s", mounts, how, err, got, requests)
		}
		s.forget()
		if how, err := b.CopyBlob(t.Context(), d, a); err != nil || how != Present || methods(s) != "HEAD" {
			t.Errorf("again: %v, %v, requests %s", how, err, methods(s))
		}
		got, err := b.ReadBlob(t.Context(), d, 1<<20)
		if err != nil || !bytes.Equal(got, raw) {
			t.Errorf("it came as %d bytes, %v", len(got), err)
		}
	}
}

func TestCopyBlobBetweenRegistries(t *testing.T) {
	from, to := start(t, nil), start(t, nil)
	c := quick(Options{})
	a, err := c.Repository(from.host + "/shop")
	must(t, err)
	b, err := c.Repository(to.host + "/shop")
	must(t, err)
	for _, n := range []int{0, 1, 5 << 20} {
		raw := bytes.Repeat([]byte("b"), n)
		d, err := a.PutBlob(t.Context(), raw, "")
		must(t, err)
		if how, err := b.CopyBlob(t.Context(), d, a); err != nil || how != Uploaded {
			t.Fatalf("%d bytes: %v, %v", n, how, err)
		}
		if has, err := b.HasBlob(t.Context(), d); err != nil || !has {
			t.Errorf("%d bytes: %v, %v", n, has, err)
		}
	}
	for range 3 { // more at once than connections to one host
		var wg sync.WaitGroup
		for i := range 4 {
			raw := fmt.Appendf(nil, "blob %d", i)
			d, err := a.PutBlob(t.Context(), raw, "")
			must(t, err)
			wg.Go(func() {
				if _, err := b.CopyBlob(t.Context(), d, a); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}

// lying gives other bytes than were asked for, fewer, or none.
type lying struct {
	raw []byte
	err error
}

func (l lying) Blob(_ context.Context, _ Descriptor, w io.Writer) error {
	if _, err := w.Write(l.raw); err != nil {
		return err
	}
	return l.err
}

func TestT02_CopyBlobFromALiar(t *testing.T) {
	raw := bytes.Repeat([]byte("b"), 100_000)
	d := Descriptor{Digest: attest.SHA256(raw), Size: int64(len(raw))}
	for name, from := range map[string]lying{
		"too short":  {raw[:500], nil},
		"breaks off": {raw[:500], fail(Unavailable, "the source died").hint("x")},
		"mismatch":   {raw[:99_999], fail(DigestMismatch, "the source lies")},
		"other":      {bytes.Repeat([]byte("c"), 100_000), nil},
	} {
		s := start(t, nil)
		r := s.repo(t, Options{Retries: -1})
		_, err := r.CopyBlob(t.Context(), d, from)
		if err == nil || from.err != nil && !strings.Contains(err.Error(), "the source") {
			t.Errorf("%s: %v", name, err)
		}
		if has, err := r.HasBlob(t.Context(), d); has || err != nil {
			t.Errorf("%s: it is there (%v)", name, err)
		}
	}
}

func TestHasBlobHoldsTheLengthAgainstTheDescriptor(t *testing.T) {
	s := start(t, nil)
	r := s.repo(t, Options{})
	d, err := r.PutBlob(t.Context(), []byte("four"), "")
	must(t, err)
	d.Size = 5
	_, err = r.HasBlob(t.Context(), d)
	wantCode(t, err, DigestMismatch, "says 4 bytes")
	_, err = r.CopyBlob(t.Context(), d, lying{})
	wantCode(t, err, DigestMismatch)
}

// A registry wants one token that may push here and pull there; one that grants no such token still gets the bytes.
func TestMountAsksForBothScopes(t *testing.T) {
	for _, grants := range []bool{true, false} {
		var mu sync.Mutex
		var asked [][]string
		inner := apart(true)
		s := start(t, nil)
		s.wrap = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path == "/token" {
				scopes := r.URL.Query()["scope"]
				mu.Lock()
				asked = append(asked, scopes)
				mu.Unlock()
				if !grants && slices.Contains(scopes, "repository:dev/shop:pull") && len(scopes) > 1 {
					w.WriteHeader(http.StatusForbidden)
					return
				}
				fmt.Fprintf(w, `{"token":%q}`, strings.Join(scopes, ";"))
				return
			}
			have := r.Header.Get("Authorization")
			need := "repository:dev/shop"
			if strings.HasPrefix(r.URL.Path, "/v2/prod/") {
				need = "repository:prod/shop"
			}
			if !strings.Contains(have, need) || r.URL.Query().Get("from") != "" && !strings.Contains(have, "dev/shop:pull") {
				w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="test"`, r.Host))
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			inner(w, r, next)
		}
		c := quick(Options{})
		a, err := c.Repository(s.host + "/dev/shop")
		must(t, err)
		b, err := c.Repository(s.host + "/prod/shop")
		must(t, err)
		d, err := a.PutBlob(t.Context(), []byte("layer"), "")
		must(t, err)
		want := Mounted
		if !grants {
			want = Uploaded
		}
		if how, err := b.CopyBlob(t.Context(), d, a); err != nil || how != want {
			t.Errorf("grants %v: %v, %v; tokens asked for: %q, requests %q", grants, how, err, asked, s.requests())
		}
	}
}
