// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// stampers is a root of time stamps with the certificate that may stamp, and one of the same root that may not.
type stampers struct {
	t        testing.TB
	root     *x509.Certificate
	rootKey  *ecdsa.PrivateKey
	good     *x509.Certificate
	goodKey  *ecdsa.PrivateKey
	other    *x509.Certificate // may sign code
	otherKey *ecdsa.PrivateKey
}

var (
	usageStamp = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	usageCode  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 3}
)

func newStampers(t testing.TB) *stampers {
	s := &stampers{t: t}
	s.root, s.rootKey = s.certificate(&x509.Certificate{Subject: pkix.Name{CommonName: "time root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, nil, nil)
	s.good, s.goodKey = s.certificate(leafFor(t, "time", usageStamp), s.root, s.rootKey, nil)
	s.other, s.otherKey = s.certificate(leafFor(t, "code", usageCode), s.root, s.rootKey, nil)
	return s
}

func leafFor(t testing.TB, name string, usage asn1.ObjectIdentifier) *x509.Certificate {
	value, err := asn1.Marshal([]asn1.ObjectIdentifier{usage})
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: value}}}
}

// certificate issues one; without a parent it signs itself. It is for a key of its own unless one is given.
func (s *stampers) certificate(template, parent *x509.Certificate, by, key *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	s.t.Helper()
	var err error
	if key == nil {
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			s.t.Fatal(err)
		}
	}
	if parent == nil {
		parent, by = template, key
	}
	template.NotBefore, template.NotAfter = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100)); err != nil {
		s.t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		s.t.Fatal(err)
	}
	return c, key
}

// stamp is a token over bytes with certificates before and behind that of the signer.
func (s *stampers) stamp(over []byte, leaf *x509.Certificate, key *ecdsa.PrivateKey, before, behind *x509.Certificate) []byte {
	s.t.Helper()
	digest := sha256.Sum256(over)
	ts := timestamp.Timestamp{HashAlgorithm: crypto.SHA256, HashedMessage: digest[:], Time: signedAt, Policy: asn1.ObjectIdentifier{1, 2, 3}, AddTSACertificate: true}
	out, err := ts.CreateResponseWithOpts(leaf, key, crypto.SHA256)
	if err != nil {
		s.t.Fatal(err)
	}
	bag := leaf.Raw
	if before != nil {
		bag = slices.Concat(before.Raw, bag)
	}
	if behind != nil {
		bag = slices.Concat(bag, behind.Raw)
	}
	return s.replaced(out, leaf.Raw, bag)
}

// replaced puts other values in the place of one, wherever it stands in an encoded one.
func (s *stampers) replaced(der, old, put []byte) []byte {
	s.t.Helper()
	if bytes.Equal(der, old) {
		return put
	}
	var v asn1.RawValue
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		s.t.Fatal(err)
	}
	if !v.IsCompound || !bytes.Contains(v.Bytes, old) {
		return der
	}
	var inner []byte
	for rest := v.Bytes; len(rest) > 0; {
		var child asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &child); err != nil {
			s.t.Fatal(err)
		}
		inner = append(inner, s.replaced(child.FullBytes, old, put)...)
	}
	out, err := asn1.Marshal(asn1.RawValue{Class: v.Class, Tag: v.Tag, IsCompound: true, Bytes: inner})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// V-08: a time stamp is judged by the certificate whose key signed it, wherever in the bag it stands, and not by one that was laid beside.
