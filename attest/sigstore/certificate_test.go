// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"crypto"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

var signedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var buildJob = attesttest.GitHubJob("acme/shop", "build.yml", "refs/heads/main")

// judge verifies a bundle under a trust and gives the evidence or the code of what is wrong.
func judge(t testing.TB, trust sigstore.Trust, bundle []byte, keys ...attesttest.Key) (attest.Evidence, string) {
	t.Helper()
	var public []crypto.PublicKey
	for _, k := range keys {
		public = append(public, k.Private.Public())
	}
	a, err := sigstore.NewAuthenticator(public, trust)
	if err != nil {
		t.Fatal(err)
	}
	v, err := attest.NewVerifier(a)
	if err != nil {
		t.Fatal(err)
	}
	e, err := v.Verify(t.Context(), bundle)
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
