// SPDX-License-Identifier: Apache-2.0

package keyless_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

// idp is an OIDC issuer where alice logs in. It checks the proof of RFC 7636.
type idp struct {
	*httptest.Server
	mu        sync.Mutex
	challenge string
	nonce     string
	pending   int // how often the device flow answers that nobody has typed the code yet
	mint      func(nonce string) string
	issuer    string // what its document says, if not its URL
}

func newIDP(t *testing.T, mint func(nonce string) string) *idp {
	t.Helper()
	p := &idp{mint: mint, pending: 1}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /auth/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		iss := p.URL + "/auth"
		if p.issuer != "" {
			iss = p.issuer
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": iss, "authorization_endpoint": p.URL + "/auth/auth", "token_endpoint": p.URL + "/auth/token", "device_authorization_endpoint": p.URL + "/auth/device/code"})
	})
	mux.HandleFunc("GET /auth/auth", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		p.mu.Lock()
		p.challenge, p.nonce = q.Get("code_challenge"), q.Get("nonce")
		p.mu.Unlock()
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {"the-code"}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /auth/device/code", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.challenge = r.FormValue("code_challenge")
		_, _ = fmt.Fprintf(w, `{"device_code":"the-code","user_code":"ABCD-EFGH","verification_uri":"%s/device","interval":1,"expires_in":300}`, p.URL)
	})
	mux.HandleFunc("POST /auth/token", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		code := r.FormValue("code") + r.FormValue("device_code")
		switch {
		case code != "the-code" || p.challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
			http.Error(w, `{"error":"invalid_grant","error_description":"not the one who began: `+code+`"}`, http.StatusBadRequest)
		case r.FormValue("device_code") != "" && p.pending > 0:
			p.pending--
			http.Error(w, `{"error":"authorization_pending"}`, http.StatusUnauthorized)
		default:
			_ = json.NewEncoder(w).Encode(map[string]string{"id_token": p.mint(p.nonce)})
		}
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// alice is a login whose browser is an HTTP client that follows every redirect.
func alice(t *testing.T, p *idp, device bool, shown *strings.Builder) keyless.Login {
	t.Helper()
	return keyless.Login{Issuer: p.URL + "/auth", HTTP: http.DefaultTransport, Device: device, Now: func() time.Time { return at },
		Show: func(format string, a ...any) { fmt.Fprintf(shown, format+"\n", a...) },
		Open: func(u string) {
			resp, err := http.Get(u) //nolint:noctx,gosec // what a browser does
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for _, device := range []bool{false, true} {
		w := newWorld(t, attesttest.LogV2)
		p := newIDP(t, func(nonce string) string {
			return w.Token(t, attesttest.Person("alice@acme.example"), map[string]any{"nonce": nonce})
		})
		var shown strings.Builder
		w.options.Token = alice(t, p, device, &shown).Source().Token
		s := w.signer(t)
		if err := s.Unlock(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.Identity().Subject != "alice@acme.example" {
			t.Errorf("logged in as %s", s.Identity())
		}
		if want := map[bool]string{false: "/auth/auth?", true: "ABCD-EFGH"}[device]; !strings.Contains(shown.String(), want) {
			t.Errorf("shown: %s", shown.String())
		}
	}
}

func TestLoginThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	other := newIDP(t, func(string) string {
		return w.Token(t, attesttest.Person("alice@acme.example"), map[string]any{"nonce": "another"})
	})
	var shown strings.Builder
	var problem *keyless.TokenError
	if _, err := alice(t, other, false, &shown).Source().Token(t.Context()); !errors.As(err, &problem) || !strings.Contains(err.Error(), "another login") {
		t.Errorf("the token of another login: %v", err)
	}
	other.issuer = "https://issuer.example"
	var refused *keyless.RefusedError
	if _, err := alice(t, other, false, &shown).Source().Token(t.Context()); !errors.As(err, &refused) {
		t.Errorf("the document of another issuer: %v", err)
	}
	other.issuer = ""
	plain := alice(t, other, false, &shown)
	plain.Issuer = "http://192.0.2.1/auth"
	if _, err := plain.Source().Token(t.Context()); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("an issuer over plain http: %v", err)
	}
	denied := alice(t, other, false, &shown)
	denied.Open = func(u string) { // the person says no; before that, somebody else knocks
		q, err := url.Parse(u)
		if err != nil {
			t.Error(err)
			return
		}
		for _, state := range []string{"stolen", q.Query().Get("state")} {
			resp, err := http.Get(q.Query().Get("redirect_uri") + "?" + url.Values{"error": {"access_denied"}, "state": {state}}.Encode()) //nolint:noctx,gosec // what a browser does
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if (resp.StatusCode == http.StatusNotFound) != (state == "stolen") {
				t.Errorf("state %q: status %d", state, resp.StatusCode)
			}
		}
	}
	if _, err := denied.Source().Token(t.Context()); !errors.As(err, &problem) || !strings.Contains(err.Error(), "access_denied") {
		t.Errorf("a login that was refused: %v", err)
	}
	nobody := alice(t, other, false, &shown)
	nobody.Open = nil
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := nobody.Source().Token(ctx); err == nil {
		t.Error("nobody logged in")
	}
}
