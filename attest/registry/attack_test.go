// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
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
		"null list":        {sends(200, TypeIndex, []byte(`{"manifests":null}`)), Malformed},
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

// elsewhere is a second server that remembers what it was sent.
func elsewhere(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) (*httptest.Server, *[]string) {
	t.Helper()
	var mu sync.Mutex
	got := &[]string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		*got = append(*got, r.Method+" "+r.Header.Get("Authorization"))
		mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s, got
}

func TestT10_AuthorizationStaysWithItsHost(t *testing.T) {
	raw, d := blob(100, 0)
	cdn, got := elsewhere(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			w.WriteHeader(201)
			return
		}
		_, _ = w.Write(raw)
	})
	var own []string
	s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		own = append(own, r.Header.Get("Authorization"))
		switch r.Method {
		case http.MethodHead:
			w.WriteHeader(404)
		case http.MethodPost:
			w.Header().Set("Location", cdn.URL+"/upload?session=1")
			w.WriteHeader(202)
		default:
			http.Redirect(w, r, cdn.URL+"/blob?sig=secret", http.StatusTemporaryRedirect)
		}
	})
	r := s.repo(t, Options{Credentials: login(t, s.host, "alice", "hunter2")})
	must(t, r.Blob(t.Context(), d, io.Discard))
	_, err := r.PutBlob(t.Context(), raw, "x/y")
	must(t, err)
	if fmt.Sprint(*got) != "[GET  PUT ]" {
		t.Errorf("the other host was sent %q", *got)
	}
	for _, a := range own {
		if a != "Basic YWxpY2U6aHVudGVyMg==" {
			t.Errorf("the registry was sent %q", a)
		}
	}
}

func TestT10_RedirectedUploadIsAnError(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			return
		}
		next.ServeHTTP(w, r)
	})
	_, err := s.repo(t, Options{}).PutManifest(t.Context(), "v1", TypeManifest, []byte("{}"))
	wantCode(t, err, Unsupported, "redirects a PUT")
}

func TestT11_RegistryStoresSomethingElse(t *testing.T) {
	s := start(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		w.Header().Set("Docker-Content-Digest", some.String())
		w.Header().Set("Location", "/x")
		w.WriteHeader(map[string]int{"POST": 202, "PUT": 201, "HEAD": 404}[r.Method])
	})
	r := s.repo(t, Options{})
	_, err := r.PutManifest(t.Context(), "v1", TypeManifest, []byte("{}"))
	wantCode(t, err, DigestMismatch, some.String())
	_, err = r.PutBlob(t.Context(), []byte("{}"), "x/y")
	wantCode(t, err, DigestMismatch, some.String())
	_, err = r.PutManifest(t.Context(), some.String(), TypeManifest, []byte("{}"))
	wantCode(t, err, DigestMismatch)
}

func TestSpaces(t *testing.T) {
	for addr, want := range map[string]space{
		"8.8.8.8": public, "2a00:1450::1": public, "127.0.0.1": loopback, "127.9.9.9": loopback, "::1": loopback, "::ffff:127.0.0.1": loopback,
		"10.0.0.1": private, "172.31.0.1": private, "192.168.1.1": private, "100.64.0.1": private, "fd12::1": private, "::ffff:10.1.1.1": private,
		"169.254.1.1": linkLocal, "fe80::1": linkLocal, "fe80::1%eth0": linkLocal, "169.254.169.254": nowhere, "fd00:ec2::254": nowhere, "100.100.100.200": nowhere,
		"192.0.0.192": nowhere, "0.0.0.0": nowhere, "0.1.2.3": nowhere, "::": nowhere, "224.0.0.1": nowhere, "ff02::1": nowhere, "255.255.255.255": nowhere, "240.0.0.1": nowhere,
		"64:ff9b::7f00:1": loopback, "64:ff9b::a9fe:a9fe": nowhere, "64:ff9b::808:808": public, "2002:7f00:1::": loopback, "2002:a00:1::1": private, "198.18.0.1": nowhere,
		"::ffff:169.254.169.254": nowhere, "168.63.129.16": nowhere, "172.32.0.1": public, "100.128.0.1": public,
	} {
		if got := spaceOf(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is %s, expected %s", addr, got, want)
		}
	}
	for from := public; from <= nowhere; from++ {
		for to := public; to <= nowhere; to++ {
			if got, want := from.allowed(to), to == public || from == to && to != nowhere; got != want {
				t.Errorf("%s to %s: %v", from, to, got)
			}
		}
	}
}

