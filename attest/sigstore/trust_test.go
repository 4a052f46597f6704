// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

func TestV54_TrustedRoots(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	without := func(fields ...string) []byte {
		return s.RootJSON(t, func(root map[string]any) {
			for _, f := range fields {
				delete(root, f)
			}
		})
	}
	first := func(field, inner string) []byte {
		return s.RootJSON(t, func(root map[string]any) { delete(root[field].([]any)[0].(map[string]any), inner) })
	}
	sound := s.RootJSON(t)
	for name, in := range map[string][]byte{
		"nothing":                           nil,
		"no JSON":                           []byte("{"),
		"null":                              []byte("null"),
		"a list":                            []byte("[]"),
		"two documents":                     append(bytes.Clone(sound), sound...),
		"a field twice":                     bytes.Replace(sound, []byte(`{"certificateAuthorities":`), []byte(`{"certificateAuthorities":[],"certificateAuthorities":`), 1),
		"an unknown field":                  bytes.Replace(sound, []byte(`{"certificateAuthorities":`), []byte(`{"more":1,"certificateAuthorities":`), 1),
		"another media type":                bytes.Replace(sound, []byte("trustedroot+json;version=0.1"), []byte("trustedroot+json;version=9"), 1),
		"nobody":                            without("certificateAuthorities", "tlogs", "timestampAuthorities"),
		"a log without a key":               first("tlogs", "publicKey"),
		"a log without an id":               first("tlogs", "logId"),
		"a log without a hash":              first("tlogs", "hashAlgorithm"),
		"an authority without certificates": first("certificateAuthorities", "certChain"),
		"a time authority without one":      first("timestampAuthorities", "certChain"),
		"a log without a beginning": s.RootJSON(t, func(root map[string]any) {
			root["tlogs"].([]any)[0].(map[string]any)["publicKey"].(map[string]any)["validFor"] = map[string]any{"end": "2030-01-01T00:00:00Z"}
		}),
		"a certificate that is none": s.RootJSON(t, func(root map[string]any) {
			root["certificateAuthorities"].([]any)[0].(map[string]any)["certChain"] = map[string]any{"certificates": []any{map[string]any{"rawBytes": []byte{1}}}}
		}),
		"a null certificate": s.RootJSON(t, func(root map[string]any) {
			root["certificateAuthorities"].([]any)[0].(map[string]any)["certChain"] = map[string]any{"certificates": []any{nil}}
		}),
		"too long": append(bytes.Clone(sound), bytes.Repeat([]byte(" "), sigstore.MaxTrustedRoot)...),
	} {
		if r, err := sigstore.LoadTrustedRoot(in); attest.RejectCode(err) != sigstore.CodeTrustRoot || r != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, err := sigstore.LoadTrustedRoot(sound)
	if err != nil || r.Digest() != attest.SHA256(sound) || r.Logs() != 2 || r.Timestamps() != 1 || r.Certificates() != 1 || r.CertificateLogs() != 1 {
		t.Fatalf("%s, %v", r, err)
	}
	if want := signedAt.AddDate(0, -6, 0); !r.Newest().Equal(want) || !strings.Contains(r.String(), want.Format(time.DateOnly)) {
		t.Errorf("%s, newest %s", r, r.Newest())
	}
}

// What asks for nothing, or for what can't be had, is a mistake in the configuration.
func TestTrustMustAskForSomething(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	root := s.Root(t)
	bare := s.Root(t, func(root map[string]any) { root["tlogs"], root["ctlogs"] = []any{}, []any{} })
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	for name, c := range map[string]struct {
		trust sigstore.Trust
		ok    bool
	}{
		"usual":                           {sigstore.DefaultTrust(root), true},
		"usual, no logs in the root":      {sigstore.DefaultTrust(bare), true},
		"V-12 no log and no time stamp":   {sigstore.Trust{Root: root, SCT: true}, false},
		"log: none and a time stamp":      {sigstore.Trust{Root: root, Timestamps: 1}, true},
		"as many logs as there are":       {sigstore.Trust{Root: root, Logs: 2}, true},
		"more logs than there are":        {sigstore.Trust{Root: root, Logs: 3}, false},
		"more time stamps than there are": {sigstore.Trust{Root: root, Logs: 1, Timestamps: 2}, false},
		"logs below zero":                 {sigstore.Trust{Root: root, Logs: -1, Timestamps: 1}, false},
		"SCT without a certificate log":   {sigstore.Trust{Root: bare, Timestamps: 1, SCT: true}, false},
		"thresholds without a root":       {sigstore.Trust{Logs: 1}, false},
		"times of keys, without a root":   {sigstore.Trust{KeyTimes: true}, false},
		"nothing: keys only":              {sigstore.Trust{}, true},
	} {
		if _, err := sigstore.NewAuthenticator(publicKeys(k), c.trust); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sigstore.NewAuthenticator(nil, sigstore.Trust{}); err == nil {
		t.Error("neither key nor root was taken")
	}
	if _, err := sigstore.NewAuthenticator(nil, sigstore.DefaultTrust(root)); err != nil {
		t.Errorf("a root and no key: %v", err)
	}
	if _, err := sigstore.NewAuthenticator(publicKeys(k), sigstore.Trust{}, sigstore.Trust{}); err == nil {
		t.Error("two trusts were taken")
	}
}

func TestCodesAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range sigstore.Codes() {
		if c.Code == "" || c.Meaning == "" || c.Fix == "" || seen[c.Code] || c.Code != strings.ToUpper(c.Code) {
			t.Errorf("%+v", c)
		}
		seen[c.Code] = true
	}
	for _, code := range []string{sigstore.CodeTrustRoot, sigstore.CodeCertChain, sigstore.CodeCertExpired, sigstore.CodeCertIdentity, sigstore.CodeIssuerMissing, sigstore.CodeSCTMissing, sigstore.CodeSCTInvalid, sigstore.CodeLogMissing,
		sigstore.CodeLogMismatch, sigstore.CodeLogInvalid, sigstore.CodeTimestampMissing, sigstore.CodeTimestampInvalid, sigstore.CodeSubjectMismatch, sigstore.CodeIdentityMismatch} {
		if !seen[code] {
			t.Errorf("%s is not documented", code)
		}
	}
}

// Whatever byte of a bundle is flipped: if it still verifies, it says the same, by the same identity, at the same time.
func TestFlippedBitsOfCertifiedBundles(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	v := verifier(t, sigstore.Trust{Root: s.Root(t), Logs: 2, Timestamps: 1, SCT: true})
	b := s.Sign(t, payload(t, "x"), attesttest.Signing{By: buildJob, Logs: []string{attesttest.LogV1, attesttest.LogV2}})
	want, err := v.Verify(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	const step = 7 // all of them take a quarter of a minute
	survived := 0
	for i := 0; i < len(b); i += step {
		e, err := v.Verify(t.Context(), attesttest.Flip(b, i))
		if err != nil {
			if attest.RejectCode(err) == "" {
				t.Fatalf("byte %d: an error without a code: %v", i, err)
			}
			continue
		}
		survived++
		when, source := e.Time()
		wantWhen, wantSource := want.Time()
		if e.ID() != want.ID() || e.Signer().Principal() != want.Signer().Principal() || e.Signer().Serial != want.Signer().Serial || !when.Equal(wantWhen) || source != wantSource {
			t.Fatalf("byte %d (%q): verified as %s by %s at %s", i, b[max(i-20, 0):min(i+20, len(b))], e.ID(), e.Signer(), when)
		}
	}
	t.Logf("%d of %d flips change nothing that counts", survived, len(b)/step)
}
