// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

var signedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var buildJob = attesttest.GitHubJob("acme/shop", "build.yml", "refs/heads/main")

// verifier trusts keys and what a trust covers.
func verifier(t testing.TB, trust sigstore.Trust, keys ...attesttest.Key) *attest.Verifier {
	t.Helper()
	a, err := sigstore.NewAuthenticator(publicKeys(keys...), trust)
	if err != nil {
		t.Fatal(err)
	}
	v, err := attest.NewVerifier(a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// judge verifies a bundle under a trust and gives the evidence or the code of what is wrong.
func judge(t testing.TB, trust sigstore.Trust, bundle []byte, keys ...attesttest.Key) (attest.Evidence, string) {
	t.Helper()
	e, err := verifier(t, trust, keys...).Verify(t.Context(), bundle)
	if err != nil {
		if attest.RejectCode(err) == "" {
			t.Fatalf("an error without a code: %v", err)
		}
		t.Logf("%s: %v", attest.RejectCode(err), err)
	}
	return e, attest.RejectCode(err)
}

func TestCertificatesVerify(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	trust := sigstore.DefaultTrust(s.Root(t))
	st := payload(t, "x")
	for _, c := range []struct {
		name   string
		how    attesttest.Signing
		source attest.TimeSource
	}{
		{"0.3 with a time stamp and the log of version 2", attesttest.Signing{}, attest.Authority},
		{"0.3 with the log of version 1", attesttest.Signing{Logs: []string{attesttest.LogV1}, NoTimestamp: true}, attest.Log},
		{"0.3 with both logs and a time stamp", attesttest.Signing{Logs: []string{attesttest.LogV1, attesttest.LogV2}}, attest.Authority},
		{"0.2 with a chain", attesttest.Signing{Version: "0.2", Logs: []string{attesttest.LogV1}, NoTimestamp: true}, attest.Log},
		{"0.1 with a promise and no proof", attesttest.Signing{Version: "0.1", Logs: []string{attesttest.LogV1}, NoProof: true, NoTimestamp: true}, attest.Log},
		{"an entry of the kind hashedrekord in the log of version 1", attesttest.Signing{Logs: []string{attesttest.LogV1HashedRekord}, NoTimestamp: true}, attest.Log},
		{"an entry of the kind intoto", attesttest.Signing{Logs: []string{attesttest.LogV1Intoto}, NoTimestamp: true}, attest.Log},
		{"an entry of the kind dsse in the log of version 2", attesttest.Signing{Logs: []string{attesttest.LogV2DSSE}}, attest.Authority},
		{"a proof without a promise, and a time stamp", attesttest.Signing{Logs: []string{attesttest.LogV1}, NoPromise: true}, attest.Authority},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.how.By = buildJob
			b := s.Sign(t, st, c.how)
			e, code := judge(t, trust, b)
			if code != "" {
				t.Fatalf("%s\n%s", code, b)
			}
			when, source := e.Time()
			if !when.Equal(signedAt) || source != c.source || e.ID() != attest.SHA256(st) {
				t.Errorf("signed at %s by %q", when, source)
			}
		})
	}
}

func TestIdentityOfACertificate(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	trust := sigstore.DefaultTrust(s.Root(t))
	for _, w := range []attesttest.Workload{buildJob.With(map[string]string{"deploymentEnvironment": "prod"}), attesttest.GitLabJob("acme/shop", "refs/heads/main"), attesttest.Person("alice@example.com")} {
		e, code := judge(t, trust, s.Sign(t, payload(t, "x"), attesttest.Signing{By: w}))
		if code != "" {
			t.Fatal(code)
		}
		id := e.Signer()
		if id.Issuer != w.Issuer || id.Subject != w.Subject || id.Key != "" || !maps.Equal(id.Claims, w.With(nil).Claims) {
			t.Errorf("%+v, expected %+v", id, w)
		}
		if n, ok := new(big.Int).SetString(id.Serial, 16); !ok || n.BitLen() != 121 || len(id.Serial)%2 != 0 || strings.ToLower(id.Serial) != id.Serial {
			t.Errorf("serial %q", id.Serial)
		}
	}
}

