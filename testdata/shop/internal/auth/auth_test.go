// SPDX-License-Identifier: Apache-2.0

package auth_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/shop/internal/auth"
	"example.com/shop/internal/token"
)

const issuer = "https://shop.example.com"

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// start runs the service with one user, alice, whose password is made for the test.
func start(t *testing.T, c *clock) (*httptest.Server, string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	password := t.Name()
	s, err := auth.New(auth.Config{Users: map[string]string{"alice": auth.HashPassword(password)}, Key: key, Issuer: issuer, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	return srv, password
}

func signIn(t *testing.T, url, user, password string) (int, string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"user": user, "password": password})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(url+"/v1/token", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, out.Token
}

func TestSignIn(t *testing.T) {
	c := &clock{time.Unix(1_800_000_000, 0)}
	srv, password := start(t, c)
	if status, signed := signIn(t, srv.URL, "alice", "wrong"); status != http.StatusUnauthorized || signed != "" {
		t.Errorf("wrong password: %d, token %t", status, signed != "")
	}
	if status, _ := signIn(t, srv.URL, "mallory", password); status != http.StatusUnauthorized {
		t.Errorf("unknown user: %d", status)
	}
	status, signed := signIn(t, srv.URL, "alice", password)
	if status != http.StatusOK {
		t.Fatalf("right password: %d", status)
	}
	v := &token.Verifier{KeysURL: srv.URL + "/.well-known/jwks.json", Issuer: issuer, Client: srv.Client(), Now: c.now}
	user, err := v.Verify(t.Context(), signed)
	if err != nil || user != "alice" {
		t.Fatalf("verify: %q, %v", user, err)
	}

	other := &token.Verifier{KeysURL: v.KeysURL, Issuer: "https://elsewhere.example.com", Client: v.Client, Now: c.now}
	if _, err := other.Verify(t.Context(), signed); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("another issuer's token: %v", err)
	}
	stranger, _ := start(t, c)
	foreign := &token.Verifier{KeysURL: stranger.URL + "/.well-known/jwks.json", Issuer: issuer, Client: v.Client, Now: c.now}
	if _, err := foreign.Verify(t.Context(), signed); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("another service's key: %v", err)
	}
	if _, err := v.Verify(t.Context(), signed+"x"); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("altered token: %v", err)
	}
	c.at = c.at.Add(16 * time.Minute)
	if _, err := v.Verify(t.Context(), signed); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("expired token: %v", err)
	}
}

func TestSignInsAreLimited(t *testing.T) {
	srv, _ := start(t, &clock{time.Unix(1_800_000_000, 0)})
	var limited bool
	for range 8 {
		status, _ := signIn(t, srv.URL, "alice", "wrong")
		limited = limited || status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("eight sign-ins at one moment were all answered")
	}
}

func TestNewNeedsEverything(t *testing.T) {
	if _, err := auth.New(auth.Config{}); err == nil {
		t.Error("an empty configuration was accepted")
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := auth.Config{Users: map[string]string{"alice": "plain text"}, Key: key, Issuer: issuer, Now: time.Now}
	if _, err := auth.New(c); err == nil {
		t.Error("a password in plain text was accepted")
	}
}
