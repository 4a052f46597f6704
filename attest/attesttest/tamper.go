// SPDX-License-Identifier: Apache-2.0

package attesttest

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

// MediaType is that of the bundles which Bundle writes.
const MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// PAE is DSSE's pre-authentication encoding: the bytes that are signed.
func PAE(payloadType string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

// RawSignature signs bytes as they are.
func (k Key) RawSignature(t testing.TB, message []byte) []byte {
	t.Helper()
	var sig []byte
	var err error
	if _, pure := k.Private.(ed25519.PrivateKey); pure {
		sig, err = k.Private.Sign(rand.Reader, message, crypto.Hash(0))
	} else {
		sum := sha256.Sum256(message)
		sig, err = k.Private.Sign(rand.Reader, sum[:], crypto.SHA256)
	}
	if err != nil {
		t.Fatalf("signing: %v", err)
	}
	return sig
}

// Bundle writes a bundle field by field, sound or not.
type Bundle struct {
	MediaType   string
	Hint        string
	PayloadType string
	Payload     string // base64
	Signatures  []string
	Material    map[string]any // replaces the public key's hint
}

// Raw is a bundle over any payload and type, signed by the keys given, one signature each.
func Raw(t testing.TB, payloadType string, payload []byte, keys ...Key) Bundle {
	t.Helper()
	b := Bundle{MediaType: MediaType, PayloadType: payloadType, Payload: base64.StdEncoding.EncodeToString(payload)}
	for _, k := range keys {
		b.Signatures = append(b.Signatures, base64.StdEncoding.EncodeToString(k.RawSignature(t, PAE(payloadType, payload))))
	}
	return b
}

// JSON is the bundle's bytes.
func (b Bundle) JSON(t testing.TB) []byte {
	t.Helper()
	sigs := []any{}
	for _, s := range b.Signatures {
		sigs = append(sigs, map[string]any{"sig": s})
	}
	material := b.Material
	if material == nil {
		material = map[string]any{"publicKey": map[string]any{"hint": b.Hint}}
	}
	out, err := attest.EncodeJSON(map[string]any{"mediaType": b.MediaType, "verificationMaterial": material,
		"dsseEnvelope": map[string]any{"payload": b.Payload, "payloadType": b.PayloadType, "signatures": sigs}})
	if err != nil {
		t.Fatalf("writing a bundle: %v", err)
	}
	return out
}

// Payload is the statement's bytes in a bundle, unverified.
func Payload(t testing.TB, bundle []byte) []byte {
	t.Helper()
	var b struct {
		Envelope struct {
			Payload []byte `json:"payload"`
		} `json:"dsseEnvelope"`
	}
	if err := json.Unmarshal(bundle, &b); err != nil {
		t.Fatalf("reading a bundle: %v", err)
	}
	return b.Envelope.Payload
}

// Resign is another key's signature on the same statement.
func (k Key) Resign(t testing.TB, bundle []byte) []byte {
	t.Helper()
	return k.Sign(t, Payload(t, bundle))
}

// Flip is a copy with one bit of one byte turned.
func Flip(data []byte, at int) []byte {
	out := append([]byte(nil), data...)
	out[at] ^= 1
	return out
}
