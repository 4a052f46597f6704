// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tlsServer is a registry with a certificate, and who may certify it.
func tlsServer(t *testing.T, wrap func(w http.ResponseWriter, r *http.Request, next http.Handler)) (*server, *x509.CertPool) {
	t.Helper()
	s := startWith(t, httptest.NewTLSServer, wrap)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s, roots
}

func TestSchemes(t *testing.T) {
	s, roots := tlsServer(t, nil)
	r := s.repo(t, Options{Roots: roots})
	push(t, r, "v1")
	if got := r.host.schemes(); fmt.Sprint(got) != "[https]" {
		t.Errorf("a registry with TLS on this machine is spoken to by %q", got)
	}
	_, err := s.repo(t, Options{}).Manifest(t.Context(), "v1")
	wantCode(t, err, Unavailable, "certificate")
	plain := start(t, nil)
	r = plain.repo(t, Options{})
	push(t, r, "v1")
	if got := r.host.schemes(); fmt.Sprint(got) != "[http]" {
		t.Errorf("a registry without TLS on this machine is spoken to by %q", got)
	}
	for _, allowed := range []bool{true, false} { // elsewhere TLS comes first, and is left only where that is allowed
		r := plain.repo(t, Options{})
		r.host.loopback, r.host.plain = false, allowed
		_, err := r.Manifest(t.Context(), "v1")
		if (err == nil) != allowed || err != nil && CodeOf(err) != Unavailable {
			t.Errorf("plain %v: %v", allowed, err)
		}
	}
}

func TestPlainHostGetsNoCredentialUnasked(t *testing.T) {
	var got []string
	s := start(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		got = append(got, r.Header.Get("Authorization"))
		sends(200, TypeManifest, []byte("{}"))(w, r, nil)
	})
	r := s.repo(t, Options{Credentials: login(t, s.host, "alice", "hunter2")})
	r.host.loopback, r.host.plain = false, true
	_, err := r.Manifest(t.Context(), "v1")
	must(t, err)
	if fmt.Sprint(got) != "[]" && strings.Join(got, "") != "" {
		t.Errorf("sent %q in the clear, unasked", got)
	}
}

func TestOffline(t *testing.T) {
	s := start(t, nil)
	r := s.repo(t, Options{Offline: true})
	_, err := r.Manifest(t.Context(), "v1")
	wantCode(t, err, Offline)
	_, _, err = r.Referrers(t.Context(), some)
	wantCode(t, err, Offline)
	_, err = r.PutBlob(t.Context(), []byte("x"), "x/y")
	wantCode(t, err, Offline)
	if len(s.requests()) != 0 {
		t.Errorf("sent %q", s.requests())
	}
}

func TestMirrors(t *testing.T) {
	origin := start(t, nil)
	d := push(t, origin.repo(t, Options{}), "v1")
	raw := []byte("some content")
	b, err := origin.repo(t, Options{}).PutBlob(t.Context(), raw, "x/y")
	must(t, err)
	for name, c := range map[string]struct {
		lie    func(w http.ResponseWriter, r *http.Request, next http.Handler)
		origin int // requests that it gets
	}{
		"has it":  {func(w http.ResponseWriter, r *http.Request, _ http.Handler) { origin.Config.Handler.ServeHTTP(w, r) }, 0},
		"empty":   {nil, 2},
		"lies":    {sends(200, TypeManifest, []byte("some c0ntent")), 2},
		"fails":   {sends(503, "", nil), 2},
		"refuses": {sends(401, "", nil), 2},
	} {
		m := start(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !strings.HasPrefix(r.URL.Path, "/v2/cache/shop/app/") {
				t.Errorf("the mirror is asked for %s", r.URL.Path)
			}
			r.URL.Path = strings.Replace(r.URL.Path, "/cache/", "/", 1)
			if c.lie == nil {
				next.ServeHTTP(w, r)
				return
			}
			c.lie(w, r, next)
		})
		origin.forget()
		r := origin.repo(t, Options{Mirrors: map[string][]string{origin.host: {m.host + "/cache"}}})
		got, err := r.Manifest(t.Context(), d.Digest.String())
		must(t, err)
		content, err := r.ReadBlob(t.Context(), b, 100)
		must(t, err)
		n := len(origin.requests())
		if name == "has it" {
			n -= 2 // the mirror asks it
		}
		if got.Digest != d.Digest || !bytes.Equal(content, raw) || n != c.origin {
			t.Errorf("%s: %d requests to the origin, expected %d", name, n, c.origin)
		}
		m.forget()
		if _, err := r.Manifest(t.Context(), "v1"); err != nil || len(m.requests()) != 0 {
			t.Errorf("%s: a tag was read from a mirror: %v, %v", name, m.requests(), err)
		}
	}
	_, err = New(Options{Mirrors: map[string][]string{"a.example": {"not a host"}}}).Repository("a.example/x")
	if CodeOf(err) != Malformed {
		t.Errorf("a mirror that is none: %v", err)
	}
}

func TestLimiter(t *testing.T) {
	var now, most atomic.Int32
	s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		sends(200, TypeManifest, []byte("{}"))(w, r, nil)
	})
	r := s.repo(t, Options{})
	var wg sync.WaitGroup
	for range 5 * MaxAtOnce {
		wg.Go(func() {
			if _, err := r.Manifest(t.Context(), "v1"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := most.Load(); n > MaxAtOnce || n < 2 {
		t.Errorf("%d requests at a time, limit %d", n, MaxAtOnce)
	}
}

func TestTraceTellsOfEveryRequest(t *testing.T) {
	var mu sync.Mutex
	var got []string
	s := start(t, nil)
	r := s.repo(t, Options{Trace: func(method, url string, status int, n int64) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, fmt.Sprintf("%s %s %d %d", method, strings.TrimPrefix(url, "http://"+s.host), status, n))
	}})
	d := push(t, r, "v1")
	_, err := r.Manifest(t.Context(), "v1")
	must(t, err)
	if len(got) != len(s.requests()) || got[len(got)-1] != fmt.Sprintf("GET /v2/shop/app/manifests/v1 200 %d", d.Size) {
		t.Errorf("told of %q, sent %q", got, s.requests())
	}
}

func TestProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		sends(200, TypeManifest, []byte("{}"))(w, r, nil)
	}))
	defer proxy.Close()
	via, err := url.Parse(proxy.URL)
	must(t, err)
	c := New(Options{Plain: []string{"registry.invalid:80"}, Proxy: http.ProxyURL(via)})
	r, err := c.Repository("registry.invalid:80/shop/app")
	must(t, err)
	r.host.learn("http")
	_, err = r.Manifest(t.Context(), "v1")
	must(t, err)
	if fmt.Sprint(asked) != "[http://registry.invalid:80/v2/shop/app/manifests/v1]" {
		t.Errorf("the proxy was asked for %q", asked)
	}
}