func TestV08_ForgedCertificateInABag(t *testing.T) {
	s := newStampers(t)
	forged, _ := s.certificate(leafFor(t, "time", usageStamp), nil, nil, nil)                   // reads like the good one, and signs itself
	copied, _ := s.certificate(leafFor(t, "time", usageStamp), nil, nil, s.otherKey)            // with the key of the other one
	posed, posedKey := s.certificate(&x509.Certificate{Subject: s.root.Subject}, nil, nil, nil) // named like the root, and no authority
	stray, strayKey := s.certificate(leafFor(t, "time", usageStamp), posed, posedKey, nil)      // which it issued
	instance := attesttest.NewSigstore(t, signedAt)
	for chain, certificates := range map[string][]*x509.Certificate{"the leaf and its root are trusted": {s.good, s.root}, "the root is trusted": {s.root}} {
		var chainJSON []any
		for _, c := range certificates {
			chainJSON = append(chainJSON, map[string]any{"rawBytes": c.Raw})
		}
		root := instance.Root(t, func(root map[string]any) {
			root["timestampAuthorities"] = []any{map[string]any{"uri": "https://time.example", "certChain": map[string]any{"certificates": chainJSON}, "validFor": map[string]any{"start": "2020-01-01T00:00:00Z"}}}
		})
		for _, c := range []struct {
			name           string
			leaf           *x509.Certificate
			key            *ecdsa.PrivateKey
			before, behind *x509.Certificate
			sound          bool
		}{
			{"the authority alone", s.good, s.goodKey, nil, nil, true},
			{"the authority, behind a forged certificate", s.good, s.goodKey, forged, nil, true},
			{"the authority, before a forged certificate", s.good, s.goodKey, nil, forged, true},
			{"another certificate of the root", s.other, s.otherKey, nil, nil, false},
			{"the other, behind the genuine certificate", s.other, s.otherKey, s.good, nil, false},
			{"the other, before the genuine certificate", s.other, s.otherKey, nil, s.good, false},
			{"the other, behind a forged certificate", s.other, s.otherKey, forged, nil, false},
			{"the other, behind a forged certificate of its key", s.other, s.otherKey, copied, nil, false},
			{"the other, before a forged certificate of its key", s.other, s.otherKey, nil, copied, false},
			{"a stranger, behind the genuine certificate", stray, strayKey, s.good, nil, false},
			{"a stranger, with an issuer named like the root", stray, strayKey, nil, posed, false},
		} {
			b := instance.Sign(t, payload(t, "x"), attesttest.Signing{By: buildJob, Change: func(b map[string]any) {
				sig := b["dsseEnvelope"].(map[string]any)["signatures"].([]any)[0].(map[string]any)["sig"].([]byte)
				stampBytes(s.stamp(sig, c.leaf, c.key, c.before, c.behind))(b)
			}})
			_, code := judge(t, sigstore.DefaultTrust(root), b)
			if alone := c.sound && c.before == nil && c.behind == nil; alone && code != "" {
				t.Errorf("%s, %s: %q", chain, c.name, code)
			}
			if !c.sound && code != sigstore.CodeTimestampInvalid {
				t.Errorf("%s, %s: %q, expected %q", chain, c.name, code, sigstore.CodeTimestampInvalid)
			}
		}
	}
}

// V-58: the issuer of an SCT is taken from the chain that verified, and not found by its name.
func TestV58_AuthoritiesOfOneName(t *testing.T) {
	s, twin := attesttest.NewSigstore(t, signedAt), attesttest.NewSigstore(t, signedAt) // whose authorities have the same names, and other keys
	theirs := decoded(t, twin.RootJSON(t))["certificateAuthorities"].([]any)
	b := s.Sign(t, payload(t, "x"), attesttest.Signing{By: buildJob})
	for name, order := range map[string]func(ours []any) []any{
		"the twin first": func(ours []any) []any { return slices.Concat(theirs, ours) },
		"the twin last":  func(ours []any) []any { return slices.Concat(ours, theirs) },
	} {
		root := s.Root(t, func(root map[string]any) {
			root["certificateAuthorities"] = order(root["certificateAuthorities"].([]any))
		})
		if _, code := judge(t, sigstore.DefaultTrust(root), b); code != "" {
			t.Errorf("%s: %s", name, code)
		}
	}
	root := s.Root(t, func(root map[string]any) { root["certificateAuthorities"] = theirs })
	if _, code := judge(t, sigstore.DefaultTrust(root), b); code != sigstore.CodeCertChain {
		t.Errorf("the twin alone: %q", code)
	}
}

// V-68: what is read is byte for byte what was signed: a rewritten form of the same document does not verify, and the odd form that was signed is kept.
func TestV68_RawBytesAreSigned(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	plain := payload(t, "x")
	odd := append(bytes.ReplaceAll(plain, []byte(`":"`), []byte("\" :\r\n \"")), '\n')
	for signed, other := range map[string][]byte{string(plain): odd, string(odd): plain} {
		b := k.Sign(t, []byte(signed))
		e, code := judge(t, sigstore.Trust{}, b, k)
		if code != "" || string(e.Payload()) != signed || e.ID() != attest.SHA256([]byte(signed)) {
			t.Errorf("signed %q: %q", signed, code)
		}
		swapped := bytes.Replace(b, base64Of([]byte(signed)), base64Of(other), 1)
		if bytes.Equal(swapped, b) {
			t.Fatal("the payload is not in the bundle")
		}
		if _, code := judge(t, sigstore.Trust{}, swapped, k); code != attest.CodeSignatureInvalid {
			t.Errorf("signed %q, read %q: %q", signed, other, code)
		}
	}
}

