// SPDX-License-Identifier: Apache-2.0

package attesttest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/sealock-dev/sealock/attest"
)

// The transparency logs of an instance.
const (
	LogV1 = "v1" // Rekor v1: gives an inclusion promise with a time
	LogV2 = "v2" // Rekor v2: gives a proof, and no time
	// Other kinds of entries that there are about envelopes.
	LogV1HashedRekord = "v1 hashedrekord" // over what was signed
	LogV1Intoto       = "v1 intoto"
	LogV2DSSE         = "v2 dsse" // as logs took it until late in 2025
)

// Signing says how an instance signs. The zero value signs as nobody; with By alone, it makes a bundle 0.3 as clients do today: an entry in the log
// of version 2, a time stamp, and a certificate with an SCT.
type Signing struct {
	By          Workload
	Key         *Key      // signs with a key instead of a certificate
	At          time.Time // default: the instance's
	Version     string    // of the bundle: 0.1, 0.2 or 0.3
	Logs        []string  // default: LogV2; empty and not nil for none
	NoTimestamp bool
	NoSCT       bool
	NoPromise   bool // of the log of version 1
	NoProof     bool
	LogAt       time.Time // when the log of version 1 says it took the entry in
	ClaimAt     time.Time // the time that the entry gives without anybody vouching for it
	StampAt     []time.Time
	StampOver   []byte                      // what is stamped instead of the signature
	Edit        func(c *x509.Certificate)   // changes the certificate before it is issued
	Change      func(bundle map[string]any) // changes the bundle before it is written
}

// Sign makes a bundle over a statement.
func (s *Sigstore) Sign(t testing.TB, statement []byte, how Signing) []byte {
	t.Helper()
	return s.SignAs(t, attest.PayloadInToto, statement, how)
}

// SignAs makes a bundle over a payload of any type.
func (s *Sigstore) SignAs(t testing.TB, payloadType string, payload []byte, how Signing) []byte {
	t.Helper()
	message := PAE(payloadType, payload)
	return s.sign(t, message, how, func(sig []byte) (string, any, logged) {
		env := map[string]any{"payload": payload, "payloadType": payloadType, "signatures": []any{map[string]any{"sig": sig}}}
		return "dsseEnvelope", env, logged{envelope: encode(t, env), payload: payload}
	})
}

// SignBlob makes a bundle with a signature over bytes as they are.
func (s *Sigstore) SignBlob(t testing.TB, blob []byte, how Signing) []byte {
	t.Helper()
	return s.sign(t, blob, how, func(sig []byte) (string, any, logged) {
		return "messageSignature", map[string]any{"messageDigest": map[string]any{"algorithm": "SHA2_256", "digest": sum(blob)}, "signature": sig}, logged{}
	})
}

func (s *Sigstore) sign(t testing.TB, message []byte, how Signing, content func(sig []byte) (string, any, logged)) []byte {
	t.Helper()
	at := how.At
	if at.IsZero() {
		at = s.At
	}
	material := map[string]any{}
	var sig []byte
	var l logged
	var name string
	var inner any
	if how.Key != nil {
		sig = how.Key.RawSignature(t, message)
		name, inner, l = content(sig)
		l.isKey, l.verifier = true, spki(t, how.Key.Private.Public())
		material["publicKey"] = map[string]any{"hint": ""}
	} else {
		key := p256(t)
		template := how.By.template(t, at.Add(-time.Minute))
		if how.Edit != nil {
			how.Edit(template)
		}
		leaf := s.issue(t, template, key, !how.NoSCT)
		sig = Key{Private: key}.RawSignature(t, message)
		name, inner, l = content(sig)
		l.verifier = leaf.Raw
		certificate := map[string]any{"rawBytes": leaf.Raw}
		if how.Version == "" || how.Version == "0.3" {
			material["certificate"] = certificate
		} else {
			material["x509CertificateChain"] = map[string]any{"certificates": []any{certificate}}
		}
	}
	l.sig, l.message, l.at, l.noPromise, l.noProof, l.integrated = sig, message, at, how.NoPromise, how.NoProof, how.ClaimAt
	if !how.LogAt.IsZero() {
		l.at = how.LogAt
	}
	material["tlogEntries"] = s.entries(t, l, how.Logs)
	if !how.NoTimestamp {
		material["timestampVerificationData"] = map[string]any{"rfc3161Timestamps": s.stamps(t, sig, at, how)}
	}
	mediaType := MediaType
	if how.Version != "" && how.Version != "0.3" {
		mediaType = "application/vnd.dev.sigstore.bundle+json;version=" + how.Version
	}
	b := map[string]any{"mediaType": mediaType, "verificationMaterial": material, name: inner}
	if how.Change != nil {
		how.Change(b)
	}
	return encode(t, b)
}

func (s *Sigstore) entries(t testing.TB, l logged, logs []string) []any {
	t.Helper()
	if logs == nil {
		logs = []string{LogV2}
	}
	out := []any{}
	for _, log := range logs {
		inPEM := l
		kind := "CERTIFICATE"
		if l.isKey {
			kind = "PUBLIC KEY"
		}
		inPEM.verifier = pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: l.verifier})
		switch log {
		case LogV1:
			out = append(out, s.entryV1(t, inPEM))
		case LogV1HashedRekord:
			inPEM.envelope = nil
			out = append(out, s.entryV1(t, inPEM))
		case LogV1Intoto:
			out = append(out, s.entryIntoto(t, inPEM))
		case LogV2:
			out = append(out, s.entryV2(t, l))
		case LogV2DSSE:
			out = append(out, s.entryDSSE(t, l))
		default:
			t.Fatalf("log %q is not known", log)
		}
	}
	return out
}

func (s *Sigstore) stamps(t testing.TB, sig []byte, at time.Time, how Signing) []any {
	t.Helper()
	over := sig
	if how.StampOver != nil {
		over = how.StampOver
	}
	times := how.StampAt
	if times == nil {
		times = []time.Time{at}
	}
	out := []any{}
	for _, when := range times {
		out = append(out, map[string]any{"signedTimestamp": s.Stamp(t, over, when)})
	}
	return out
}

// Stamp is a time stamp (RFC 3161) over bytes.
func (s *Sigstore) Stamp(t testing.TB, over []byte, when time.Time) []byte {
	t.Helper()
	return stampWith(t, s.tsaLeaf, s.tsaKey, over, when)
}

func stampWith(t testing.TB, leaf *x509.Certificate, key *ecdsa.PrivateKey, over []byte, when time.Time) []byte {
	t.Helper()
	ts := timestamp.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: sum(over), Time: when.UTC(), Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 2}, AddTSACertificate: true}
	out, err := ts.CreateResponseWithOpts(leaf, key, crypto.SHA256)
	if err != nil {
		t.Fatalf("stamping: %v", err)
	}
	return bytes.Clone(out)
}
