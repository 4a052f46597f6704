// SPDX-License-Identifier: Apache-2.0

package keyless_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

var (
	at  = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	job = attesttest.GitHubJob("acme/shop", "build.yml", "refs/heads/main")
)

// world is an instance with its servers, a signer on them, and a verifier that trusts the instance.
type world struct {
	*attesttest.Servers
	instance *attesttest.Sigstore
	options  keyless.Options
	now      time.Time
	tokens   int
}

func newWorld(t *testing.T, logs ...string) *world {
	t.Helper()
	s := attesttest.NewSigstore(t, at)
	w := &world{Servers: s.Serve(t), instance: s, now: at}
	services, err := keyless.ParseSigningConfig(w.SigningConfig(t, logs...), at)
	if err != nil {
		t.Fatal(err)
	}
	w.options = keyless.Options{Services: services, HTTP: http.DefaultTransport, Now: func() time.Time { return w.now }, Budget: 5 * time.Second,
		Token: func(context.Context) (string, error) { w.tokens++; return w.Token(t, job, nil), nil }}
	return w
}

func (w *world) signer(t *testing.T) *keyless.Signer {
	t.Helper()
	s, err := keyless.New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) verify(t *testing.T, bundle []byte, logs, stamps int) attest.Evidence {
	t.Helper()
	auth, err := sigstore.NewAuthenticator(nil, sigstore.Trust{Root: w.instance.Root(t), Logs: logs, Timestamps: stamps, SCT: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := attest.NewVerifier(auth)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Verify(t.Context(), bundle)
	if err != nil {
		t.Fatalf("what was signed does not verify: %v", err)
	}
	return e
}

func statement(t *testing.T) []byte {
	t.Helper()
	s, err := attest.EncodeStatement("https://example.com/test/v1", map[string]any{"ok": true}, attest.Subject{Name: "shop", Digest: attest.DigestSet{"sha256": strings.Repeat("ab", 32)}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		logs        []string
		need, stamp int
	}{
		"Rekor v2": {[]string{attesttest.LogV2}, 1, 1},
		"Rekor v1": {[]string{attesttest.LogV1}, 1, 1},
		"no log":   {nil, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.logs...)
			s := w.signer(t)
			if !s.Identity().IsZero() {
				t.Errorf("before anything is known the signer is %s", s.Identity())
			}
			guess, err := s.Identify(t.Context())
			if err != nil || guess.Issuer != job.Issuer {
				t.Fatalf("guessed %v, %v", guess, err)
			}
			if w.Asked(attesttest.ServerCA) != 0 {
				t.Error("guessing asked for a certificate")
			}
			if err := s.Unlock(t.Context()); err != nil {
				t.Fatal(err)
			}
			id := s.Identity()
			if id.Subject != job.Subject || id.Issuer != job.Issuer {
				t.Errorf("signer is %s, expected %s", id, job.Subject)
			}
			payload := statement(t)
			for range 3 {
				b, err := s.Sign(t.Context(), payload)
				if err != nil {
					t.Fatal(err)
				}
				e := w.verify(t, b, c.need, c.stamp)
				if !maps.Equal(e.Signer().Claims, id.Claims) || id.Claims["sourceRepositoryIdentifier"] == "" || e.Signer().Serial != id.Serial {
					t.Errorf("the certificate says %v, the signer said %v", e.Signer(), id)
				}
				if e.Signer().Principal() != id.Principal() || string(e.Payload()) != string(payload) {
					t.Errorf("signed by %s", e.Signer())
				}
				if when, source := e.Time(); !when.Equal(at) || source != attest.Authority {
					t.Errorf("signed at %s (%s)", when, source)
				}
			}
			if n := w.Asked(attesttest.ServerCA); n != 1 {
				t.Errorf("%d certificates for one stage, expected one", n)
			}
			if n := w.Asked(attesttest.ServerTime); n != 3 {
				t.Errorf("%d time stamps for three statements", n)
			}
		})
	}
}

func TestCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	w.options.Token = func(context.Context) (string, error) {
		w.tokens++
		return w.Token(t, job, map[string]any{"nbf": 0, "exp": at.Unix() + 1e6}), nil
	}
	s := w.signer(t)
	for i, after := range []time.Duration{0, 5 * time.Minute, 9 * time.Minute, -time.Hour} {
		w.now = w.now.Add(after)
		if _, err := s.Sign(t.Context(), statement(t)); err != nil {
			t.Fatal(err)
		}
		if n, want := w.Asked(attesttest.ServerCA), []int{1, 1, 2, 3}[i]; n != want {
			t.Errorf("after %s: %d certificates, expected %d", after, n, want)
		}
	}
	if w.tokens != 3 {
		t.Errorf("%d tokens for 3 certificates", w.tokens)
	}
}