// Each way in which the certificate, the log or the time stamp of a bundle can be wrong has a code of its own, and one that is sound beside it.
func TestRefusedCertificates(t *testing.T) {
	s, other := attesttest.NewSigstore(t, signedAt), attesttest.NewSigstore(t, signedAt)
	root := s.Root(t)
	usual := sigstore.DefaultTrust(root)
	two := sigstore.Trust{Root: root, Logs: 2, SCT: true}
	stamped := sigstore.Trust{Root: root, Timestamps: 1, SCT: true}
	v1, none := []string{attesttest.LogV1}, []string{}
	extension := func(e ...pkix.Extension) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.ExtraExtensions = e }
	}
	issuers := func(old, current string) func(*x509.Certificate) {
		return extension(attesttest.Extension(t, 1, old), attesttest.Extension(t, 8, current))
	}
	stranger := s.Sign(t, payload(t, "another"), attesttest.Signing{By: buildJob})
	for _, c := range []struct {
		name  string
		trust sigstore.Trust
		how   attesttest.Signing
		code  string
	}{
		{"no log entry where one is needed", usual, attesttest.Signing{Logs: none}, sigstore.CodeLogMissing},
		{"V-02 no log entry, log: none and a time stamp", stamped, attesttest.Signing{Logs: none}, ""},
		{"one log where two are needed", two, attesttest.Signing{}, sigstore.CodeLogMissing},
		{"two logs where two are needed", two, attesttest.Signing{Logs: []string{attesttest.LogV2, attesttest.LogV1}}, ""},
		{"the same log twice does not count twice", two, attesttest.Signing{Logs: []string{attesttest.LogV2, attesttest.LogV2}}, sigstore.CodeLogMissing},
		{"V-12 an entry without a time, and no time stamp", usual, attesttest.Signing{NoTimestamp: true}, sigstore.CodeTimestampMissing},
		{"V-12 a proof without a promise, and no time stamp", usual, attesttest.Signing{Logs: v1, NoPromise: true, NoTimestamp: true}, sigstore.CodeTimestampMissing},
		{"V-05 a time that the log did not promise is none", usual, attesttest.Signing{ClaimAt: signedAt, NoTimestamp: true}, sigstore.CodeTimestampMissing},
		{"V-05 a promise about another time", usual, attesttest.Signing{Logs: v1, ClaimAt: signedAt.Add(time.Minute), NoTimestamp: true}, sigstore.CodeLogInvalid},
		{"V-02 an entry of version 2 without a proof", usual, attesttest.Signing{NoProof: true}, attest.CodeMalformedBundle},
		{"no time stamp where one is needed", stamped, attesttest.Signing{NoTimestamp: true, Logs: v1}, sigstore.CodeTimestampMissing},
		{"V-10 a time stamp over something else", usual, attesttest.Signing{StampOver: []byte("x")}, sigstore.CodeTimestampInvalid},
		{"V-10 a time stamp over the payload", usual, attesttest.Signing{StampOver: payload(t, "x")}, sigstore.CodeTimestampInvalid},
		{"a time stamp that is none, beside a sound log entry", usual, attesttest.Signing{Logs: v1, Change: stampBytes([]byte{0x30, 0})}, sigstore.CodeTimestampInvalid},
		{"a time stamp of another instance", usual, attesttest.Signing{Change: stampsOf(t, other)}, sigstore.CodeTimestampInvalid},
		{"V-11 stamped before the certificate", usual, attesttest.Signing{StampAt: []time.Time{signedAt.Add(-61 * time.Second)}}, sigstore.CodeCertExpired},
		{"V-11 stamped with its first second", usual, attesttest.Signing{StampAt: []time.Time{signedAt.Add(-60 * time.Second)}}, ""},
		{"V-11 stamped with its last second", usual, attesttest.Signing{StampAt: []time.Time{signedAt.Add(9 * time.Minute)}}, ""},
		{"V-11 stamped after the certificate", usual, attesttest.Signing{StampAt: []time.Time{signedAt.Add(9*time.Minute + time.Second)}}, sigstore.CodeCertExpired},
		{"V-11 logged after the certificate", usual, attesttest.Signing{Logs: v1, NoTimestamp: true, LogAt: signedAt.Add(10 * time.Minute)}, sigstore.CodeCertExpired},
		{"V-58 no SCT", usual, attesttest.Signing{NoSCT: true}, sigstore.CodeSCTMissing},
		{"no SCT, and none is needed", sigstore.Trust{Root: root, Logs: 1}, attesttest.Signing{NoSCT: true}, ""},
		{"V-57 another instance", sigstore.DefaultTrust(other.Root(t)), attesttest.Signing{}, sigstore.CodeLogMissing},
		{"V-57 another authority, the same logs", sigstore.DefaultTrust(s.Root(t, take(other.RootJSON(t), "certificateAuthorities"))), attesttest.Signing{}, sigstore.CodeCertChain},
		{"V-58 another certificate log", sigstore.DefaultTrust(s.Root(t, take(other.RootJSON(t), "ctlogs"))), attesttest.Signing{}, sigstore.CodeSCTInvalid},
		{"V-53 another log under the same id", sigstore.DefaultTrust(s.Root(t, stolenID(t, other.RootJSON(t)))), attesttest.Signing{}, sigstore.CodeLogInvalid},
		{"a log that was not trusted yet", sigstore.DefaultTrust(s.Root(t, validFor("tlogs", signedAt.Add(time.Second), time.Time{}))), attesttest.Signing{}, sigstore.CodeLogInvalid},
		{"a log that is trusted from that second on", sigstore.DefaultTrust(s.Root(t, validFor("tlogs", signedAt, time.Time{}))), attesttest.Signing{}, ""},
		{"a log that was no longer trusted", sigstore.DefaultTrust(s.Root(t, validFor("tlogs", signedAt.Add(-time.Hour), signedAt.Add(-time.Second)))), attesttest.Signing{}, sigstore.CodeLogInvalid},
		{"a log of version 1 that was no longer trusted", sigstore.DefaultTrust(s.Root(t, validFor("tlogs", signedAt.Add(-time.Hour), signedAt.Add(-time.Second)))), attesttest.Signing{Logs: v1, NoTimestamp: true}, sigstore.CodeLogInvalid},
		{"a log that was trusted to that second", sigstore.DefaultTrust(s.Root(t, validFor("tlogs", signedAt.Add(-time.Hour), signedAt))), attesttest.Signing{Logs: v1, NoTimestamp: true}, ""},
		{"a time stamp authority that was not trusted yet", sigstore.DefaultTrust(s.Root(t, validFor("timestampAuthorities", signedAt.Add(time.Second), time.Time{}))), attesttest.Signing{}, sigstore.CodeTimestampInvalid},
		{"a certificate authority that was no longer trusted", sigstore.DefaultTrust(s.Root(t, validFor("certificateAuthorities", signedAt.Add(-time.Hour), signedAt.Add(-time.Second)))), attesttest.Signing{}, sigstore.CodeCertExpired},
		{"a certificate log that was no longer trusted", sigstore.DefaultTrust(s.Root(t, validFor("ctlogs", signedAt.Add(-2*time.Hour), signedAt.Add(-time.Hour)))), attesttest.Signing{}, sigstore.CodeSCTInvalid},
		{"V-47 the issuer in the old form only", usual, attesttest.Signing{Edit: extension(attesttest.Extension(t, 1, buildJob.Issuer))}, ""},
		{"V-47 two issuers", usual, attesttest.Signing{Edit: issuers(buildJob.Issuer, "https://evil.example")}, sigstore.CodeCertIdentity},
		{"no issuer", usual, attesttest.Signing{Edit: extension()}, sigstore.CodeIssuerMissing},
		{"an issuer that is no string", usual, attesttest.Signing{Edit: extension(attesttest.BareExtension(8, nil, []byte("https://x")))}, sigstore.CodeCertIdentity},
		{"a claim with bytes behind it", usual, attesttest.Signing{Edit: extension(attesttest.Extension(t, 8, "https://x"), attesttest.BareExtension(15, nil, append(attesttest.Extension(t, 15, "1").Value, 0)))}, sigstore.CodeCertIdentity},
		{"a claim with a line break", usual, attesttest.Signing{Edit: extension(attesttest.Extension(t, 8, "https://x"), attesttest.Extension(t, 20, "push\nsudo"))}, sigstore.CodeCertIdentity},
		{"V-46 two subject names", usual, attesttest.Signing{Edit: func(c *x509.Certificate) { c.EmailAddresses = []string{"alice@example.com"} }}, sigstore.CodeCertIdentity},
		{"V-46 an address that reads like a URI", usual, attesttest.Signing{Edit: func(c *x509.Certificate) { c.URIs, c.EmailAddresses = nil, []string{buildJob.Subject} }}, sigstore.CodeCertIdentity},
		{"V-46 a host name", usual, attesttest.Signing{Edit: func(c *x509.Certificate) { c.URIs, c.DNSNames = nil, []string{"github.com"} }}, sigstore.CodeCertIdentity},
		{"no subject name", usual, attesttest.Signing{Edit: func(c *x509.Certificate) { c.URIs = nil }}, sigstore.CodeCertIdentity},
		{"a certificate for something else", usual, attesttest.Signing{Edit: func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }}, sigstore.CodeCertChain},
		{"V-01 the log entry of another bundle", usual, attesttest.Signing{Change: entriesOf(t, stranger)}, sigstore.CodeLogMismatch},
		{"V-01 a second entry that is of another bundle", usual, attesttest.Signing{Change: addEntries(t, stranger)}, sigstore.CodeLogMismatch},
		{"V-01 the dsse entry of another bundle in version 2", usual, attesttest.Signing{Change: entriesOf(t, s.Sign(t, payload(t, "y"), attesttest.Signing{By: buildJob, Logs: []string{attesttest.LogV2DSSE}}))}, sigstore.CodeLogMismatch},
		{"V-02 a dsse entry in version 2 without a proof", usual, attesttest.Signing{Logs: []string{attesttest.LogV2DSSE}, NoProof: true}, sigstore.CodeLogInvalid},
		{"V-53 a dsse entry of another log under the same id", sigstore.DefaultTrust(s.Root(t, stolenID(t, other.RootJSON(t)))), attesttest.Signing{Logs: []string{attesttest.LogV2DSSE}}, sigstore.CodeLogInvalid},
		{"33 log entries", usual, attesttest.Signing{Logs: slices.Repeat([]string{attesttest.LogV2}, 33)}, attest.CodeMalformedBundle},
		{"one entry twice", usual, attesttest.Signing{Change: addEntries(t, nil)}, sigstore.CodeLogInvalid},
		{"V-18 two signatures", usual, attesttest.Signing{Change: twoSignatures}, attest.CodeSignatureCount},
		{"V-63 the certificate of another bundle", usual, attesttest.Signing{Change: certificateOf(t, stranger)}, attest.CodeSignatureInvalid},
		{"V-57 a chain in 0.3", usual, attesttest.Signing{Change: asChain}, attest.CodeMalformedBundle},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.how.By.Subject == "" {
				c.how.By = buildJob
			}
			if _, code := judge(t, c.trust, s.Sign(t, payload(t, "x"), c.how)); code != c.code {
				t.Errorf("%q, expected %q", code, c.code)
			}
		})
	}
}