func TestT10_NothingInternalIsContacted(t *testing.T) {
	inside, got := elsewhere(t, func(w http.ResponseWriter, _ *http.Request) {
		sends(200, TypeManifest, []byte(`{"secret":1}`))(w, nil, nil)
	})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(inside.URL, "http://"))
	must(t, err)
	for _, target := range []string{
		"http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/", "http://[fd00:ec2::254]/", "https://10.0.0.1/", "https://192.168.0.1:8443/", "https://[fe80::1]/",
		"https://0.0.0.0/", "https://[::ffff:10.0.0.1]/", "https://100.64.1.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://user:pw@127.0.0.1/", "//10.0.0.1/x", "gopher://x/",
		"https://[64:ff9b::a9fe:a9fe]/",
	} {
		s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			switch {
			case r.Method == http.MethodPost:
				w.Header().Set("Location", target)
				w.WriteHeader(202)
			case r.Method == http.MethodHead:
				w.WriteHeader(404)
			case strings.Contains(r.URL.Path, "/tags/"):
				w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q`, target))
				w.WriteHeader(401)
			default:
				w.Header().Set("Location", target)
				w.WriteHeader(307)
			}
		})
		r := s.repo(t, Options{Retries: -1, Credentials: login(t, s.host, "alice", "hunter2")})
		_, err := r.Manifest(t.Context(), "v1")
		wantCode(t, err, RefusedAddress)
		wantCode(t, r.Blob(t.Context(), Descriptor{Digest: some, Size: 1}, io.Discard), RefusedAddress)
		_, err = r.PutBlob(t.Context(), []byte("x"), "x/y")
		wantCode(t, err, RefusedAddress)
		if _, err = r.Tags(t.Context(), ""); CodeOf(err) != RefusedAddress && CodeOf(err) != Malformed {
			t.Errorf("a token server at %s: %v", target, err)
		}
	}
	// A registry that stands elsewhere can't lead to this machine, not even by a name that resolves to it.
	c := New(Options{})
	for from := range c.lines.foreign {
		_, err := c.lines.foreign[from].DialContext(t.Context(), "tcp", net.JoinHostPort("localhost", port))
		if from != loopback && CodeOf(err) != RefusedAddress || from == loopback && err != nil {
			t.Errorf("from %s: %v", from, err)
		}
	}
	h := c.host("registry.example.com")
	for _, target := range []string{"https://localhost/", "https://app.localhost/", "https://127.0.0.1/", "https://LOCALHOST./", "http://registry.example.com/", "http://cdn.example.com/", "https://10.1.1.1/"} {
		u, err := url.Parse(target)
		must(t, err)
		if _, err := c.route(h, &http.Request{URL: u}); CodeOf(err) != RefusedAddress {
			t.Errorf("%s: %v", target, err)
		}
	}
	for _, target := range []string{"https://registry.example.com/", "https://registry.example.com:443/", "https://cdn.example.com/", "https://8.8.8.8/"} {
		u, err := url.Parse(target)
		must(t, err)
		line, err := c.route(h, &http.Request{URL: u})
		if own := strings.Contains(target, "registry."); err != nil || (line == c.lines.named) != own {
			t.Errorf("%s: %v", target, err)
		}
	}
	if len(*got) != 0 {
		t.Errorf("the server inside was sent %q", *got)
	}
}

func TestNamesOfThisMachineMustLeadToIt(t *testing.T) {
	c := New(Options{})
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer lis.Close()
	_, port, _ := net.SplitHostPort(lis.Addr().String())
	conn, err := c.dialNamed(t.Context(), "tcp", "localhost:"+port)
	must(t, err)
	conn.Close()
	if s, ok := c.spaces.Load("localhost:" + port); !ok || s != loopback {
		t.Errorf("stands in %v", s)
	}
}

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
