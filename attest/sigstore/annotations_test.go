// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// layered takes a bundle apart into what cosign 2 leaves in a layer of the tag .att: an envelope, and annotations.
func layered(t testing.TB, bundle []byte) (env []byte, annotations map[string]string) {
	t.Helper()
	b := decoded(t, bundle)
	env, err := attest.EncodeJSON(b["dsseEnvelope"])
	if err != nil {
		t.Fatal(err)
	}
	annotations = map[string]string{}
	m := material(b)
	if chain, ok := m["x509CertificateChain"].(map[string]any); ok {
		annotations["dev.sigstore.cosign/certificate"] = asPEM(t, chain["certificates"].([]any)[0].(map[string]any)["rawBytes"].(string))
		annotations["dev.sigstore.cosign/chain"] = "not looked at"
	}
	if entries := m["tlogEntries"].([]any); len(entries) > 0 {
		e := entries[0].(map[string]any)
		id, err := base64.StdEncoding.DecodeString(e["logId"].(map[string]any)["keyId"].(string))
		if err != nil {
			t.Fatal(err)
		}
		number := func(s any) int64 {
			n, err := strconv.ParseInt(s.(string), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		entry, err := json.Marshal(map[string]any{"SignedEntryTimestamp": e["inclusionPromise"].(map[string]any)["signedEntryTimestamp"],
			"Payload": map[string]any{"body": e["canonicalizedBody"], "integratedTime": number(e["integratedTime"]), "logIndex": number(e["logIndex"]), "logID": hex.EncodeToString(id)}})
		if err != nil {
			t.Fatal(err)
		}
		annotations["dev.sigstore.cosign/bundle"] = string(entry)
	}
	return env, annotations
}

func asPEM(t testing.TB, der string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(der)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
}

func stampAnnotation(t testing.TB, stamp []byte) string {
	t.Helper()
	out, err := json.Marshal(map[string]any{"SignedRFC3161Timestamp": stamp})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestFromAnnotations(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	st := payload(t, "x")
	trust := sigstore.DefaultTrust(s.Root(t))
	trust.KeyTimes = true
	older := attesttest.Signing{By: buildJob, Version: "0.1", Logs: []string{attesttest.LogV1}, NoProof: true, NoTimestamp: true}
	env, annotations := layered(t, s.Sign(t, st, older))
	sig := decoded(t, env)["signatures"].([]any)[0].(map[string]any)["sig"].(string)
	raw, err := base64.StdEncoding.DecodeString(sig)
	if err != nil {
		t.Fatal(err)
	}
	byKey := older
	byKey.Key = &k
	keyEnv, keyAnnotations := layered(t, s.Sign(t, st, byKey))
	with := func(m map[string]string, key, value string) map[string]string {
		out := map[string]string{}
		for k, v := range m {
			out[k] = v
		}
		out[key] = value
		return out
	}
	for _, c := range []struct {
		name        string
		envelope    []byte
		annotations map[string]string
		code        string
		source      attest.TimeSource
	}{
		{"certificate and log entry", env, annotations, "", attest.Log},
		{"with a time stamp over the signature", env, with(annotations, "dev.sigstore.cosign/rfc3161timestamp", stampAnnotation(t, s.Stamp(t, raw, signedAt.Add(time.Minute)))), "", attest.Authority},
		{"with a time stamp over the envelope, as cosign makes them", env, with(annotations, "dev.sigstore.cosign/rfc3161timestamp", stampAnnotation(t, s.Stamp(t, env, signedAt))), "", attest.Log},
		{"no log entry", env, with(annotations, "dev.sigstore.cosign/bundle", ""), sigstore.CodeLogMissing, ""},
		{"V-01 the log entry of another", env, with(annotations, "dev.sigstore.cosign/bundle", keyAnnotations["dev.sigstore.cosign/bundle"]), sigstore.CodeLogMismatch, ""},
		{"no certificate: a key that nobody trusts", env, with(annotations, "dev.sigstore.cosign/certificate", ""), attest.CodeSignatureInvalid, ""},
		{"a key and a log entry", keyEnv, keyAnnotations, "", attest.Log},
		{"a key and nothing else", keyEnv, nil, "", ""},
		{"a key and a log entry that can't be read", keyEnv, map[string]string{"dev.sigstore.cosign/bundle": `{"Payload":{}}`}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := sigstore.FromAnnotations(c.envelope, c.annotations)
			if err != nil {
				t.Fatal(err)
			}
			again, err := sigstore.FromAnnotations(c.envelope, c.annotations)
			if err != nil || !bytes.Equal(again, b) {
				t.Errorf("the same layer gives another bundle: %v", err)
			}
			e, code := judge(t, trust, b, k)
			if code != c.code {
				t.Fatalf("%q, expected %q\n%s", code, c.code, b)
			}
			if _, source := e.Time(); source != c.source {
				t.Errorf("time by %q, expected %q", source, c.source)
			}
		})
	}
	for name, m := range map[string]map[string]string{
		"a certificate that is none": with(annotations, "dev.sigstore.cosign/certificate", "x"),
		"a log entry that is none":   with(annotations, "dev.sigstore.cosign/bundle", "x"),
		"a log entry without a body": with(annotations, "dev.sigstore.cosign/bundle", `{"SignedEntryTimestamp":"AAAA","Payload":{"body":"e30=","integratedTime":1,"logIndex":1,"logID":"00"}}`),
	} {
		if b, err := sigstore.FromAnnotations(env, m); attest.RejectCode(err) != attest.CodeMalformedBundle || b != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	plain := []byte("no envelope")
	if b, err := sigstore.FromAnnotations(plain, annotations); err != nil || !bytes.Equal(b, plain) {
		t.Errorf("something that is no envelope: %v", err)
	}
}

// Envelopes with certificates beside their signatures, as witness and slsa-github-generator write them.
func TestCertificatesInEnvelopes(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	root := s.Root(t)
	stamped := sigstore.Trust{Root: root, Timestamps: 1, SCT: true}
	st := payload(t, "x")
	b := s.Sign(t, st, attesttest.Signing{By: buildJob, Logs: []string{}})
	m := material(decoded(t, b))
	der := m["certificate"].(map[string]any)["rawBytes"].(string)
	signature := decoded(t, b)["dsseEnvelope"].(map[string]any)["signatures"].([]any)[0].(map[string]any)["sig"]
	stamp := m["timestampVerificationData"].(map[string]any)["rfc3161Timestamps"].([]any)[0].(map[string]any)["signedTimestamp"]
	file := asPEM(t, der)
	encodedPEM := base64.StdEncoding.EncodeToString([]byte(file))
	stamps := []any{map[string]any{"type": "tsp", "data": stamp}}
	witness := sig{"keyid": "x", "sig": signature, "certificate": encodedPEM, "timestamps": stamps}
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	for _, c := range []struct {
		name  string
		trust sigstore.Trust
		sigs  []sig
		code  string
	}{
		{"witness", stamped, []sig{witness}, ""},
		{"slsa-github-generator, stamped", stamped, []sig{{"sig": signature, "cert": file, "timestamps": stamps}}, ""},
		{"no time stamp", stamped, []sig{{"sig": signature, "cert": file}}, sigstore.CodeTimestampMissing},
		{"no log entry where one is needed", sigstore.DefaultTrust(root), []sig{witness}, sigstore.CodeLogMissing},
		{"no trust root", sigstore.Trust{}, []sig{witness}, attest.CodeUnsupported},
		{"a stranger's signature before it", stamped, []sig{{"sig": "AAAA"}, witness}, ""},
		{"V-63 the certificate beside another signature", stamped, []sig{{"sig": "AAAA", "certificate": encodedPEM, "timestamps": stamps}}, attest.CodeSignatureInvalid},
		{"a certificate that is none", stamped, []sig{{"sig": signature, "certificate": "LS0t"}}, attest.CodeMalformedBundle},
		{"time stamps that are none", stamped, []sig{{"sig": signature, "certificate": encodedPEM, "timestamps": "x"}}, attest.CodeMalformedBundle},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := envelope(t, attest.PayloadInToto, st, c.sigs...)
			e, code := judge(t, c.trust, env, k)
			if code != c.code {
				t.Fatalf("%q, expected %q", code, c.code)
			}
			if code != "" {
				return
			}
			if e.Signer().Subject != buildJob.Subject {
				t.Errorf("signed by %s", e.Signer())
			}
			a, err := sigstore.NewAuthenticator(publicKeys(k), c.trust)
			if err != nil {
				t.Fatal(err)
			}
			bundles, err := a.Bundles(env)
			if err != nil || len(bundles) != 1 {
				t.Fatalf("%d bundles, %v", len(bundles), err)
			}
			if again, code := judge(t, c.trust, bundles[0], k); code != "" || again.Signer().Serial != e.Signer().Serial || again.ID() != e.ID() {
				t.Errorf("as it is stored: %q", code)
			}
		})
	}
	both := envelope(t, attest.PayloadInToto, st, witness, by(t, k, st))
	a, err := sigstore.NewAuthenticator(publicKeys(k), stamped)
	if err != nil {
		t.Fatal(err)
	}
	if bundles, err := a.Bundles(both); err != nil || len(bundles) != 2 {
		t.Errorf("a certificate and a key: %d bundles, %v", len(bundles), err)
	}
}

// Whatever is written over, put into, or cut out of sound bundles: nothing else than was signed verifies. The bundles are made anew in each process
// that fuzzes, so what changes is what is fuzzed, not the bundle.
func FuzzCertifiedBundle(f *testing.F) {
	s := attesttest.NewSigstore(f, signedAt)
	trust := sigstore.DefaultTrust(s.Root(f))
	trust.KeyTimes = true
	k := attesttest.NewKey(f, sigstore.ECDSAP256)
	st := payload(f, "x")
	sound := [][]byte{s.Sign(f, st, attesttest.Signing{Key: &k, Logs: []string{attesttest.LogV1}})}
	for _, log := range []string{attesttest.LogV1, attesttest.LogV1HashedRekord, attesttest.LogV1Intoto, attesttest.LogV2, attesttest.LogV2DSSE} {
		sound = append(sound, s.Sign(f, st, attesttest.Signing{By: buildJob, Logs: []string{log}}))
	}
	for i := range sound {
		f.Add(uint8(i), uint16(0), uint16(0), []byte{})
		f.Add(uint8(i), uint16(100), uint16(1), []byte("A"))
		f.Add(uint8(i), uint16(1), uint16(0), []byte(`"mediaType":"x",`))
		f.Add(uint8(i), uint16(3000), uint16(4), []byte("null"))
	}
	v := verifier(f, trust, k)
	f.Fuzz(func(t *testing.T, which uint8, at, cut uint16, put []byte) {
		in := sound[int(which)%len(sound)]
		from := int(at) % len(in)
		in = slices.Concat(in[:from], put, in[min(from+int(cut), len(in)):])
		e, err := v.Verify(t.Context(), in)
		if err != nil {
			if attest.RejectCode(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		when, source := e.Time()
		if e.ID() != attest.SHA256(st) || (e.Signer().Key != k.ID && e.Signer().Subject != buildJob.Subject) || (source != "" && !when.Equal(signedAt)) {
			t.Fatalf("something was verified that was never signed: %s by %s at %s", e.ID(), e.Signer(), when)
		}
	})
}

// Bodies of log entries that no log writes are refused, and end nothing.
func TestV41_MalformedLogEntries(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	trust := sigstore.DefaultTrust(s.Root(t))
	for _, kind := range []string{"dsse 0.0.1", "hashedrekord 0.0.1", "intoto 0.0.2", "hashedrekord 0.0.2", "dsse 0.0.2", "rekord 0.0.1", "x y"} {
		for _, spec := range []string{`null`, `{}`, `[]`, `{"signatures":[]}`, `{"signatures":[null]}`, `{"signatures":[{}]}`, `{"signatures":[{"signature":null,"verifier":null}]}`, `{"content":null}`, `{"content":{"envelope":null}}`,
			`{"content":{"envelope":{"payloadType":"x","signatures":[null]},"payloadHash":null}}`, `{"content":{"envelope":{"payloadType":"x","signatures":[]},"payloadHash":{"algorithm":"sha256","value":"00"},"hash":{"algorithm":"sha256","value":"00"}}}`,
			`{"data":null,"signature":null}`, `{"data":{"hash":null},"signature":{"publicKey":null}}`, `{"hashedRekordV002":null}`, `{"hashedRekordV002":{}}`, `{"hashedRekordV002":{"signature":{"verifier":null},"data":null}}`, `{"dsseV002":null}`,
			`{"dsseV002":{"signatures":[null]}}`, `{"dsseV002":{"signatures":[{}],"payloadHash":null}}`} {
			name, version, _ := bytes.Cut([]byte(kind), []byte(" "))
			body := []byte(`{"kind":"` + string(name) + `","apiVersion":"` + string(version) + `","spec":` + spec + `}`)
			for _, log := range []string{attesttest.LogV1, attesttest.LogV2} {
				_, err := verifier(t, trust).Verify(t.Context(), s.Sign(t, payload(t, "x"), attesttest.Signing{By: buildJob, Logs: []string{log}, Change: func(b map[string]any) {
					e := material(b)["tlogEntries"].([]any)[0].(map[string]any)
					e["canonicalizedBody"], e["kindVersion"] = body, map[string]any{"kind": string(name), "version": string(version)}
				}}))
				if code := attest.RejectCode(err); code != attest.CodeMalformedBundle && code != sigstore.CodeLogInvalid && code != sigstore.CodeLogMismatch {
					t.Errorf("%s: %v", body, err)
				}
			}
		}
	}
}