func TestSignInParallel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	s := w.signer(t)
	payload := statement(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := s.Sign(t.Context(), payload); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.Asked(attesttest.ServerCA); n != 1 {
		t.Errorf("%d certificates, expected one", n)
	}
}

func TestSignBlob(t *testing.T) {
	t.Parallel()
	for _, l := range []string{attesttest.LogV1, attesttest.LogV2} {
		w := newWorld(t, l)
		s, err := keyless.New(w.options)
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.SignBlob(t.Context(), []byte("hello"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), `"messageSignature"`) || !strings.Contains(string(b), "v0.3+json") {
			t.Errorf("bundle is %s", b)
		}
	}
}

func TestNotAStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	if _, err := w.signer(t).Sign(t.Context(), []byte(`{"hello":1}`)); err == nil || w.tokens != 0 {
		t.Errorf("signed something that is no statement: %v, %d tokens", err, w.tokens)
	}
}

// A duplicate entry is success: the log of version 1 gives the entry again, for that of version 2 the signature is made anew.
func TestDuplicateEntry(t *testing.T) {
	t.Parallel()
	for log, server := range map[string]string{attesttest.LogV1: attesttest.ServerLogV1, attesttest.LogV2: attesttest.ServerLogV2} {
		t.Run(log, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, log)
			w.LoseAnswer(server)
			b, err := w.signer(t).Sign(t.Context(), statement(t))
			if err != nil {
				t.Fatal(err)
			}
			w.verify(t, b, 1, 1)
			if n := w.Asked(server); n < 2 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// V-71: a log that says it has the entry and names somebody else's is found out before anything is stored.
func TestV71_ConflictThatNamesAnotherEntry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV1)
	lying := &conflicting{t: t}
	w.options.HTTP = lying
	s := w.signer(t)
	b, err := s.Sign(t.Context(), statement(t))
	if err != nil {
		t.Fatal(err)
	}
	w.verify(t, b, 1, 1)
	lying.lie = true
	b, err = s.Sign(t.Context(), statement(t))
	if err != nil {
		t.Fatal(err)
	}
	auth, err := sigstore.NewAuthenticator(nil, sigstore.Trust{Root: w.instance.Root(t), Logs: 1, Timestamps: 1, SCT: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := attest.NewVerifier(auth)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), b); attest.RejectCode(err) != sigstore.CodeLogMismatch {
		t.Errorf("the entry of another signature: %v", err)
	}
}

// conflicting answers, once it lies, that the log has an entry already, and names the first that it took.
type conflicting struct {
	t     *testing.T
	lie   bool
	first string
}

func (c *conflicting) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/log1/") {
		return http.DefaultTransport.RoundTrip(r)
	}
	if c.lie {
		return &http.Response{StatusCode: http.StatusConflict, Header: http.Header{"Location": {r.URL.Path + "/" + c.first}}, Body: http.NoBody, Request: r}, nil
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(body, &entries); err != nil {
		c.t.Error(err)
	}
	for name := range entries {
		c.first = name
	}
	return resp, nil
}

func TestRetry(t *testing.T) {
	t.Parallel()
	for _, server := range []string{attesttest.ServerCA, attesttest.ServerTime, attesttest.ServerLogV2} {
		for name, fault := range map[string]func(int, http.ResponseWriter) bool{"503": attesttest.Status(503, 2), "429": attesttest.Status(429, 1, "Retry-After", "1"), "broken": broken(2)} {
			t.Run(server+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, attesttest.LogV2)
				w.Fault(server, fault)
				b, err := w.signer(t).Sign(t.Context(), statement(t))
				if err != nil {
					t.Fatal(err)
				}
				w.verify(t, b, 1, 1)
			})
		}
	}
}

// logOf is the log with which a server is tried out.
func logOf(server string) string {
	if server == attesttest.ServerLogV1 {
		return attesttest.LogV1
	}
	return attesttest.LogV2
}

// broken cuts the connection.
func broken(first int) func(int, http.ResponseWriter) bool {
	return func(n int, w http.ResponseWriter) bool {
		if first > 0 && n > first {
			return false
		}
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			c.Close()
		}
		return true
	}
}

