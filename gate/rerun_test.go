// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// G-15: what counts is when a run was signed, not when it was published, nor which attempt it calls itself: an older run that arrives later displaces
// nothing, and a run about another digest takes over nothing of this one's promotions and approvals.
func TestG15_OldRunsPublishedLater(t *testing.T) {
	const runs = "https://github.com/acme/shop/actions/runs/"
	scan := func(w *world, at time.Time, ci string, found ...predicate.VulnResult) run {
		r := w.scanRun(w.last("build"))
		r.finished, r.ci = at, ci
		r.evidence[0].doc = attesttest.Vulns(at, found...)
		return r
	}
	critical := attesttest.Vulnerability("CVE-2026-0001", "critical", "pkg:npm/left-pad@1.0.0")
	for name, certified := range map[string]bool{"keys": false, "certificates": true} {
		t.Run("a clean scan of before, by "+name, func(t *testing.T) {
			for _, older := range []string{runs + "7/attempts/1", runs + "7/attempts/9", runs + "9/attempts/1"} {
				w := newWorld(t)
				if certified {
					withCertificates(w)
				}
				w.record(w.buildRun(w.record(w.sourceRun())))
				w.promote("dev", "build-job")
				w.record(scan(w, w.at.Add(-10*time.Minute), runs+"8/attempts/1", critical))
				wantNot(t, w.check(enter("staging")), Refused, "VULNERABILITY")
				w.record(scan(w, w.at.Add(-20*time.Minute), older))
				wantNot(t, w.check(enter("staging")), Refused, "VULNERABILITY")
				w.record(scan(w, w.at.Add(-5*time.Minute), runs+"8/attempts/2")) // a newer one: the control
				wantAllowed(t, w.check(enter("staging")))
			}
		})
	}
	t.Run("an old commit built again", func(t *testing.T) {
		w := newWorld(t).chain().promote("dev", "build-job").promote("staging", "release-job").approve("alice").approve("bob")
		wantAllowed(t, w.check(enter("prod")))
		again := w.clone()
		again.image = attesttest.Artifact("shop", "built again")
		again.chain()
		wantNot(t, again.check(enter("prod")), Refused, CodeApprovalMissing)
		if d := again.check(enter("staging")); d.Verdict != Refused {
			t.Errorf("without a promotion to dev of its own: %s", d.Verdict)
		}
	})
}

// last is the id of the newest statement of a name.
func (w *world) last(name string) attest.Digest {
	w.t.Helper()
	return attest.SHA256(attesttest.Payload(w.t, w.item(name).bundle))
}