// What a bundle of this shape holds, for the changes below.
func material(b map[string]any) map[string]any { return b["verificationMaterial"].(map[string]any) }

func decoded(t testing.TB, bundle []byte) map[string]any {
	t.Helper()
	v, err := attest.DecodeAny(bundle)
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

func stampBytes(stamp []byte) func(map[string]any) {
	return func(b map[string]any) {
		material(b)["timestampVerificationData"] = map[string]any{"rfc3161Timestamps": []any{map[string]any{"signedTimestamp": stamp}}}
	}
}

func stampsOf(t testing.TB, s *attesttest.Sigstore) func(map[string]any) {
	return func(b map[string]any) {
		sig := b["dsseEnvelope"].(map[string]any)["signatures"].([]any)[0].(map[string]any)["sig"].([]byte)
		stampBytes(s.Stamp(t, sig, signedAt))(b)
	}
}

func entriesOf(t testing.TB, bundle []byte) func(map[string]any) {
	return func(b map[string]any) { material(b)["tlogEntries"] = material(decoded(t, bundle))["tlogEntries"] }
}

func addEntries(t testing.TB, bundle []byte) func(map[string]any) {
	return func(b map[string]any) {
		more := b
		if bundle != nil {
			more = decoded(t, bundle)
		}
		material(b)["tlogEntries"] = slices.Concat(material(b)["tlogEntries"].([]any), material(more)["tlogEntries"].([]any))
	}
}

func certificateOf(t testing.TB, bundle []byte) func(map[string]any) {
	return func(b map[string]any) { material(b)["certificate"] = material(decoded(t, bundle))["certificate"] }
}

func twoSignatures(b map[string]any) {
	env := b["dsseEnvelope"].(map[string]any)
	env["signatures"] = slices.Concat(env["signatures"].([]any), env["signatures"].([]any))
}

func asChain(b map[string]any) {
	material(b)["x509CertificateChain"] = map[string]any{"certificates": []any{material(b)["certificate"]}}
	delete(material(b), "certificate")
}

// Changes of a trusted root.

func take(other []byte, field string) func(map[string]any) {
	return func(root map[string]any) {
		v, err := attest.DecodeAny(other)
		if err != nil {
			panic(err)
		}
		root[field] = v.(map[string]any)[field]
	}
}

func stolenID(t testing.TB, other []byte) func(map[string]any) {
	return func(root map[string]any) {
		theirs := decoded(t, other)["tlogs"].([]any)
		for i, log := range root["tlogs"].([]any) {
			log.(map[string]any)["publicKey"] = theirs[i].(map[string]any)["publicKey"]
		}
	}
}

func validFor(field string, from, to time.Time) func(map[string]any) {
	return func(root map[string]any) {
		w := map[string]any{"start": from.Format(time.RFC3339)}
		if !to.IsZero() {
			w["end"] = to.Format(time.RFC3339)
		}
		for _, x := range root[field].([]any) {
			if key, ok := x.(map[string]any)["publicKey"].(map[string]any); ok {
				key["validFor"] = w
			} else {
				x.(map[string]any)["validFor"] = w
			}
		}
	}
}
