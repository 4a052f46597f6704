// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// authenticator trusts the keys given.
func authenticator(t testing.TB, keys ...attesttest.Key) *sigstore.Authenticator {
	t.Helper()
	var public []crypto.PublicKey
	for _, k := range keys {
		public = append(public, k.Private.Public())
	}
	a, err := sigstore.NewAuthenticator(public)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sig is one signature of an envelope, with what tools put beside it.
type sig map[string]any

// envelope writes a bare envelope over a statement, sound or not.
func envelope(t testing.TB, payloadType string, payload []byte, sigs ...sig) []byte {
	t.Helper()
	if sigs == nil {
		sigs = []sig{}
	}
	out, err := attest.EncodeJSON(map[string]any{"payloadType": payloadType, "payload": base64.StdEncoding.EncodeToString(payload), "signatures": sigs})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// by is a key's signature over a statement.
func by(t testing.TB, k attesttest.Key, payload []byte, more ...any) sig {
	t.Helper()
	s := sig{"keyid": "", "sig": base64.StdEncoding.EncodeToString(k.RawSignature(t, attesttest.PAE(attest.PayloadInToto, payload)))}
	for i := 0; i < len(more); i += 2 {
		s[more[i].(string)] = more[i+1]
	}
	return s
}

func TestBareEnvelopes(t *testing.T) {
	k, other := attesttest.NewKey(t, sigstore.ECDSAP256), attesttest.NewKey(t, sigstore.Ed25519)
	stranger := attesttest.NewKey(t, sigstore.ECDSAP256)
	st := payload(t, "x")
	inToto := attest.PayloadInToto
	sound := envelope(t, inToto, st, by(t, k, st))
	fine := by(t, k, st)
	many := func(n int) []sig {
		out := []sig{}
		for range n - 1 {
			out = append(out, by(t, stranger, st))
		}
		return append(out, by(t, k, st))
	}
	for _, c := range []struct {
		name   string
		in     []byte
		code   string
		signer string
	}{
		{"cosign", sound, "", k.ID},
		{"a pretty one", pretty(t, sound), "", k.ID},
		{"unknown fields", edit(t, sound, `{"payload"`, `{"more":[1],"payload"`), "", k.ID},
		{"witness: certificate and timestamps beside the signature of a trusted key", envelope(t, inToto, st, by(t, k, st, "certificate", "LS0t", "intermediates", []string{"LS0t"}, "timestamps", []any{map[string]any{"type": "tsp", "data": "AA=="}})), "", k.ID},
		{"no keyid", envelope(t, inToto, st, sig{"sig": fine["sig"]}), "", k.ID},
		{"V-70 keyid of another key", envelope(t, inToto, st, by(t, k, st, "keyid", other.ID)), "", k.ID},
		{"V-70 keyid of a trusted key, signature of another", envelope(t, inToto, st, by(t, stranger, st, "keyid", k.ID)), attest.CodeSignatureInvalid, ""},
		{"two trusted signers: the first counts", envelope(t, inToto, st, by(t, other, st), by(t, k, st)), "", other.ID},
		{"a stranger first", envelope(t, inToto, st, by(t, stranger, st), by(t, k, st)), "", k.ID},
		{"only a stranger", envelope(t, inToto, st, by(t, stranger, st)), attest.CodeSignatureInvalid, ""},
		{"V-19 a malformed signature appended", envelope(t, inToto, st, fine, sig{"keyid": "", "sig": "!!!"}), "", k.ID},
		{"V-19 a malformed signature first", envelope(t, inToto, st, sig{"sig": "!"}, fine), "", k.ID},
		{"V-19 only a malformed one", envelope(t, inToto, st, sig{"sig": "!"}), attest.CodeSignatureInvalid, ""},
		{"an empty signature", envelope(t, inToto, st, sig{"sig": ""}), attest.CodeSignatureInvalid, ""},
		{"a signature without sig", envelope(t, inToto, st, sig{"keyid": "x"}), attest.CodeSignatureInvalid, ""},
		{"V-63 certificate only", envelope(t, inToto, st, by(t, stranger, st, "certificate", "LS0t")), attest.CodeUnsupported, ""},
		{"certificate of slsa-github-generator", envelope(t, inToto, st, by(t, stranger, st, "cert", "-----BEGIN CERTIFICATE-----")), attest.CodeUnsupported, ""},
		{"V-18 no signature", envelope(t, inToto, st), attest.CodeSignatureCount, ""},
		{"V-18 signatures left out", edit(t, sound, `"signatures"`, `"signature"`), attest.CodeSignatureCount, ""},
		{"V-67 as many as may be", envelope(t, inToto, st, many(sigstore.MaxSignatures)...), "", k.ID},
		{"V-67 one more", envelope(t, inToto, st, many(sigstore.MaxSignatures+1)...), attest.CodeLimit, ""},
		{"V-41 null signature", edit(t, sound, `"signatures":[`, `"signatures":[null,`), attest.CodeMalformedBundle, ""},
		{"V-41 signature is text", edit(t, envelope(t, inToto, st), `"signatures":[`, `"signatures":["x"`), attest.CodeMalformedBundle, ""},
		{"no payload", edit(t, sound, `"payload":`, `"payloat":`), attest.CodeMalformedBundle, ""},
		{"V-20 another payload type", envelope(t, "text/plain", st, by(t, k, st)), attest.CodeSignatureInvalid, ""},
		{"V-20 another type, signed", typed(t, k, "text/plain", st), attest.CodePayloadType, ""},
		{"V-20 simple signing", typed(t, k, "application/vnd.dev.cosign.simplesigning.v1+json", []byte(`{"critical":{}}`)), attest.CodePayloadType, ""},
		{"V-25 no statement", envelope(t, inToto, []byte("{}"), by(t, k, []byte("{}"))), attest.CodeMalformedStatement, ""},
		{"V-32 two envelopes", append(bytes.Clone(sound), sound...), attest.CodeMalformedBundle, ""},
		{"V-32 trailing garbage", append(bytes.Clone(sound), 'x'), attest.CodeMalformedBundle, ""},
		{"V-32 invalid UTF-8", edit(t, sound, `"keyid":""`, "\"keyid\":\"\xff\""), attest.CodeMalformedBundle, ""},
		{"a payload twice", edit(t, sound, `{"payload":`, `{"payload":"e30=","payload":`), attest.CodeMalformedBundle, ""},
		{"a signature twice", edit(t, sound, `{"keyid":""`, `{"sig":"AAAA","keyid":""`), attest.CodeMalformedBundle, ""},
		{"names in other case", edit(t, sound, `"payload":`, `"Payload":`, `"payloadType"`, `"PayloadType"`), attest.CodeMalformedBundle, ""},
		{"a bundle's names beside an envelope's", edit(t, sound, `{"payload":`, `{"mediaType":"`+attesttest.MediaType+`","payload":`), attest.CodeMalformedBundle, ""},
		{"V-33 deep", []byte(`{"payloadType":` + strings.Repeat("[", 100_000)), attest.CodeLimit, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, code := verify(t, c.in, k, other)
			if code != c.code {
				t.Fatalf("%q, expected %q", code, c.code)
			}
			if c.signer != "" && (e.Signer().Key != c.signer || e.ID() != attest.SHA256(st)) {
				t.Errorf("%s by %s", e.ID(), e.Signer())
			}
		})
	}
}

func pretty(t testing.TB, in []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, in, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// typed is an envelope whose signature is over its own payload type.
func typed(t testing.TB, k attesttest.Key, payloadType string, payload []byte) []byte {
	t.Helper()
	return envelope(t, payloadType, payload, sig{"sig": base64.StdEncoding.EncodeToString(k.RawSignature(t, attesttest.PAE(payloadType, payload)))})
}

// DSSE allows two alphabets; every other spelling is refused, so that one payload has one text in each.
func TestV22_EnvelopeBase64(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	st := payload(t, "???>>>\u00ff\u00fe~~")
	for len(st)%3 != 1 {
		st = append(st, ' ')
	}
	std := base64.StdEncoding.EncodeToString(st)
	if !strings.ContainsAny(std, "+/") {
		t.Fatal("the payload does not tell the alphabets apart")
	}
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"standard": {std, true}, "URL": {base64.URLEncoding.EncodeToString(st), true},
		"without padding": {strings.TrimRight(std, "="), false}, "line breaks": {std[:40] + "\n" + std[40:], false}, "spaces": {std[:40] + " " + std[40:], false},
		"spare bits": {std[:len(std)-3] + string(std[len(std)-3]+1) + "==", false}, "both alphabets": {"-" + std[1:], false}, "padding inside": {std[:40] + "=" + std[41:], false},
		"empty": {"", false},
	} {
		in, err := attest.EncodeJSON(map[string]any{"payloadType": attest.PayloadInToto, "payload": c.text, "signatures": []sig{by(t, k, st)}})
		if err != nil {
			t.Fatal(err)
		}
		e, code := verify(t, in, k)
		if (code == "") != c.ok {
			t.Errorf("%s: %q", name, code)
		}
		if code == "" && e.ID() != attest.SHA256(st) {
			t.Errorf("%s: other bytes than were signed", name)
		}
	}
}

// An envelope becomes one bundle for each trusted signer; each verifies as that signer, and says the same.
func TestBundles(t *testing.T) {
	both(t, func(t *testing.T, k attesttest.Key) {
		other, stranger := attesttest.NewKey(t, sigstore.ECDSAP256), attesttest.NewKey(t, sigstore.ECDSAP256)
		st := payload(t, "x")
		in := envelope(t, attest.PayloadInToto, st, by(t, stranger, st), by(t, other, st), by(t, k, st, "keyid", "who"), by(t, k, st))
		a := authenticator(t, k, other)
		out, err := a.Bundles(in)
		if err != nil || len(out) != 2 {
			t.Fatalf("%d bundles, %v; expected one a signer", len(out), err)
		}
		for i, want := range []string{other.ID, k.ID} {
			e, code := verify(t, out[i], k, other)
			if code != "" || e.Signer().Key != want || e.ID() != attest.SHA256(st) {
				t.Errorf("bundle %d: %q, %s by %s", i, code, e.ID(), e.Signer())
			}
			if !bytes.Contains(out[i], []byte(attesttest.MediaType)) || strings.Count(string(out[i]), `"sig"`) != 1 {
				t.Errorf("bundle %d: %s", i, out[i])
			}
			again, err := a.Bundles(out[i])
			if err != nil || len(again) != 1 || !bytes.Equal(again[0], out[i]) {
				t.Errorf("bundle %d is not what it gives itself: %v", i, err)
			}
			bare, err := sigstore.Envelope(out[i])
			if err != nil {
				t.Fatal(err)
			}
			back, err := a.Bundles(bare)
			if err != nil || len(back) != 1 || !bytes.Equal(back[0], out[i]) {
				t.Errorf("bundle %d to an envelope and back: %v\n%s\n%s", i, err, out[i], back)
			}
		}
		if again, err := a.Bundles(in); err != nil || !bytes.Equal(again[0], out[0]) || !bytes.Equal(again[1], out[1]) {
			t.Errorf("the same envelope gives other bundles: %v", err)
		}
		der, err := x509.MarshalPKIXPublicKey(k.Private.Public())
		if err != nil {
			t.Fatal(err)
		}
		sum, err := base64.StdEncoding.DecodeString(hintIn(t, out[1]))
		if err != nil || attest.SHA256(der).Hex != hexOf(sum) {
			t.Errorf("the hint is not that of the key that verified: %x", sum)
		}
		if _, err := authenticator(t, stranger).Bundles(envelope(t, attest.PayloadInToto, st, by(t, k, st))); attest.RejectCode(err) != attest.CodeSignatureInvalid {
			t.Errorf("an envelope that nobody trusted signed: %v", err)
		}
	})
}

func hexOf(sum []byte) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, c := range sum {
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

func hintIn(t testing.TB, bundle []byte) string {
	t.Helper()
	var b struct {
		M struct {
			P struct {
				Hint string `json:"hint"`
			} `json:"publicKey"`
		} `json:"verificationMaterial"`
	}
	if err := json.Unmarshal(bundle, &b); err != nil {
		t.Fatal(err)
	}
	return b.M.P.Hint
}

func TestOlderBundlesAreUpgraded(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	sound := k.Sign(t, payload(t, "x"))
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		old := edit(t, sound, attesttest.MediaType, "application/vnd.dev.sigstore.bundle+json;version="+version)
		out, err := authenticator(t, k).Bundles(old)
		if err != nil || len(out) != 1 {
			t.Fatalf("%s: %v", version, err)
		}
		want := sound
		if version == "0.3" { // another spelling of the same version
			want = old
		}
		if !bytes.Equal(out[0], want) {
			t.Errorf("%s: %s", version, out[0])
		}
	}
	if _, err := authenticator(t, attesttest.NewKey(t, sigstore.ECDSAP256)).Bundles(sound); attest.RejectCode(err) != attest.CodeSignatureInvalid {
		t.Errorf("a bundle of another key: %v", err)
	}
}

func TestEnvelope(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	st := payload(t, "x")
	got, err := sigstore.Envelope(k.Sign(t, st))
	if err != nil {
		t.Fatal(err)
	}
	if e, code := verify(t, got, k); code != "" || e.ID() != attest.SHA256(st) {
		t.Errorf("%q: %s", code, got)
	}
	if !bytes.HasPrefix(got, []byte(`{"payloadType":"application/vnd.in-toto+json","payload":"`)) || bytes.ContainsAny(got, "\n") {
		t.Errorf("%s", got)
	}
	witness := envelope(t, attest.PayloadInToto, st, by(t, k, st, "certificate", "LS0t"))
	if again, err := sigstore.Envelope(pretty(t, witness)); err != nil || !bytes.Equal(again, witness) {
		t.Errorf("an envelope is not given as it is: %v\n%s", err, again)
	}
	for name, in := range map[string]string{"nothing": "", "no bundle": "{}", "a bare signature": `{"mediaType":"` + attesttest.MediaType +
		`","verificationMaterial":{"publicKey":{}},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"AAAA"},"signature":"AAAA"}}`} {
		if out, err := sigstore.Envelope([]byte(in)); attest.RejectCode(err) == "" || out != nil {
			t.Errorf("%s: %s, %v", name, out, err)
		}
	}
}

func FuzzEnvelope(f *testing.F) {
	k := attesttest.NewKey(f, sigstore.ECDSAP256)
	st := payload(f, "x")
	f.Add(envelope(f, attest.PayloadInToto, st, by(f, k, st)))
	f.Add(envelope(f, attest.PayloadInToto, st, by(f, k, st), sig{"sig": "!"}, by(f, k, st, "certificate", "LS0t")))
	f.Add([]byte(`{"payload":"e30=","payloadType":"","signatures":[{}]}`))
	a := authenticator(f, k)
	v := attesttest.Verifier(f, k)
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := v.Verify(t.Context(), in)
		bundles, bundlesErr := a.Bundles(in)
		if err != nil {
			if attest.RejectCode(err) == "" || (bundlesErr != nil && attest.RejectCode(bundlesErr) == "") {
				t.Fatalf("an error without a code: %v, %v", err, bundlesErr)
			}
			return
		}
		if e.ID() != attest.SHA256(st) || e.Signer().Key != k.ID {
			t.Fatalf("something was verified that was never signed: %s by %s", e.ID(), e.Signer())
		}
		if bundlesErr != nil || len(bundles) != 1 {
			t.Fatalf("verified, and gives %d bundles: %v", len(bundles), bundlesErr)
		}
		if again, err := v.Verify(t.Context(), bundles[0]); err != nil || again.ID() != e.ID() || again.Signer().Key != k.ID {
			t.Fatalf("its bundle does not verify as the same: %v", err)
		}
	})
}
