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
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

func payload(t testing.TB, content string) []byte {
	t.Helper()
	st, err := attest.EncodeStatement("https://example.com/p", map[string]any{"content": content}, attesttest.Artifact("a", "a"))
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func both(t *testing.T, f func(t *testing.T, k attesttest.Key)) {
	for _, alg := range []sigstore.Algorithm{sigstore.ECDSAP256, sigstore.Ed25519} {
		t.Run(string(alg), func(t *testing.T) { f(t, attesttest.NewKey(t, alg)) })
	}
}

// verify gives the evidence in a bundle, or the code of what is wrong with it.
func verify(t testing.TB, bundle []byte, keys ...attesttest.Key) (attest.Evidence, string) {
	t.Helper()
	e, err := attesttest.Verifier(t, keys...).Verify(t.Context(), bundle)
	if err != nil && attest.RejectCode(err) == "" {
		t.Fatalf("an error without a code: %v", err)
	}
	return e, attest.RejectCode(err)
}

func TestSignAndVerify(t *testing.T) {
	both(t, func(t *testing.T, k attesttest.Key) {
		st := payload(t, "x")
		b := k.Sign(t, st)
		e, code := verify(t, b, attesttest.NewKey(t, sigstore.ECDSAP256), k)
		if code != "" {
			t.Fatal(code)
		}
		if e.Signer().Key != k.ID || e.ID() != attest.SHA256(st) || e.BundleID() != attest.SHA256(b) || !bytes.Equal(e.Bundle(), b) || e.Statement().PredicateType != "https://example.com/p" {
			t.Errorf("evidence %+v", e)
		}
		if when, src := e.Time(); !when.IsZero() || src != "" {
			t.Errorf("a key's signature has no trusted time, found %s by %q", when, src)
		}
		if _, code := verify(t, b, attesttest.NewKey(t, sigstore.Ed25519)); code != attest.CodeSignatureInvalid {
			t.Errorf("under another key: %q", code)
		}
		if _, err := k.Signer.Sign(t.Context(), []byte("no statement")); err == nil {
			t.Error("something that is no statement was signed")
		}
	})
}

func TestP384AndRSAVerify(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, code := verify(t, attesttest.KeyOf(t, p384).Sign(t, payload(t, "x")), attesttest.KeyOf(t, p384)); code != "" {
		t.Error(code)
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sigstore.NewSigner(r); attest.RejectCode(err) != attest.CodeKeyPolicy {
		t.Errorf("signing with RSA: %v", err)
	}
	k := attesttest.Key{Private: r}
	b := attesttest.Raw(t, attest.PayloadInToto, payload(t, "x"))
	sum := sha256.Sum256(attesttest.PAE(b.PayloadType, payload(t, "x")))
	pkcs, err := rsa.SignPKCS1v15(nil, r, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	pss, err := rsa.SignPSS(rand.Reader, r, crypto.SHA256, sum[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sig  []byte
		code string
	}{"PKCS1v15": {pkcs, ""}, "V-60 PSS": {pss, attest.CodeSignatureInvalid}} {
		b.Signatures = []string{base64.StdEncoding.EncodeToString(c.sig)}
		if _, code := verify(t, b.JSON(t), k); code != c.code {
			t.Errorf("%s: %q, expected %q", name, code, c.code)
		}
	}
}

func TestEd25519BundlesAreDeterministicAndCanonical(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.Ed25519)
	first := k.Sign(t, payload(t, "x"))
	for range 20 {
		if again := k.Sign(t, payload(t, "x")); !bytes.Equal(first, again) {
			t.Fatalf("%s\nthen\n%s", first, again)
		}
	}
	var v any
	if err := json.Unmarshal(first, &v); err != nil {
		t.Fatal(err)
	}
	sorted, err := attest.EncodeJSON(v)
	if err != nil || !bytes.Equal(sorted, first) {
		t.Errorf("not in canonical form: %s", first)
	}
}

// edit changes the text of a sound bundle.
func edit(t *testing.T, b []byte, pairs ...string) []byte {
	t.Helper()
	s := string(b)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(s, pairs[i]) {
			t.Fatalf("the bundle does not hold %q: %s", pairs[i], s)
		}
		s = strings.Replace(s, pairs[i], pairs[i+1], 1)
	}
	return []byte(s)
}

func TestV18_ExactlyOneSignature(t *testing.T) {
	k, other := attesttest.NewKey(t, sigstore.ECDSAP256), attesttest.NewKey(t, sigstore.ECDSAP256)
	fifty := make([]attesttest.Key, 50)
	for i := range fifty {
		fifty[i] = k
	}
	for name, keys := range map[string][]attesttest.Key{"none": nil, "two": {k, k}, "two of different keys": {k, other}, "the bad one first": {other, k}, "fifty": fifty} {
		b := attesttest.Raw(t, attest.PayloadInToto, payload(t, "x"), keys...)
		if _, code := verify(t, b.JSON(t), k); code != attest.CodeSignatureCount {
			t.Errorf("%s: %q, expected DSSE_SIGNATURE_COUNT", name, code)
		}
	}
	if _, code := verify(t, attesttest.Raw(t, attest.PayloadInToto, payload(t, "x"), k).JSON(t), k); code != "" {
		t.Errorf("one: %q", code)
	}
}

func TestV20_PayloadTypeConfusion(t *testing.T) {
	both(t, func(t *testing.T, k attesttest.Key) {
		st := payload(t, "x")
		for _, typ := range []string{"", "text/plain", "application/vnd.in-toto+JSON", "application/vnd.in-toto+json ", "application/vnd.dev.cosign.simplesigning.v1+json", "application/json", "application/vnd.in-toto.bundle+json"} {
			if _, code := verify(t, attesttest.Raw(t, typ, st, k).JSON(t), k); code != attest.CodePayloadType {
				t.Errorf("signed as %q: %q, expected PAYLOAD_TYPE", typ, code)
			}
			b := attesttest.Raw(t, attest.PayloadInToto, st, k)
			b.PayloadType = typ
			if _, code := verify(t, b.JSON(t), k); code != attest.CodeSignatureInvalid {
				t.Errorf("changed to %q: %q, expected SIGNATURE_INVALID", typ, code)
			}
			b = attesttest.Raw(t, typ, st, k)
			b.PayloadType = attest.PayloadInToto
			if _, code := verify(t, b.JSON(t), k); code != attest.CodeSignatureInvalid {
				t.Errorf("changed from %q: %q, expected SIGNATURE_INVALID", typ, code)
			}
		}
	})
}

func TestV21_OnlyPAEIsSigned(t *testing.T) {
	both(t, func(t *testing.T, k attesttest.Key) {
		st := payload(t, "é")
		typ := attest.PayloadInToto
		sound := attesttest.PAE(typ, st)
		for name, message := range map[string][]byte{
			"the payload alone":   st,
			"base64":              []byte(base64.StdEncoding.EncodeToString(st)),
			"characters counted":  fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(typ), typ, len([]rune(string(st))), st),
			"leading zero":        fmt.Appendf(nil, "DSSEv1 0%d %s %d %s", len(typ), typ, len(st), st),
			"another separator":   bytes.ReplaceAll(sound[:20], []byte(" "), []byte("\t")),
			"trailing line break": append(bytes.Clone(sound), '\n'),
			"DSSEv2":              append([]byte("DSSEv2"), sound[6:]...),
		} {
			b := attesttest.Raw(t, typ, st)
			b.Signatures = []string{base64.StdEncoding.EncodeToString(k.RawSignature(t, message))}
			if _, code := verify(t, b.JSON(t), k); code != attest.CodeSignatureInvalid {
				t.Errorf("%s: %q, expected SIGNATURE_INVALID", name, code)
			}
		}
	})
	if got := string(attesttest.PAE("http://example.com/HelloWorld", []byte("hello world"))); got != "DSSEv1 29 http://example.com/HelloWorld 11 hello world" {
		t.Errorf("the example of DSSE's specification is encoded as %q", got)
	}
}

// The payload is decoded once: whatever the spelling of base64, what is read is what was verified.
func TestV22_Base64Forms(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	st := payload(t, "???>>>\u00ff\u00fe~~")
	for len(st)%3 != 1 { // so that there is padding, and bits to spare
		st = append(st, ' ')
	}
	std := base64.StdEncoding.EncodeToString(st)
	for name, form := range map[string]string{
		"standard": std, "URL": base64.URLEncoding.EncodeToString(st), "without padding": strings.TrimRight(std, "="), "line breaks": std[:40] + "\n" + std[40:],
		"spare bits": std[:len(std)-3] + string(std[len(std)-3]+1) + "==", "spaces": std[:40] + " " + std[40:], "both alphabets": "-" + std[1:], "padding inside": std[:40] + "=" + std[41:], "cut": std[:len(std)-4],
	} {
		b := attesttest.Raw(t, attest.PayloadInToto, st, k)
		b.Payload = form
		e, code := verify(t, b.JSON(t), k)
		if code == "" && (e.ID() != attest.SHA256(st) || !bytes.Equal([]byte(e.Statement().Predicate), []byte(mustStatement(t, st).Predicate))) {
			t.Errorf("%s: verified as other bytes than were signed", name)
		}
		if (name == "standard" || name == "URL") && code != "" {
			t.Errorf("%s: %q", name, code)
		}
		if (name == "spaces" || name == "both alphabets" || name == "padding inside" || name == "cut") && code == "" {
			t.Errorf("%s was accepted", name)
		}
	}
}

func mustStatement(t *testing.T, b []byte) attest.Statement {
	t.Helper()
	st, err := attest.DecodeStatement(b)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// Hints narrow the search and decide nothing.
func TestV70_HintsThatLie(t *testing.T) {
	both(t, func(t *testing.T, k attesttest.Key) {
		other, untrusted := attesttest.NewKey(t, sigstore.ECDSAP256), attesttest.NewKey(t, sigstore.ECDSAP256)
		hintOf := func(k attesttest.Key) string {
			var b struct {
				M struct {
					P struct {
						Hint string `json:"hint"`
					} `json:"publicKey"`
				} `json:"verificationMaterial"`
			}
			if err := json.Unmarshal(k.Sign(t, payload(t, "x")), &b); err != nil || b.M.P.Hint == "" {
				t.Fatal(err)
			}
			return b.M.P.Hint
		}
		sound := k.Sign(t, payload(t, "x"))
		for name, hint := range map[string]string{"the other key's": hintOf(other), "none": "", "unknown": "nobody", "an untrusted key's": hintOf(untrusted)} {
			e, code := verify(t, edit(t, sound, hintOf(k), hint), other, k)
			if code != "" || e.Signer().Key != k.ID {
				t.Errorf("hint %s: %q, signer %s", name, code, e.Signer())
			}
		}
		if _, code := verify(t, edit(t, untrusted.Sign(t, payload(t, "x")), hintOf(untrusted), hintOf(k)), other, k); code != attest.CodeSignatureInvalid {
			t.Errorf("an untrusted key with a trusted hint: %q", code)
		}
		if e, code := verify(t, edit(t, sound, `{"sig":`, `{"keyid":"somebody","sig":`), other, k); code != "" || e.Signer().Key != k.ID {
			t.Errorf("a keyid of another scheme: %q", code)
		}
	})
}

func TestOtherKindsOfBundle(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	sound := k.Sign(t, payload(t, "x"))
	hint := string(sound[bytes.Index(sound, []byte(`"publicKey":{`)):])
	hint = hint[:strings.Index(hint, "}")+1]
	certificate := base64.StdEncoding.EncodeToString([]byte{0x30, 0})
	message := `{"mediaType":"` + attesttest.MediaType + `","verificationMaterial":{` + hint + `},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"AAAA"},"signature":"AAAA"}}`
	for _, c := range []struct {
		name string
		in   []byte
		code string
	}{
		{"v0.1", edit(t, sound, "application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle+json;version=0.1"), ""},
		{"v0.2", edit(t, sound, "application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle+json;version=0.2"), ""},
		{"certificate", edit(t, sound, hint, `"certificate":{"rawBytes":"`+certificate+`"}`), attest.CodeUnsupported},
		{"certificate chain in 0.2", edit(t, sound, hint, `"x509CertificateChain":{"certificates":[{"rawBytes":"`+certificate+`"}]}`, "bundle.v0.3+json", "bundle+json;version=0.2"), attest.CodeUnsupported},
		{"V-57 certificate chain in 0.3", edit(t, sound, hint, `"x509CertificateChain":{"certificates":[{"rawBytes":"`+certificate+`"}]}`), attest.CodeMalformedBundle},
		{"V-41 null certificate", edit(t, sound, hint, `"x509CertificateChain":{"certificates":[null]}`, "bundle.v0.3+json", "bundle+json;version=0.2"), attest.CodeMalformedBundle},
		{"message signature", []byte(message), attest.CodePayloadType},
		{"V-63 timestamp and no signature", edit(t, attesttest.Raw(t, attest.PayloadInToto, payload(t, "x")).JSON(t), `"publicKey":{`, `"timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":"MAA="}]},"publicKey":{`), attest.CodeSignatureCount},
		{"timestamp beside a signature", edit(t, sound, `"publicKey":{`, `"timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":"MAA="}]},"publicKey":{`), ""},
		{"no material", edit(t, sound, hint, ``), attest.CodeMalformedBundle},
		{"no content", []byte(`{"mediaType":"` + attesttest.MediaType + `","verificationMaterial":{` + hint + `}}`), attest.CodeMalformedBundle},
		{"V-57 unknown version", edit(t, sound, "v0.3", "v0.9"), attest.CodeMalformedBundle},
		{"V-57 unknown media type", edit(t, sound, "application/vnd.dev.sigstore.bundle.v0.3+json", "application/json"), attest.CodeMalformedBundle},
		{"V-30 unknown field", edit(t, sound, `{"dsse`, `{"more":1,"dsse`), attest.CodeMalformedBundle},
		{"V-41 null signature", edit(t, attesttest.Raw(t, attest.PayloadInToto, payload(t, "x")).JSON(t), `"signatures":[]`, `"signatures":[null]`), attest.CodeMalformedBundle},
		{"V-41 null log entry", edit(t, sound, `"publicKey":{`, `"tlogEntries":[null],"publicKey":{`), attest.CodeMalformedBundle},
		{"V-19 signature not base64", edit(t, sound, `"sig":"`, `"sig":"!`), attest.CodeMalformedBundle},
		{"empty signature", attesttest.Bundle{MediaType: attesttest.MediaType, PayloadType: attest.PayloadInToto, Payload: base64.StdEncoding.EncodeToString(payload(t, "x")), Signatures: []string{""}}.JSON(t), attest.CodeSignatureInvalid},
		{"empty payload", attesttest.Raw(t, attest.PayloadInToto, nil, k).JSON(t), attest.CodeMalformedStatement},
		{"V-25 signed, no statement", attesttest.Raw(t, attest.PayloadInToto, []byte(`{"_type":"x"}`), k).JSON(t), attest.CodeMalformedStatement},
		{"V-25 signed garbage", attesttest.Raw(t, attest.PayloadInToto, []byte{0, 1, 2}, k).JSON(t), attest.CodeMalformedStatement},
		{"V-40 signed, no subject", attesttest.Raw(t, attest.PayloadInToto, []byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"p","predicate":1}`), k).JSON(t), attest.CodeNoSubject},
		{"V-32 two bundles", append(bytes.Clone(sound), sound...), attest.CodeMalformedBundle},
		{"V-32 trailing garbage", append(bytes.Clone(sound), 'x'), attest.CodeMalformedBundle},
		{"V-32 byte order mark", append([]byte("\xef\xbb\xbf"), sound...), attest.CodeMalformedBundle},
		{"duplicate envelope", edit(t, sound, `{"dsseEnvelope":`, `{"dsseEnvelope":{},"dsseEnvelope":`), attest.CodeMalformedBundle},
		{"duplicate envelope in another spelling", edit(t, sound, `{"dsseEnvelope":`, `{"dsse_envelope":{},"dsseEnvelope":`), attest.CodeMalformedBundle},
		{"V-33 deep", []byte(strings.Repeat(`{"a":`, 100_000)), attest.CodeLimit},
		{"empty", nil, attest.CodeMalformedBundle},
		{"a list", []byte("[]"), attest.CodeMalformedBundle},
		{"null", []byte("null"), attest.CodeMalformedBundle},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, code := verify(t, c.in, k); code != c.code {
				t.Errorf("%q, expected %q", code, c.code)
			}
		})
	}
}

// A log entry in a bundle that a key signed proves nothing here and hinders nothing.
func TestLogEntriesInAKeyBundle(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	sound := k.Sign(t, payload(t, "x"))
	for name, entry := range map[string]string{"empty": `{}`, "with a time": `{"logIndex":"1","integratedTime":"4102444800","kindVersion":{"kind":"dsse","version":"0.0.1"}}`} {
		e, code := verify(t, edit(t, sound, `"publicKey":{`, `"tlogEntries":[`+entry+`],"publicKey":{`), k)
		if when, src := e.Time(); !when.IsZero() || src != "" {
			t.Errorf("%s: a time out of an entry that nobody verified: %s", name, when)
		}
		if code != "" && code != attest.CodeMalformedBundle {
			t.Errorf("%s: %q", name, code)
		}
	}
}

func TestV60_Ed25519phIsAnotherAlgorithm(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.Ed25519)
	st := payload(t, "x")
	sum := sha512.Sum512(attesttest.PAE(attest.PayloadInToto, st))
	sig, err := k.Private.Sign(rand.Reader, sum[:], &ed25519.Options{Hash: crypto.SHA512})
	if err != nil {
		t.Fatal(err)
	}
	b := attesttest.Raw(t, attest.PayloadInToto, st)
	b.Signatures = []string{base64.StdEncoding.EncodeToString(sig)}
	if _, code := verify(t, b.JSON(t), k); code != attest.CodeSignatureInvalid {
		t.Errorf("%q, expected SIGNATURE_INVALID", code)
	}
}

// For every ECDSA signature (r, s) there is a second one, (r, n-s). It is by the same signer.
func TestV60_TwinSignaturesAreOneSigner(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	st := payload(t, "x")
	raw := k.RawSignature(t, attesttest.PAE(attest.PayloadInToto, st))
	var sig struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(raw, &sig); err != nil {
		t.Fatal(err)
	}
	sig.S.Sub(elliptic.P256().Params().N, sig.S)
	twin, err := asn1.Marshal(sig)
	if err != nil {
		t.Fatal(err)
	}
	a, b := attesttest.Raw(t, attest.PayloadInToto, st), attesttest.Raw(t, attest.PayloadInToto, st)
	a.Signatures, b.Signatures = []string{base64.StdEncoding.EncodeToString(raw)}, []string{base64.StdEncoding.EncodeToString(twin)}
	e1, code1 := verify(t, a.JSON(t), k)
	e2, code2 := verify(t, b.JSON(t), k)
	if code1 != "" || code2 != "" {
		t.Skipf("the twin is not accepted: %q, %q", code1, code2)
	}
	if e1.Signer().Principal() != e2.Signer().Principal() || e1.ID() != e2.ID() || e1.BundleID() == e2.BundleID() {
		t.Error("the twin passes for another signer, or another statement")
	}
}

// A bit flipped anywhere in a bundle never makes it say something else.
func TestFlippedBits(t *testing.T) {
	both(t, func(t *testing.T, k attesttest.Key) {
		sound := k.Sign(t, payload(t, "x"))
		want, _ := verify(t, sound, k)
		v := attesttest.Verifier(t, k)
		for i := range sound {
			e, err := v.Verify(t.Context(), attesttest.Flip(sound, i))
			if err == nil && (e.ID() != want.ID() || e.Signer().Key != k.ID) {
				t.Fatalf("byte %d (%q): verified as %s by %s", i, sound[i], e.ID(), e.Signer())
			}
		}
	})
}

func FuzzVerify(f *testing.F) {
	k := attesttest.NewKey(f, sigstore.ECDSAP256)
	st := payload(f, "x")
	sound := k.Sign(f, st)
	v := attesttest.Verifier(f, k)
	f.Add(sound, 0)
	f.Add(sound, 200)
	f.Add(attesttest.Raw(f, "text/plain", st, k).JSON(f), 3)
	f.Add([]byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":""}},"messageSignature":{}}`), 1)
	f.Add([]byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"tlogEntries":[{"inclusionProof":{}}],"certificate":{"rawBytes":""}},"dsseEnvelope":{"signatures":[{}]}}`), 1)
	f.Fuzz(func(t *testing.T, in []byte, flip int) {
		e, err := v.Verify(t.Context(), in)
		if err != nil {
			if attest.RejectCode(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if e.ID() != attest.SHA256(st) || e.Signer().Key != k.ID {
			t.Fatalf("something was verified that was never signed: %s by %s", e.ID(), e.Signer())
		}
		if again, err := v.Verify(t.Context(), in); err != nil || again.ID() != e.ID() || again.BundleID() != e.BundleID() {
			t.Fatalf("verified once, then %v", err)
		}
		if flip < 0 || len(in) == 0 {
			return
		}
		if e, err := v.Verify(t.Context(), attesttest.Flip(in, flip%len(in))); err == nil && e.ID() != attest.SHA256(st) {
			t.Fatalf("byte %d flipped: another statement was verified", flip%len(in))
		}
	})
}

// publicKeys are what an authenticator takes.
func publicKeys(keys ...attesttest.Key) []crypto.PublicKey {
	var out []crypto.PublicKey
	for _, k := range keys {
		out = append(out, k.Private.Public())
	}
	return out
}
