// SPDX-License-Identifier: Apache-2.0

package attesttest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// Key is a fresh key pair.
type Key struct {
	Private crypto.Signer
	Signer  *sigstore.KeySigner
	PEM     []byte // the public key's file
	ID      string // sha256:… as the gate names the key
}

// NewKey makes a key that nothing else has.
func NewKey(t testing.TB, alg sigstore.Algorithm) Key {
	t.Helper()
	var private crypto.Signer
	var err error
	switch alg {
	case sigstore.ECDSAP256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case sigstore.Ed25519:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		t.Fatalf("key algorithm %q is not known", alg)
	}
	if err != nil {
		t.Fatalf("making a key: %v", err)
	}
	return KeyOf(t, private)
}

// KeyOf wraps a private key.
func KeyOf(t testing.TB, private crypto.Signer) Key {
	t.Helper()
	signer, err := sigstore.NewSigner(private)
	if err != nil {
		t.Fatalf("making a signer: %v", err)
	}
	pem, err := sigstore.MarshalPublicKey(private.Public())
	if err != nil {
		t.Fatalf("writing the public key: %v", err)
	}
	return Key{Private: private, Signer: signer, PEM: pem, ID: signer.Identity().Key}
}

// Sign makes a bundle over a statement's bytes.
func (k Key) Sign(t testing.TB, statement []byte) []byte {
	t.Helper()
	b, err := k.Signer.Sign(t.Context(), statement)
	if err != nil {
		t.Fatalf("signing: %v", err)
	}
	return b
}

// Attest makes a bundle over a new statement.
func (k Key) Attest(t testing.TB, predicateType string, predicate any, subjects ...attest.Subject) []byte {
	t.Helper()
	st, err := attest.EncodeStatement(predicateType, predicate, subjects...)
	if err != nil {
		t.Fatalf("encoding a statement: %v", err)
	}
	return k.Sign(t, st)
}

// Verifier trusts the keys given and nothing else.
func Verifier(t testing.TB, keys ...Key) *attest.Verifier {
	t.Helper()
	pubs := make([]crypto.PublicKey, 0, len(keys))
	for _, k := range keys {
		pubs = append(pubs, k.Private.Public())
	}
	a, err := sigstore.NewAuthenticator(pubs)
	if err != nil {
		t.Fatalf("making an authenticator: %v", err)
	}
	v, err := attest.NewVerifier(a)
	if err != nil {
		t.Fatalf("making a verifier: %v", err)
	}
	return v
}

// Verify turns a bundle into evidence; the test fails if it is none.
func Verify(t testing.TB, bundle []byte, keys ...Key) attest.Evidence {
	t.Helper()
	e, err := Verifier(t, keys...).Verify(t.Context(), bundle)
	if err != nil {
		t.Fatalf("verifying: %v", err)
	}
	return e
}
