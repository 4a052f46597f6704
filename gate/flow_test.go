// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

func identity(name string) attest.Identity { return attest.Identity{Key: testKeys()[name].ID} }

// A release from dev to prod, with the predicates that the gate itself writes.
func TestFromDevToProd(t *testing.T) {
	w := bare(t)
	p := w.load()
	promote := func(env, by string) {
		t.Helper()
		d := w.check(enter(env))
		wantAllowed(t, d)
		vsa, subjects, err := p.Promotion(d, nil, identity(by))
		if err != nil {
			t.Fatal(err)
		}
		if len(vsa.InputAttestations) != len(d.Inputs) {
			t.Errorf("%d inputs in the promotion, %d in the decision", len(vsa.InputAttestations), len(d.Inputs))
		}
		w.sign("promotion:"+env, by, predicate.TypeVSA, vsa, subjects, false)
		wantAllowed(t, w.check(stay(env)))
	}
	promote("dev", "build-job")
	wantNot(t, w.check(enter("prod")), Refused, CodeVSAScope)
	promote("staging", "release-job")
	d := w.check(enter("prod"))
	wantNot(t, d, Refused, CodeApprovalMissing)
	for _, who := range []string{"alice", "bob"} {
		svr, err := p.Approval(w.fill(enter("prod")), p.ProductReceipt(d), "release 7", identity(who))
		if err != nil {
			t.Fatal(err)
		}
		w.sign("approval:"+who, who, predicate.TypeSVR, svr, []attest.Subject{w.image}, false)
	}
	promote("prod", "release-job")

	t.Run("approvals end, the promotion stays", func(t *testing.T) {
		later := w.clone()
		later.at = now.Add(29 * 24 * time.Hour)
		wantNot(t, later.check(enter("prod")), Refused, CodeApprovalExpired)
		wantNot(t, later.check(enter("prod")), Refused, CodeStageTooOld)
		wantAllowed(t, later.check(stay("prod")))
		later.at = now.Add(30 * 24 * time.Hour)
		wantNot(t, later.check(stay("prod")), Refused, CodeStageTooOld)
	})
	t.Run("a rescan renews it", func(t *testing.T) {
		later := w.clone()
		later.at = now.Add(30 * 24 * time.Hour)
		build, err := attest.ParseDigest(later.idOf("build"))
		if err != nil {
			t.Fatal(err)
		}
		again := later.scanRun(build)
		later.record(again)
		wantAllowed(t, later.check(stay("prod")))
	})
	t.Run("a rescan that finds something ends it", func(t *testing.T) {
		later := w.clone()
		later.at = now.Add(time.Hour)
		build, err := attest.ParseDigest(later.idOf("build"))
		if err != nil {
			t.Fatal(err)
		}
		again := later.scanRun(build)
		again.finished = later.at
		again.evidence[0].doc = attesttest.Vulns(later.at, attesttest.Vulnerability("CVE-2026-9", "critical", "pkg:npm/yaml@1.0.0"))
		later.record(again)
		wantNot(t, later.check(stay("prod")), Refused, "VULNERABILITY")
	})
	t.Run("a revocation ends it", func(t *testing.T) {
		wantNot(t, w.clone().revoke("{subject: \""+w.image.Digest.Primary().String()+"\"}").check(stay("prod")), Refused, CodeRevoked)
	})
}

func TestPromotionIsMadeOfAllowedDecisionsOnly(t *testing.T) {
	w := bare(t)
	p := w.load()
	allowed := w.check(enter("dev"))
	wantAllowed(t, allowed)
	change := func(f func(*Decision)) Decision { d := allowed; f(&d); return d }
	for name, d := range map[string]Decision{
		"refused":          w.check(enter("staging")),
		"undecided":        change(func(d *Decision) { d.Verdict = Undecided }),
		"zero":             {},
		"about a stage":    w.check(stage("build")),
		"to stay":          change(func(d *Decision) { d.Question = Stay }),
		"preview":          change(func(d *Decision) { d.Preview = true }),
		"another policy's": change(func(d *Decision) { d.Policy.Digest = attest.DigestSet{"sha256": attest.SHA256(nil).Hex} }),
		"no policy's":      change(func(d *Decision) { d.Policy.Digest = nil }),
		"with bad inputs":  change(func(d *Decision) { d.Inputs = []Input{{Digest: "x"}} }),
	} {
		if v, _, err := p.Promotion(d, nil, identity("build-job")); err == nil || v.VerificationResult != "" {
			t.Errorf("a decision %s was promoted: %+v", name, v)
		}
	}
	for _, who := range []string{"release-job", "outsider", "stranger"} {
		if _, _, err := p.Promotion(allowed, nil, identity(who)); attest.RejectCode(err) != CodeNotPromoter {
			t.Errorf("promotion by %s: %v", who, err)
		}
	}
	if _, _, err := p.Promotion(allowed, nil, attest.Identity{}); attest.RejectCode(err) != CodeNotPromoter {
		t.Errorf("promotion by nobody: %v", err)
	}
}

