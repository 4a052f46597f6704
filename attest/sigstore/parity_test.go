// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	sigstoreverify "github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// What is accepted here, sigstore-go accepts too, with the options of its own conformance client: sound bundles, bundles with one byte flipped, and
// those that are refused for a reason.
func TestParityWithSigstoreGo(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	root := s.Root(t)
	v := verifier(t, sigstore.DefaultTrust(root))
	st := payload(t, "x")
	v1 := []string{attesttest.LogV1}
	agreed := 0
	for name, how := range map[string]attesttest.Signing{
		"version 2":              {},
		"version 1":              {Logs: v1, NoTimestamp: true},
		"version 1, stamped":     {Logs: v1},
		"version 1, 0.1":         {Logs: v1, Version: "0.1", NoProof: true, NoTimestamp: true},
		"both":                   {Logs: []string{attesttest.LogV1, attesttest.LogV2}},
		"intoto":                 {Logs: []string{attesttest.LogV1Intoto}, NoTimestamp: true},
		"no time":                {NoTimestamp: true},
		"no log":                 {Logs: []string{}},
		"no SCT":                 {NoSCT: true},
		"stamped too late":       {StampAt: []time.Time{signedAt.Add(time.Hour)}},
		"one time stamp outside": {StampAt: []time.Time{signedAt, signedAt.Add(time.Hour)}},
	} {
		how.By = buildJob
		sound := s.Sign(t, st, how)
		for i := -1; i < len(sound); i += 211 {
			b := sound
			if i >= 0 {
				b = attesttest.Flip(sound, i)
			}
			_, ours := v.Verify(t.Context(), b)
			theirs := bySigstoreGo(root, b)
			if ours == nil && theirs != nil {
				t.Errorf("%s, byte %d: accepted here, refused there: %v", name, i, theirs)
			}
			if i < 0 && (ours == nil) != (theirs == nil) {
				t.Errorf("%s: %v here, %v there", name, ours, theirs)
			}
			agreed++
		}
	}
	t.Logf("%d bundles", agreed)
}

func bySigstoreGo(root *sigstore.TrustedRoot, raw []byte) error {
	b := &bundle.Bundle{}
	if err := b.UnmarshalJSON(raw); err != nil {
		return err
	}
	opts := []sigstoreverify.VerifierOption{sigstoreverify.WithSignedCertificateTimestamps(1), sigstoreverify.WithTransparencyLog(1)}
	stamps, err := b.Timestamps()
	if err != nil {
		return err
	}
	if len(stamps) > 0 {
		opts = append(opts, sigstoreverify.WithSignedTimestamps(1))
	}
	logs := root.Material().RekorLogs()
	for _, e := range b.GetVerificationMaterial().GetTlogEntries() { // what a log that nobody trusts promises is neither here nor there
		if _, known := logs[hex.EncodeToString(e.GetLogId().GetKeyId())]; known && e.GetInclusionPromise() != nil {
			opts = append(opts, sigstoreverify.WithIntegratedTimestamps(1))
		}
	}
	v, err := sigstoreverify.NewVerifier(root.Material(), opts...)
	if err != nil {
		return err
	}
	_, err = v.Verify(b, sigstoreverify.NewPolicy(sigstoreverify.WithoutArtifactUnsafe(), sigstoreverify.WithoutIdentitiesUnsafe()))
	return err
}