func TestDown(t *testing.T) {
	t.Parallel()
	paths := map[string]string{attesttest.ServerCA: "/ca/api/v2/signingCert", attesttest.ServerTime: "/time", attesttest.ServerLogV2: "/log2/api/v2/log/entries", attesttest.ServerLogV1: "/log1/api/v1/log/entries"}
	services := map[string]string{attesttest.ServerCA: "certificate authority", attesttest.ServerTime: "time stamp authority", attesttest.ServerLogV2: "transparency log", attesttest.ServerLogV1: "transparency log"}
	for server, path := range paths {
		for name, fault := range map[string]func(int, http.ResponseWriter) bool{"503": attesttest.Status(503, 0), "broken": broken(0), "much later": attesttest.Status(429, 0, "Retry-After", "3000"), "redirect": attesttest.Status(302, 0, "Location", "/elsewhere")} {
			t.Run(server+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, logOf(server))
				w.options.Budget = 700 * time.Millisecond
				w.Fault(server, fault)
				start := time.Now()
				b, err := w.signer(t).Sign(t.Context(), statement(t))
				var down *keyless.DownError
				if b != nil || !errors.As(err, &down) {
					t.Fatalf("expected a DownError, got %v", err)
				}
				if down.Service != services[server] || down.URL != w.URL+path || !strings.Contains(err.Error(), w.URL+path) {
					t.Errorf("names %s %s", down.Service, down.URL)
				}
				if took := time.Since(start); took > 4*time.Second {
					t.Errorf("gave up after %s", took)
				}
				if strings.Contains(err.Error(), "deadline") {
					t.Errorf("the end of the budget hides the cause: %v", err)
				}
			})
		}
	}
}

// One of several logs that is down is replaced by another; where all are wanted, it is an error.
func TestAnotherServerStepsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	w.options.Budget = 600 * time.Millisecond
	gone := keyless.Service{URL: "http://127.0.0.1:1/log", Version: 2}
	w.options.Services.Logs.From = append([]keyless.Service{gone}, w.options.Services.Logs.From...)
	b, err := w.signer(t).Sign(t.Context(), statement(t))
	if err != nil {
		t.Fatal(err)
	}
	w.verify(t, b, 1, 1)
	w.options.Services.Logs.Count = 2
	var down *keyless.DownError
	if _, err := w.signer(t).Sign(t.Context(), statement(t)); !errors.As(err, &down) || !strings.Contains(err.Error(), gone.URL) {
		t.Errorf("expected the log that is down to be named, got %v", err)
	}
}

// Where the policy allows it, time stamps stand in for a log that is down, and somebody is told.
func TestDegraded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	w.options.Budget = 500 * time.Millisecond
	told := 0
	w.options.Degraded = func(down *keyless.DownError) {
		if down.Service == "transparency log" {
			told++
		}
	}
	w.Fault(attesttest.ServerLogV2, attesttest.Status(503, 0))
	b, err := w.signer(t).Sign(t.Context(), statement(t))
	if err != nil || told != 1 {
		t.Fatalf("told %d times, %v", told, err)
	}
	w.verify(t, b, 0, 1)
	w.Fault(attesttest.ServerTime, attesttest.Status(503, 0))
	var down *keyless.DownError
	if _, err := w.signer(t).Sign(t.Context(), statement(t)); !errors.As(err, &down) || down.Service != "time stamp authority" {
		t.Errorf("without log and time stamp: %v", err)
	}
}

// A server that was found down is not asked again: what is signed next fails at once, or does without it.
func TestDownIsRemembered(t *testing.T) {
	t.Parallel()
	for _, server := range []string{attesttest.ServerCA, attesttest.ServerTime, attesttest.ServerLogV2, attesttest.ServerLogV1} {
		for _, degraded := range []bool{false, true} {
			w := newWorld(t, logOf(server))
			w.options.Budget = 300 * time.Millisecond
			told := 0
			if degraded {
				w.options.Degraded = func(*keyless.DownError) { told++ }
			}
			w.Fault(server, attesttest.Status(503, 0))
			s := w.signer(t)
			signAll(t, s, 4)
			asked := w.Asked(server)
			errs := signAll(t, s, 4)
			if n := w.Asked(server) - asked; n != 0 {
				t.Errorf("%s: asked %d times more", server, n)
			}
			if degraded && (server == attesttest.ServerLogV1 || server == attesttest.ServerLogV2) {
				if len(errs) != 0 || told != 8 {
					t.Errorf("%s: told %d times, %v", server, told, errs)
				}
				continue
			}
			var down *keyless.DownError
			if len(errs) != 4 || !errors.As(errs[3], &down) {
				t.Errorf("%s: %v", server, errs)
			}
		}
	}
}