func TestApprovalTellsEarlyWhoMayNot(t *testing.T) {
	w := bare(t)
	p := w.load()
	for _, c := range []struct{ env, who, code string }{{"prod", "outsider", CodeSigner}, {"prod", "carol", CodeSelfApproval}, {"prod", "stranger", CodeSigner}, {"dev", "alice", ""}, {"none", "alice", ""}} {
		if _, err := p.Approval(w.fill(enter(c.env)), "", "r", identity(c.who)); err == nil || attest.RejectCode(err) != c.code {
			t.Errorf("%s for %s: %v, expected code %q", c.who, c.env, err, c.code)
		}
	}
}

// An index was promoted; each of its platforms may stay, and none else.
func TestPlatformsOfAPromotedIndex(t *testing.T) {
	w := indexWorld(t)
	p := w.load()
	req := w.fill(Request{Environment: "dev", Question: Enter, Leaves: indexLeaves})
	d := w.check(req)
	wantAllowed(t, d)
	vsa, subjects, err := p.Promotion(d, indexLeaves, identity("build-job"))
	if err != nil {
		t.Fatal(err)
	}
	w.sign("promotion:dev", "build-job", predicate.TypeVSA, vsa, subjects, false)
	for _, leaf := range indexLeaves {
		wantAllowed(t, w.check(Request{Environment: "dev", Question: Stay, Subject: leaf}))
	}
	wantNot(t, w.check(Request{Environment: "dev", Question: Stay, Subject: attesttest.Artifact("shop", "s390x")}), Refused, CodePromotionMissing)
}

// An intermediate product can't enter an environment, and neither can the source.
func TestOnlyProductsEnter(t *testing.T) {
	w := newWorld(t).policyText("  build: {after:", "  step: {after: [source], signedBy: [source-job]}\n  build: {after:")
	source := w.record(w.sourceRun())
	lib := attesttest.Artifact("lib", "lib")
	w.record(run{stage: "step", by: []string{"source-job"}, ci: "run-1", finished: w.at.Add(-150 * time.Minute), subjects: []attest.Subject{lib},
		materials: []attest.ResourceDescriptor{attesttest.Material(w.source), attesttest.Receipt("source", source)}})
	w.record(w.buildRun(source))
	wantAllowed(t, w.check(enter("dev")))
	for _, s := range []attest.Subject{lib, w.source} {
		wantNot(t, w.check(Request{Environment: "dev", Question: Enter, Subject: s}), Refused, CodeStageMissing)
	}
}

// Two kinds of artifact: each is asked for what its own kind needs, and neither passes for the other.
func TestTwoKindsOfArtifact(t *testing.T) {
	w := newWorld(t).file("policy.yaml", strings.Replace(documentedPolicy, "protected: true,", "", 1))
	w.chain()
	base := attesttest.Artifact("base", "vendor")
	w.record(run{stage: "import", by: []string{"auditor"}, ci: "run-3", finished: w.at.Add(-time.Hour), subjects: []attest.Subject{base}, evidence: []proof{
		{kind: "sbom", typ: predicate.TypeCycloneDX, doc: attesttest.SBOM(base, "pkg:npm/a@1.0.0")}, {kind: "vulns", typ: predicate.TypeVulns, doc: attesttest.Vulns(w.at.Add(-time.Hour))}}})
	w.sign("attached", "scan-job", predicate.TypeVulns, attesttest.Vulns(w.at.Add(-30*time.Minute)), []attest.Subject{base}, false)
	wantAllowed(t, w.check(enter("dev")))
	wantAllowed(t, w.check(Request{Environment: "dev", Question: Enter, Subject: base}))
	wantNot(t, w.check(Request{Environment: "dev", Question: Enter, Subject: base, Repository: "registry.acme.io/shop/base"}), Refused, CodeRepository)
	lost := w.clone().drop("attached")
	wantNot(t, lost.check(Request{Environment: "dev", Question: Enter, Subject: base}), Refused, CodeEvidenceMissing)
	wantNot(t, w.clone().drop("source").check(enter("dev")), Refused, CodeUpstreamMissing)
}

