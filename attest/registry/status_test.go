// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

func TestT13_StatusesAreKeptApart(t *testing.T) {
	known := `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no such manifest"}]}`
	for _, c := range []struct {
		status int
		kind   string
		body   string
		code   Code
	}{
		{404, "application/json", known, NotFound},
		{404, "", "", NotFound},
		{404, "text/plain; charset=utf-8", "404 page not found\n", NotFound},
		{404, "text/html", "<html>Welcome to the hotel's network</html>", Malformed},
		{404, "text/html", known, NotFound}, // a registry's words, whatever the header says
		{200, "text/html", "<html></html>", Malformed},
		{200, TypeManifest, "", Malformed},
		{200, TypeManifest, " \n", Malformed},
		{200, TypeManifest, "[]", Malformed},
		{200, TypeManifest, `{"a":1`, Malformed},
		{200, "application/vnd.docker.distribution.manifest.v1+json", `{"schemaVersion":1}`, Unsupported},
		{204, TypeManifest, "", Malformed},
		{206, TypeManifest, "{}", Malformed},
		{302, "", "", Malformed}, // leads nowhere
		{400, "", "", Unsupported},
		{401, "", "", Unauthorized},
		{403, "", "", Denied},
		{405, "", "", Unsupported},
		{410, "", "", Unsupported},
		{413, "", "", Limit},
		{429, "", "", RateLimited},
		{500, "", "", Unavailable},
		{501, "", "", Unsupported},
		{502, "", "", Unavailable},
		{503, "", "", Unavailable},
		{504, "", "", Timeout},
	} {
		r := start(t, sends(c.status, c.kind, []byte(c.body))).repo(t, Options{Retries: -1})
		_, err := r.Manifest(t.Context(), "v1")
		if CodeOf(err) != c.code || IsNotFound(err) != (c.code == NotFound) {
			t.Errorf("%d %s %.30q: %v, expected %s", c.status, c.kind, c.body, err, c.code)
		}
		if _, err := r.Tags(t.Context(), ""); c.status != 200 && CodeOf(err) != c.code {
			t.Errorf("tags, %d: %v", c.status, err)
		}
		_, supported, err := r.Referrers(t.Context(), some)
		switch c.status {
		case 404, 405, 501:
			if err != nil || supported {
				t.Errorf("referrers, %d: %v, %v", c.status, supported, err)
			}
		default:
			if err == nil {
				t.Errorf("referrers, %d: no error", c.status)
			}
		}
	}
}

func TestC28_ReferrersNotSupported(t *testing.T) {
	for body, unsupported := range map[string]bool{
		`{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}`: true,
		`{"errors":[{"code":"DIGEST_INVALID","message":""}]}`:                           false,
	} {
		_, supported, err := start(t, sends(400, "application/json", []byte(body))).repo(t, Options{}).Referrers(t.Context(), some)
		if supported || (err == nil) != unsupported {
			t.Errorf("%s: %v, %v", body, supported, err)
		}
	}
}

func TestC28_Pages(t *testing.T) {
	all := func(n int) string { return listing(n*10, 3) + "}" }
	for name, c := range map[string]struct {
		lie  func(w http.ResponseWriter, r *http.Request, next http.Handler)
		code Code
	}{
		"followed to the end": {paged(5, all), ""},
		"a page fails": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Query().Get("page") == "3" {
				w.WriteHeader(500)
				return
			}
			paged(5, all)(w, r, next)
		}, Unavailable},
		"a page is not there": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Query().Get("page") == "3" {
				w.WriteHeader(404)
				return
			}
			paged(5, all)(w, r, next)
		}, NotFound},
		"round and round": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.Header().Set("Link", `<`+r.URL.Path+`?page=2>; rel="next"`)
			_, _ = io.WriteString(w, all(1))
		}, Malformed},
		"to itself": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.Header().Set("Link", `<`+r.URL.Path+`>; rel=next`)
			_, _ = io.WriteString(w, all(1))
		}, Malformed},
		"another path": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.Header().Set("Link", `</v2/other/app/referrers/`+some.String()+`?page=2>; rel="next"`)
			_, _ = io.WriteString(w, all(1))
		}, RefusedAddress},
		"another host": {func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.Header().Set("Link", `<https://other.example.com`+r.URL.Path+`?page=2>; rel="next"`)
			_, _ = io.WriteString(w, all(1))
		}, RefusedAddress},
		"no list":          {sends(200, TypeIndex, []byte(`{"schemaVersion":2}`)), Malformed},
		"twice":            {sends(200, TypeIndex, []byte(`{"manifests":[],"manifests":[]}`)), Malformed},
		"other spelling":   {sends(200, TypeIndex, []byte(`{"Manifests":[]}`)), Malformed},
		"no size":          {sends(200, TypeIndex, []byte(`{"manifests":[{"digest":"`+some.String()+`"}]}`)), Malformed},
		"negative size":    {sends(200, TypeIndex, []byte(`{"manifests":[{"size":-1,"digest":"`+some.String()+`"}]}`)), Malformed},
		"digest of a path": {sends(200, TypeIndex, []byte(`{"manifests":[{"size":1,"digest":"sha256:../../x"}]}`)), Malformed},
		"a web page":       {sends(200, "text/html", []byte(`<html></html>`)), Malformed},
	} {
		s := start(t, c.lie)
		list, supported, err := s.repo(t, Options{Retries: -1}).Referrers(t.Context(), some)
		if CodeOf(err) != c.code || err != nil && list != nil || err == nil && (len(list) != 15 || !supported) {
			t.Errorf("%s: %d listed, %v, %v", name, len(list), supported, err)
		}
	}
}