// signAll signs several statements at once and gives what went wrong.
func signAll(t *testing.T, s *keyless.Signer, n int) (failed []error) {
	t.Helper()
	payload := statement(t)
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { _, errs[i] = s.Sign(t.Context(), payload) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	return failed
}

// A signer whose time was up has found nobody down.
func TestDeadlineIsNoOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	w.Fault(attesttest.ServerTime, attesttest.Status(503, 0))
	s := w.signer(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := s.Sign(ctx, statement(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("expected the deadline, got %v", err)
	}
	w.Fault(attesttest.ServerTime, nil)
	if _, err := s.Sign(t.Context(), statement(t)); err != nil {
		t.Error(err)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	w.Fault(attesttest.ServerTime, attesttest.Status(503, 0))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := w.signer(t).Sign(ctx, statement(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("expected the deadline, got %v", err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	other := attesttest.NewSigstore(t, at).Serve(t)
	token := other.Token(t, job, nil)
	w.options.Token = func(context.Context) (string, error) { return token, nil }
	_, err := w.signer(t).Sign(t.Context(), statement(t))
	var refused *keyless.RefusedError
	if !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized || !strings.Contains(err.Error(), w.URL) {
		t.Fatalf("expected a refusal that names the authority, got %v", err)
	}
	for part := range strings.SplitSeq(token, ".") {
		if strings.Contains(err.Error(), part) {
			t.Errorf("the message holds a part of the token: %v", err)
		}
	}
	if n := w.Asked(attesttest.ServerCA); n != 1 {
		t.Errorf("a refusal was asked for %d times", n)
	}
}

// A good time stamp of other bytes, and a good certificate of another key, are errors and not evidence.
func TestServersThatGiveAnothersWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	w.Fault(attesttest.ServerTime, func(_ int, out http.ResponseWriter) bool {
		_, _ = out.Write(w.instance.Stamp(t, []byte("something else"), at))
		return true
	})
	if _, err := w.signer(t).Sign(t.Context(), statement(t)); err == nil || !strings.Contains(err.Error(), "authority "+w.URL) || !strings.Contains(err.Error(), "something else") {
		t.Errorf("a time stamp of other bytes: got %v", err)
	}

	w = newWorld(t, attesttest.LogV2)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"signedCertificateEmbeddedSct": map[string]any{"chain": map[string]any{"certificates": []string{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}}}})
	if err != nil {
		t.Fatal(err)
	}
	w.Fault(attesttest.ServerCA, func(_ int, out http.ResponseWriter) bool {
		_, _ = out.Write(body)
		return true
	})
	if _, err := w.signer(t).Sign(t.Context(), statement(t)); err == nil || !strings.Contains(err.Error(), "authority "+w.URL+"/ca: it gave a certificate for another key") {
		t.Errorf("a certificate of another key: got %v", err)
	}
}

// Servers that answer nonsense are errors that name them.
func TestServersThatLie(t *testing.T) {
	t.Parallel()
	answer := func(body string) func(int, http.ResponseWriter) bool {
		return func(_ int, w http.ResponseWriter) bool {
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	for server, bodies := range map[string][]string{
		attesttest.ServerCA:    {``, `{}`, `{"signedCertificateEmbeddedSct":{"chain":{"certificates":["x"]}}}`, `[]`},
		attesttest.ServerTime:  {``, `{}`, "\x30\x03\x02\x01\x00"},
		attesttest.ServerLogV1: {``, `{}`, `{"a":{}}`, `{"a":{"body":"e30="},"b":{}}`, `null`},
		attesttest.ServerLogV2: {``, `[]`, `{"logIndex":"x"}`},
	} {
		for _, body := range bodies {
			w := newWorld(t, logOf(server))
			w.Fault(server, answer(body))
			if b, err := w.signer(t).Sign(t.Context(), statement(t)); err == nil {
				t.Errorf("%s answered %q and there is a bundle of %d bytes", server, body, len(b))
			} else if !strings.Contains(err.Error(), "authority") && !strings.Contains(err.Error(), "log") {
				t.Errorf("%s answered %q: the error does not name it: %v", server, body, err)
			}
		}
	}
}