// The newest attached statement counts; one that is signed by nobody of the list does not, however new.
func TestNewestAttachedCounts(t *testing.T) {
	w := attachedWorld(t)
	w.sign("newer", "outsider", predicate.TypeVulns, attesttest.Vulns(w.at, attesttest.Vulnerability("CVE-1", "critical", "pkg:npm/yaml@1.0.0")), []attest.Subject{w.image}, false)
	wantAllowed(t, w.check(enter("dev")))
	w.sign("newest", "auditor", predicate.TypeVulns, attesttest.Vulns(w.at.Add(-time.Minute), attesttest.Vulnerability("CVE-1", "critical", "pkg:npm/yaml@1.0.0")), []attest.Subject{w.image}, false)
	wantNot(t, w.check(enter("dev")), Refused, "VULNERABILITY")
}

// An SBOM that others attach says its time as CycloneDX does.
func TestAttachedSBOM(t *testing.T) {
	w := newWorld(t).policyText("artifacts:", "attached: [{type: sbom, signedBy: [auditor]}]\nartifacts:").chain()
	doc := attesttest.SBOM(w.image, "pkg:npm/a@1.0.0")
	doc["metadata"].(map[string]any)["timestamp"] = "2026-11-22T10:00:00Z"
	w.sign("attached", "auditor", predicate.TypeCycloneDX, doc, []attest.Subject{w.image}, false)
	wantAllowed(t, w.check(enter("dev")))
}

// Preview is written into the decision, which can then not be promoted.
func TestPreviewIsMarked(t *testing.T) {
	req := enter("dev")
	req.Preview = true
	d := bare(t).check(req)
	if !d.Preview || !strings.Contains(string(encoded(t, d)), `"preview":true`) {
		t.Error("a preview is not called one")
	}
}

// Lists the trace: every candidate with the first check that it failed.
func TestTrace(t *testing.T) {
	w := bare(t).promote("dev", "outsider")
	d := w.check(enter("staging"))
	i := slices.IndexFunc(d.Trace(), func(r Requirement) bool { return r.Name == "promotion to dev" })
	if i < 0 || d.Trace()[i].Met || len(d.Trace()[i].Candidates) != 1 || d.Trace()[i].Candidates[0].Failed.Code != CodeSigner {
		t.Errorf("trace %+v", d.Trace())
	}
	for _, r := range d.Trace()[:3] {
		if !r.Met || len(r.Candidates) != 1 || r.Candidates[0].Failed != nil {
			t.Errorf("requirement %+v", r)
		}
	}
}

// Who is asked next is somebody who may approve and has not, under whatever name or key.
func TestNextApprover(t *testing.T) {
	for have, want := range map[string]string{"": "alice", "alice": "bob", "alice-laptop": "bob", "bob": "alice", "alice bob": "", "carol": "alice", "outsider": "alice"} {
		w := newWorld(t).chain()
		for _, name := range strings.Fields(have) {
			w.approve(name)
		}
		if got := w.load().NextApprover(w.check(enter("prod"))); got != want {
			t.Errorf("after %q: asked is %q, expected %q", have, got, want)
		}
	}
	w := bare(t)
	if got := w.load().NextApprover(w.check(enter("dev"))); got != "" {
		t.Errorf("nobody approves for dev, and asked is %q", got)
	}
}

// TestPlatformOfIndexIsNamed: a verdict on an index says which of its platforms failed.
func TestPlatformOfIndexIsNamed(t *testing.T) {
	w := indexWorld(t).policyText("artifacts:", "attached:\n  - {type: vulns, signedBy: [auditor]}\nartifacts:")
	bad := attesttest.Vulnerability("CVE-2026-0001", "critical", "pkg:npm/left-pad@1.0.0")
	w.sign("clean", "auditor", predicate.TypeVulns, attesttest.Vulns(w.at), indexLeaves[:1], false)
	w.sign("bad", "auditor", predicate.TypeVulns, attesttest.Vulns(w.at, bad), indexLeaves[1:], false)
	d := w.check(Request{Environment: "dev", Question: Enter, Leaves: indexLeaves})
	wantNot(t, d, Refused, "VULNERABILITY")
	for _, r := range d.Reasons {
		if r.Code == "VULNERABILITY" && !strings.HasPrefix(r.Message, indexLeaves[1].String()+": ") {
			t.Errorf("the platform is not named: %s", r.Message)
		}
	}
}

// S-24: a stage that is about commits of Git counts where it is, and where the policy does not ask it is about anything.
func TestS24_StageAboutGit(t *testing.T) {
	wantAllowed(t, newWorld(t).policyText("source: {signedBy", "source: {about: git, signedBy").chain().check(enter("dev")))
	folder := ofOneFolder(t).policyText("about: git, ", "")
	wantAllowed(t, folder.chain().check(enter("dev")))
}
