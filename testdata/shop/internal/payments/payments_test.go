// SPDX-License-Identifier: Apache-2.0

package payments_test

import (
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/shop/internal/auth"
	"example.com/shop/internal/catalog"
	"example.com/shop/internal/payments"
	"example.com/shop/internal/token"
)

const issuer = "https://shop.example.com"

// platform is the three services, talking to each other over HTTP.
type platform struct{ auth, payments *httptest.Server }

func start(t *testing.T) platform {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	users := map[string]string{"alice": auth.HashPassword("alice of " + t.Name()), "bob": auth.HashPassword("bob of " + t.Name())}
	a, err := auth.New(auth.Config{Users: users, Key: key, Issuer: issuer, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	authServer, catalogServer := httptest.NewServer(a.Handler()), httptest.NewServer(c.Handler())
	t.Cleanup(authServer.Close)
	t.Cleanup(catalogServer.Close)
	tokens := &token.Verifier{KeysURL: authServer.URL + "/.well-known/jwks.json", Issuer: issuer, Client: authServer.Client(), Now: time.Now}
	p := httptest.NewServer(payments.New(tokens, payments.CatalogPrices{URL: catalogServer.URL, Client: catalogServer.Client()}, time.Now).Handler())
	t.Cleanup(p.Close)
	return platform{authServer, p}
}

func (p platform) token(t *testing.T, user string) string {
	t.Helper()
	var out struct{ Token string }
	body := `{"user":"` + user + `","password":"` + user + ` of ` + t.Name() + `"}`
	if status := call(t, http.MethodPost, p.auth.URL+"/v1/token", body, nil, &out); status != http.StatusOK {
		t.Fatalf("signing %s in: status %d", user, status)
	}
	return out.Token
}

func call(t *testing.T, method, url, body string, headers map[string]string, into any) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

func TestPaidOnceAtTheCatalogsPrice(t *testing.T) {
	p := start(t)
	const order = `{"product":"mug","quantity":3}`
	headers := map[string]string{"Authorization": "Bearer " + p.token(t, "alice"), "Idempotency-Key": "11111111-2222-4333-8444-555555555555"}
	var first, second, shown payments.Payment
	if status := call(t, http.MethodPost, p.payments.URL+"/v1/payments", order, headers, &first); status != http.StatusCreated {
		t.Fatalf("paying: status %d", status)
	}
	if first.Amount != 3600 || first.Currency != "EUR" {
		t.Errorf("paid %d %s, want 3600 EUR", first.Amount, first.Currency)
	}
	if status := call(t, http.MethodPost, p.payments.URL+"/v1/payments", order, headers, &second); status != http.StatusOK || second.ID != first.ID {
		t.Errorf("paying again: status %d, id %q, want 200 and %q", status, second.ID, first.ID)
	}
	if status := call(t, http.MethodPost, p.payments.URL+"/v1/payments", `{"product":"mug","quantity":4}`, headers, &shown); status != http.StatusConflict {
		t.Errorf("another order under the same key: status %d", status)
	}
	if status := call(t, http.MethodGet, p.payments.URL+"/v1/payments/"+first.ID, "", headers, &shown); status != http.StatusOK || shown.ID != first.ID {
		t.Errorf("showing: status %d", status)
	}
	bob := map[string]string{"Authorization": "Bearer " + p.token(t, "bob")}
	if status := call(t, http.MethodGet, p.payments.URL+"/v1/payments/"+first.ID, "", bob, &shown); status != http.StatusNotFound {
		t.Errorf("somebody else's payment: status %d", status)
	}
}

func TestRefusals(t *testing.T) {
	p := start(t)
	good := map[string]string{"Authorization": "Bearer " + p.token(t, "alice"), "Idempotency-Key": "11111111-2222-4333-8444-555555555555"}
	for name, tc := range map[string]struct {
		change map[string]string
		body   string
		want   int
	}{
		"no token":         {map[string]string{"Authorization": ""}, `{"product":"mug","quantity":1}`, http.StatusUnauthorized},
		"bad token":        {map[string]string{"Authorization": "Bearer x.y.z"}, `{"product":"mug","quantity":1}`, http.StatusUnauthorized},
		"no key":           {map[string]string{"Idempotency-Key": ""}, `{"product":"mug","quantity":1}`, http.StatusBadRequest},
		"its own price":    {nil, `{"product":"mug","quantity":1,"price":1}`, http.StatusBadRequest},
		"nothing":          {nil, `{"product":"mug","quantity":0}`, http.StatusBadRequest},
		"too many":         {nil, `{"product":"mug","quantity":101}`, http.StatusBadRequest},
		"no such product":  {nil, `{"product":"yacht","quantity":1}`, http.StatusUnprocessableEntity},
		"a path elsewhere": {nil, `{"product":"../products","quantity":1}`, http.StatusUnprocessableEntity},
	} {
		headers := map[string]string{}
		for k, v := range good {
			headers[k] = v
		}
		for k, v := range tc.change {
			headers[k] = v
		}
		var out map[string]any
		if got := call(t, http.MethodPost, p.payments.URL+"/v1/payments", tc.body, headers, &out); got != tc.want {
			t.Errorf("%s: status %d, want %d", name, got, tc.want)
		}
	}
}
