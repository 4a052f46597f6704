// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// A preview takes what stand-ins signed and nothing else; the policy itself takes nothing of theirs.
func TestPreview(t *testing.T) {
	w := bare(t)
	p := w.load()
	real := w.check(enter("dev"))
	wantAllowed(t, real)

	key := attesttest.NewKey(t, sigstore.Ed25519)
	other, err := NewPreview(p, map[string]string{"build-job": key.ID}, attesttest.Verifier(t, key), w.store(), "test")
	if err != nil {
		t.Fatal(err)
	}
	d := other.Check(t.Context(), w.fill(enter("dev")))
	if d.Verdict != Refused || !d.Preview {
		t.Errorf("evidence of the policy's own keys counts in a preview: %s, preview %v", d.Verdict, d.Preview)
	}
	if d.Policy.Digest[p.Digest.Algorithm] != p.Digest.Hex || d.TrustRoot == real.TrustRoot {
		t.Errorf("policy %v, trust root %s: expected the policy's own digest and another trust root", d.Policy.Digest, d.TrustRoot)
	}
	if p.MaySign(attest.Identity{Key: key.ID}, []string{"build-job"}) {
		t.Error("the policy itself knows the stand-in")
	}
	if _, _, err := p.Promotion(Decision{Verdict: Allowed, Question: Enter, Environment: "dev", Preview: true}, nil, attest.Identity{Key: key.ID}); err == nil {
		t.Error("a preview was promoted")
	}
}

func TestPreviewNeedsKeys(t *testing.T) {
	w := bare(t)
	if _, err := NewPreview(w.load(), nil, attesttest.Verifier(t, testKeys()["alice"]), w.store(), "test"); err == nil {
		t.Error("a preview without keys")
	}
}
