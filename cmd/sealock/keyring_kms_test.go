// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/sigstore"
)

// A key in Vault signs like a key in a file, and is asked for when it is needed.
func TestKeyInAService(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		data := map[string]any{"latest_version": 1, "keys": map[string]any{"1": map[string]any{"public_key": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))}}}
		if r.Method == http.MethodPost {
			var in struct {
				Input []byte `json:"input"`
			}
			_ = json.NewDecoder(r.Body).Decode(&in)
			sig, err := ecdsa.SignASN1(rand.Reader, key, in.Input)
			if err != nil {
				t.Error(err)
			}
			data = map[string]any{"signature": "vault:v1:" + base64.StdEncoding.EncodeToString(sig)}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
	}))
	defer srv.Close()
	k, _ := keylessKeyring(t, time.Now(), "VAULT_ADDR="+srv.URL, "VAULT_TOKEN=token")
	s, err := k.signer("hashivault://release")
	if err != nil || asked != 0 || !s.Identity().IsZero() {
		t.Fatalf("asked %d times for %s, %v", asked, s.Identity(), err)
	}
	plain, ok := s.(blobSigner)
	if !ok {
		t.Fatal("it can't sign images")
	}
	sig, err := plain.SignBlob([]byte("x"))
	if err != nil || !sigstore.VerifyBlob(&key.PublicKey, []byte("x"), sig) {
		t.Errorf("signature: %v", err)
	}
	if id, err := sigstore.KeyID(&key.PublicKey); err != nil || s.Identity().Key != id {
		t.Errorf("signs as %s, %v", s.Identity(), err)
	}
	off, _ := keylessKeyring(t, time.Now())
	off.offline = true
	if _, err := off.signer("hashivault://release"); exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--offline") {
		t.Errorf("offline: %v", err)
	}
}
