// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
)

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