func TestT02_ManifestOfAnotherDigest(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Docker-Content-Digest", some.String()) // believes nobody
		sends(200, TypeManifest, []byte(`{"a":1}`))(w, nil, nil)
	})
	_, err := s.repo(t, Options{}).Manifest(t.Context(), some.String())
	wantCode(t, err, DigestMismatch, some.String(), attest.SHA256([]byte(`{"a":1}`)).String())
	m, err := s.repo(t, Options{}).Manifest(t.Context(), "v1")
	must(t, err)
	if m.Digest == some {
		t.Error("the header was believed")
	}
}

func TestT13_Retries(t *testing.T) {
	raw := padded(`{"a":1`, 20)
	failing := func(times int, how func(w http.ResponseWriter)) (*server, *atomic.Int32) {
		var n atomic.Int32
		return start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			if int(n.Add(1)) <= times {
				how(w)
				return
			}
			sends(200, TypeManifest, raw)(w, r, nil)
		}), &n
	}
	abort := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	status := func(n int) func(http.ResponseWriter) { return func(w http.ResponseWriter) { w.WriteHeader(n) } }
	for name, c := range map[string]struct {
		how  func(http.ResponseWriter)
		code Code
		n    int32
	}{
		"429": {status(429), RateLimited, 5}, "502": {status(502), Unavailable, 5}, "503": {status(503), Unavailable, 5}, "504": {status(504), Timeout, 5}, "reset": {abort, Unavailable, 5},
		"500": {status(500), Unavailable, 1}, "404": {status(404), NotFound, 1}, "401": {status(401), Unauthorized, 1},
	} {
		s, n := failing(100, c.how)
		_, err := s.repo(t, Options{}).Manifest(t.Context(), "v1")
		wantCode(t, err, c.code)
		if n.Load() != c.n && name != "reset" { // net/http tries once more of its own accord
			t.Errorf("%s: %d tries, expected %d", name, n.Load(), c.n)
		}
		if c.n == 1 {
			continue
		}
		s, _ = failing(2, c.how)
		if _, err := s.repo(t, Options{}).Manifest(t.Context(), "v1"); err != nil {
			t.Errorf("%s, twice: %v", name, err)
		}
		s, n = failing(100, c.how)
		if _, err := s.repo(t, Options{Retries: -1}).Manifest(t.Context(), "v1"); err == nil || n.Load() > 2 {
			t.Errorf("%s, without retries: %d tries, %v", name, n.Load(), err)
		}
	}
}

func TestT13_RetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, "99999999999": 0, "Sun, 06 Nov 1994 08:49:47 GMT": 10 * time.Second, "Sun, 06 Nov 1994 08:49:27 GMT": 0,
	} {
		h := http.Header{"Retry-After": {value}, "Date": {"Sun, 06 Nov 1994 08:49:37 GMT"}}
		if got := retryAfter(h); got != want && (value != "99999999999" || got <= MaxRetryAfter) {
			t.Errorf("%q: %s, expected %s", value, got, want)
		}
	}
	s := start(t, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Retry-After", fmt.Sprint(int(MaxRetryAfter/time.Second)+1))
		w.WriteHeader(429)
	})
	_, err := s.repo(t, Options{}).Manifest(t.Context(), "v1")
	wantCode(t, err, RateLimited, "come back in 31s")
	if len(s.requests()) != 1 {
		t.Errorf("%d requests", len(s.requests()))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	wait := start(t, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Retry-After", "20")
		w.WriteHeader(503)
	})
	_, err = wait.repo(t, Options{}).Manifest(ctx, "v1")
	wantCode(t, err, Unavailable)
}

func TestT13_ContextEnds(t *testing.T) {
	done := make(chan struct{})
	defer close(done)
	s := start(t, func(http.ResponseWriter, *http.Request, http.Handler) { <-done })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := s.repo(t, Options{}).Manifest(ctx, "v1")
	wantCode(t, err, Timeout)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the cause is lost: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, stop)
	if _, err := s.repo(t, Options{}).Manifest(ctx, "v1"); !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestEncodedAnswerIsRefused(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		if r.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("asks for %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte{0x1f, 0x8b})
	})
	_, err := s.repo(t, Options{}).Manifest(t.Context(), "v1")
	wantCode(t, err, Malformed, "gzip")
}

func TestHeadFallsBackToGet(t *testing.T) {
	for name, lie := range map[string]func(http.ResponseWriter){
		"not allowed": func(w http.ResponseWriter) { w.WriteHeader(405) },
		"no digest":   func(w http.ResponseWriter) { w.WriteHeader(200) },
		"odd digest":  func(w http.ResponseWriter) { w.Header().Set("Docker-Content-Digest", "sha256:x"); w.WriteHeader(200) },
	} {
		s := start(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == http.MethodHead && strings.Contains(r.URL.Path, "manifests") {
				lie(w)
				return
			}
			next.ServeHTTP(w, r)
		})
		r := s.repo(t, Options{})
		d := push(t, r, "v1")
		if got, err := r.Head(t.Context(), "v1"); err != nil || got.Digest != d.Digest || got.Size != d.Size {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		_, err := r.Head(t.Context(), "v2")
		if name != "not allowed" {
			continue
		}
		wantCode(t, err, NotFound)
	}
}
