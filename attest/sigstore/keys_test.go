// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

func TestKeyFiles(t *testing.T) {
	pw := []byte("correct horse")
	pair, err := sigstore.Generate(sigstore.ECDSAP256, pw)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(pair.Private, []byte("ENCRYPTED SIGSTORE PRIVATE KEY")) || bytes.Contains(pair.Public, []byte("PRIVATE")) {
		t.Fatalf("files: %s %s", pair.Private, pair.Public)
	}
	key, err := sigstore.ParsePrivateKey(pair.Private, pw)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := sigstore.ParsePublicKey(pair.Public)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := sigstore.KeyID(pub)
	b, err := sigstore.KeyID(key.Public())
	if err != nil || a != b || !strings.HasPrefix(a, "sha256:") {
		t.Errorf("the two files are of keys %s and %s (%v)", a, b, err)
	}

	t.Run("wrong password", func(t *testing.T) {
		key, err := sigstore.ParsePrivateKey(pair.Private, []byte("wrong"))
		if !errors.Is(err, sigstore.ErrPassword) || key != nil || strings.Contains(err.Error(), "wrong horse") {
			t.Errorf("%v", err)
		}
	})
	t.Run("older PEM type", func(t *testing.T) {
		old := bytes.ReplaceAll(pair.Private, []byte("SIGSTORE"), []byte("COSIGN"))
		if _, err := sigstore.ParsePrivateKey(old, pw); err != nil {
			t.Error(err)
		}
	})
	t.Run("V-60 two keys in a file", func(t *testing.T) {
		if _, err := sigstore.ParsePrivateKey(append(bytes.Clone(pair.Private), pair.Private...), pw); err == nil {
			t.Error("two private keys were read")
		}
		if _, err := sigstore.ParsePublicKey(append(bytes.Clone(pair.Public), pair.Public...)); attest.RejectCode(err) != attest.CodeKeyPolicy {
			t.Errorf("two public keys: %v", err)
		}
	})
	t.Run("V-60 private key where a public one is wanted", func(t *testing.T) {
		if _, err := sigstore.ParsePublicKey(pair.Private); attest.RejectCode(err) != attest.CodeKeyPolicy || strings.Contains(err.Error(), string(pair.Private[60:100])) {
			t.Errorf("%v", err)
		}
	})
	t.Run("public key where a private one is wanted", func(t *testing.T) {
		if _, err := sigstore.ParsePrivateKey(pair.Public, pw); err == nil || errors.Is(err, sigstore.ErrPassword) {
			t.Errorf("%v", err)
		}
	})
}

func TestEmptyPasswordAndEd25519(t *testing.T) {
	pair, err := sigstore.Generate(sigstore.Ed25519, nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := sigstore.ParsePrivateKey(pair.Private, []byte{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := key.(ed25519.PrivateKey); !ok {
		t.Errorf("key of type %T", key)
	}
	if _, err := sigstore.Generate("rsa-1024", nil); err == nil {
		t.Error("a key of an unknown kind was made")
	}
}

func publicPEM(t *testing.T, pub crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestV60_KindsOfKey(t *testing.T) {
	curve := func(c elliptic.Curve) *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	modulus := func(bits int) *big.Int {
		return new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(bits)), big.NewInt(1))
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		key  crypto.PublicKey
		ok   bool
	}{
		{"P-256", curve(elliptic.P256()).Public(), true},
		{"P-384", curve(elliptic.P384()).Public(), true},
		{"Ed25519", ed.Public(), true},
		{"RSA 2048", &rsa.PublicKey{N: modulus(2048), E: 65537}, true},
		{"P-224", curve(elliptic.P224()).Public(), false},
		{"P-521", curve(elliptic.P521()).Public(), false},
		{"RSA 1024", &rsa.PublicKey{N: modulus(1024), E: 65537}, false},
		{"RSA 2047", &rsa.PublicKey{N: modulus(2047), E: 65537}, false},
		{"RSA 16384", &rsa.PublicKey{N: modulus(16384), E: 65537}, false},
		{"RSA with exponent 3", &rsa.PublicKey{N: modulus(2048), E: 3}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sigstore.ParsePublicKey(publicPEM(t, c.key))
			_, err2 := sigstore.NewAuthenticator([]crypto.PublicKey{c.key})
			if c.ok && (err != nil || err2 != nil) {
				t.Errorf("%v, %v", err, err2)
			}
			if !c.ok && (attest.RejectCode(err) != attest.CodeKeyPolicy || attest.RejectCode(err2) != attest.CodeKeyPolicy) {
				t.Errorf("%v, %v; expected KEY_POLICY", err, err2)
			}
		})
	}
	for _, k := range []crypto.Signer{curve(elliptic.P224()), curve(elliptic.P521())} {
		if _, err := sigstore.NewSigner(k); attest.RejectCode(err) != attest.CodeKeyPolicy {
			t.Errorf("a signer was made of %T: %v", k, err)
		}
	}
	if _, err := sigstore.NewSigner(nil); err == nil {
		t.Error("a signer was made of nothing")
	}
}

func TestV60_OddKeyFiles(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ed)
	if err != nil {
		t.Fatal(err)
	}
	sound := publicPEM(t, ed.Public())
	for name, file := range map[string][]byte{
		"empty": nil, "text": []byte("key"), "plain private key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		"private key labelled public": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkcs8}),
		"certificate":                 pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1, 2}}),
		"trailing data":               append(bytes.Clone(sound), "more"...),
		"cut short":                   sound[:len(sound)/2],
		"trailing bytes in the key":   pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: append(mustDER(t, ed.Public()), 0)}),
	} {
		if _, err := sigstore.ParsePublicKey(file); attest.RejectCode(err) != attest.CodeKeyPolicy {
			t.Errorf("%s: %v, expected KEY_POLICY", name, err)
		}
		if _, err := sigstore.ParsePrivateKey(file, nil); err == nil {
			t.Errorf("%s was read as a private key", name)
		}
	}
}

func mustDER(t *testing.T, pub crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestNoKeyVerifiesNothing(t *testing.T) {
	if _, err := sigstore.NewAuthenticator(nil); err == nil {
		t.Error("an authenticator without keys was made")
	}
}

// A statement as long as one may be is signed and verified: it lies in its bundle as one string.
func TestV33_LongestStatement(t *testing.T) {
	frame := `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"` + strings.Repeat("a", 64) + `"}}],"predicateType":"https://example.org/x","predicate":{"x":"%s"}}`
	statement := []byte(fmt.Sprintf(frame, strings.Repeat("x", attest.MaxPayload-len(frame)+2)))
	key := attesttest.NewKey(t, sigstore.ECDSAP256)
	a, err := sigstore.NewAuthenticator(publicKeys(key))
	if err != nil {
		t.Fatal(err)
	}
	v, err := attest.NewVerifier(a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), key.Sign(t, statement)); err != nil {
		t.Error(err)
	}
}