func base64Of(b []byte) []byte { return base64.StdEncoding.AppendEncode(nil, b) }

// V-71: a log entry must be about this key and this content; one that shares either of them is of no use.
func TestV71_EntriesThatMatchInPart(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	k, other := attesttest.NewKey(t, sigstore.ECDSAP256), attesttest.NewKey(t, sigstore.ECDSAP256)
	trust := sigstore.DefaultTrust(s.Root(t))
	trust.KeyTimes = true
	for _, log := range []string{attesttest.LogV1, attesttest.LogV1HashedRekord, attesttest.LogV1Intoto, attesttest.LogV2, attesttest.LogV2DSSE} {
		sign := func(key attesttest.Key, content string, change func(map[string]any)) []byte {
			return s.Sign(t, payload(t, content), attesttest.Signing{Key: &key, Logs: []string{log}, Change: change})
		}
		for name, entries := range map[string][]byte{"the key, another content": sign(k, "y", nil), "the content, another key": sign(other, "x", nil)} {
			if _, code := judge(t, trust, sign(k, "x", entriesOf(t, entries)), k); code != sigstore.CodeLogMismatch {
				t.Errorf("%s: the entry has %s: %q", log, name, code)
			}
		}
		if _, code := judge(t, trust, sign(k, "x", nil), k); code != "" {
			t.Errorf("%s: %s", log, code)
		}
	}
}

// V-72: places that evidence names are not asked for keys, and a stranger's key does not count for being named.
func TestV72_NothingIsFetchedThatEvidenceNames(t *testing.T) {
	var asked atomic.Int64
	k, stranger := attesttest.NewKey(t, sigstore.ECDSAP256), attesttest.NewKey(t, sigstore.ECDSAP256)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write(stranger.PEM)
	}))
	defer srv.Close()
	named := func(signer attesttest.Key, field string) []byte {
		return attesttest.NewSigstore(t, signedAt).Sign(t, payload(t, "x"), attesttest.Signing{Key: &signer, Logs: []string{}, NoTimestamp: true, Change: func(b map[string]any) {
			key := material(b)["publicKey"].(map[string]any)
			switch field {
			case "hint":
				key["hint"] = srv.URL + "/key.pub"
			case "keyid":
				b["dsseEnvelope"].(map[string]any)["signatures"].([]any)[0].(map[string]any)["keyid"] = srv.URL + "/key.pub"
			default:
				key[field] = srv.URL + "/key.pub"
			}
		}})
	}
	for _, field := range []string{"hint", "keyid", "url", "x5u", "jku"} {
		if _, code := judge(t, sigstore.Trust{}, named(stranger, field), k); code == "" {
			t.Errorf("%s: a key that nobody trusts is taken", field)
		}
		_, code := judge(t, sigstore.Trust{}, named(k, field), k)
		if known := field == "hint" || field == "keyid"; (code == "") != known {
			t.Errorf("%s, signed by the trusted key: %q", field, code)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("asked %d times", asked.Load())
	}
}

// C-32: the certificates that come with a bundle lead to nothing: only the authorities of the trust root count.
func TestC32_CertificatesOfTheCaller(t *testing.T) {
	s, caller := attesttest.NewSigstore(t, signedAt), attesttest.NewSigstore(t, signedAt)
	chain := decoded(t, caller.RootJSON(t))["certificateAuthorities"].([]any)[0].(map[string]any)["certChain"].(map[string]any)["certificates"].([]any)
	// All but the authority is the caller's, so that nothing else is in the way.
	root := caller.Root(t, take(s.RootJSON(t), "certificateAuthorities"))
	for name, bring := range map[string][]any{"none": nil, "its intermediate": chain[:1], "its root": chain[1:], "both": chain} {
		b := caller.Sign(t, payload(t, "x"), attesttest.Signing{By: buildJob, Version: "0.2", Logs: []string{attesttest.LogV1}, Change: func(b map[string]any) {
			given := material(b)["x509CertificateChain"].(map[string]any)
			given["certificates"] = append(given["certificates"].([]any), bring...)
		}})
		if _, code := judge(t, sigstore.DefaultTrust(root), b); code == "" || !strings.HasPrefix(code, "CERT_") && code != attest.CodeMalformedBundle {
			t.Errorf("with %s: %q", name, code)
		}
		if _, code := judge(t, sigstore.DefaultTrust(caller.Root(t)), b); name == "none" && code != "" {
			t.Errorf("the control: %s", code)
		}
	}
}
