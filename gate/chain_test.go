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

func secretFound(at time.Time) predicate.Findings {
	return attesttest.Findings("secrets", at, predicate.Finding{Rule: "key", Severity: "critical", Message: "a key", Path: "a.txt", Line: 1, Fingerprint: "f"})
}

// The newest run of a stage is what the rules judge, also where a later receipt pinned an older one.
func TestNewestRunCounts(t *testing.T) {
	t.Run("of the source, which finds something", func(t *testing.T) {
		w := bare(t)
		again := w.sourceRun()
		again.finished = w.at.Add(-time.Minute)
		again.evidence[0].doc = secretFound(again.finished)
		w.record(again)
		wantNot(t, w.check(enter("dev")), Refused, "SECRET_FOUND")
	})
	t.Run("of the source, which finds nothing any more", func(t *testing.T) {
		w := newWorld(t)
		first := w.sourceRun()
		first.evidence[0].doc = secretFound(first.finished)
		w.record(w.buildRun(w.record(first)))
		wantNot(t, w.check(enter("dev")), Refused, "SECRET_FOUND")
		again := w.sourceRun()
		again.finished = w.at.Add(-time.Minute)
		w.record(again)
		wantAllowed(t, w.check(enter("dev")))
	})
	t.Run("of the build, in another order of arrival", func(t *testing.T) {
		w := newWorld(t)
		source := w.record(w.sourceRun())
		newer, older := w.buildRun(source), w.buildRun(source)
		newer.finished = w.at.Add(-time.Minute)
		newer.evidence[1].doc = attesttest.SBOM(w.image)
		w.record(newer)
		w.record(older)
		wantNot(t, w.check(enter("dev")), Refused, "SBOM_EMPTY")
	})
	t.Run("of two that ended in one second", func(t *testing.T) {
		for ahead := range 2 { // whichever has the greater id
			w := newWorld(t)
			source := w.record(w.sourceRun())
			for i := range 2 {
				r := w.buildRun(source)
				r.finished = r.finished.Add(time.Duration(i+1) * 200 * time.Millisecond)
				r.evidence[1].doc.(map[string]any)["version"] = 2 + (i+ahead)%2
				id := w.record(r)
				if d := w.check(enter("dev")); d.Stages[1].Receipt != id.String() {
					t.Errorf("receipt %s counts, expected the later one %s", d.Stages[1].Receipt, id)
				}
			}
		}
	})
	t.Run("a tie goes to the greater id", func(t *testing.T) {
		w := newWorld(t)
		source := w.record(w.sourceRun())
		a := w.record(w.buildRun(source))
		second := w.buildRun(source)
		second.evidence[1].doc.(map[string]any)["version"] = 2
		b := w.record(second)
		d := w.check(enter("dev"))
		wantAllowed(t, d)
		if want := max(a.String(), b.String()); d.Stages[1].Receipt != want {
			t.Errorf("receipt %s counts, expected %s", d.Stages[1].Receipt, want)
		}
	})
}

// A run that belongs to another chain is told, and doesn't count.
func TestRunsOfOtherChains(t *testing.T) {
	w := newWorld(t).promote("dev", "build-job")
	build := w.record(w.buildRun(w.record(w.sourceRun())))
	other := newWorld(t)
	other.image = attesttest.Artifact("shop", "another")
	otherBuild := other.record(other.buildRun(other.record(other.sourceRun())))
	w.items = append(w.items, other.items...)
	for name, c := range map[string]struct {
		change func(*run)
		code   string
	}{
		"names another build": {func(r *run) { r.materials[1] = attesttest.Receipt("build", otherBuild) }, CodeUpstreamUnlinked},
		"names another build, and uses": {func(r *run) {
			r.materials = []attest.ResourceDescriptor{attesttest.Material(other.image), attesttest.Receipt("build", otherBuild)}
		}, CodeStageMissing},
		"about another artifact": {func(r *run) { r.subjects = []attest.Subject{other.image} }, CodeStageMissing},
	} {
		v := w.clone()
		r := v.scanRun(build)
		c.change(&r)
		v.record(r)
		p := v.load()
		evidence, rejected := v.evidence(p)
		d := Decide(t.Context(), p, v.fill(enter("staging")), evidence, rejected, "test")
		if d.Verdict != Refused || !contains(codes(d.Reasons), c.code) {
			t.Errorf("%s: %s, expected %s:%s", name, d.Verdict, c.code, explain(d))
		}
	}
}

// C-13: depth is counted the same in whatever order the receipts are judged.
func TestC13_DepthAtTheBound(t *testing.T) {
	w := deepWorld(t, MaxDepth)
	wantAllowed(t, w.check(enter("dev")))
	for range 5 { // new signatures, new ids, another order
		wantNot(t, deepWorld(t, MaxDepth+1).check(enter("dev")), Undecided, attest.CodeLimit)
	}
	wantAllowed(t, wideWorld(t, MaxReceipts).check(enter("dev")))
}

// A receipt that names one that names it can't be made: its id is a hash over what it names. One that names itself by guess is unsound.
func TestC13_ReceiptOfItself(t *testing.T) {
	w := newWorld(t)
	source := w.record(w.sourceRun())
	r := w.buildRun(source)
	r.materials = append(r.materials, attesttest.Receipt("build", attest.SHA256([]byte("itself"))))
	w.record(r)
	wantNot(t, w.check(enter("dev")), Refused, CodeUpstreamMissing)
}

func TestBuildersAreCountedByDistinctIdentity(t *testing.T) {
	w := newWorld(t).policyText("evidence: [provenance, sbom]}", "evidence: [provenance, sbom], builders: {threshold: 2}}")
	source := w.record(w.sourceRun())
	w.record(w.buildRun(source))
	again := w.buildRun(source)
	again.ci = "run-1"
	again.finished = again.finished.Add(time.Second)
	w.record(again)
	wantNot(t, w.check(enter("dev")), Refused, CodeBuilders) // one builder twice
	other := w.buildRun(source)
	other.by = []string{"build-two"}
	other.exit = 1
	w.record(other)
	wantNot(t, w.check(enter("dev")), Refused, CodeBuilders) // the other one failed
	other.exit = 0
	w.record(other)
	wantAllowed(t, w.check(enter("dev")))
	wantNot(t, w.revoke("{identity: build-two}").check(enter("dev")), Refused, CodeBuilders)
}

// V-60: two signatures of one key on one receipt are one signer.
func TestV60_ThresholdsCountSigners(t *testing.T) {
	w := newWorld(t).policyText("signedBy: [build-job, build-two]", "threshold: 2, signedBy: [build-job, build-two]").chain()
	it := w.item("build")
	w.items = append(w.items, signed{"build", testKeys()["build-job"].Resign(t, it.bundle), it.subjects}, signed{"build", testKeys()["outsider"].Resign(t, it.bundle), it.subjects})
	wantNot(t, w.check(enter("dev")), Refused, CodeThreshold)
	w.files["keys/build-two.pub"] = testKeys()["build-job"].PEM // another name of the same key is no other signer
	wantNot(t, w.check(enter("dev")), Refused, CodeThreshold)
	w.files["keys/build-two.pub"] = testKeys()["outsider"].PEM
	wantAllowed(t, w.check(enter("dev")))
}

// V-17: where the roles of a policy share keys, it is said which.
func TestV17_SharedRoles(t *testing.T) {
	if got := newWorld(t).load().SharedRoles(); len(got) != 1 || got[0] != "build-job: promotion, stage build" {
		t.Errorf("shared roles %q", got)
	}
	w := newWorld(t)
	w.files["keys/bob.pub"] = testKeys()["scan-job"].PEM
	if got := strings.Join(w.load().SharedRoles(), "; "); !strings.Contains(got, "bob, scan-job: approval for prod, stage scan") {
		t.Errorf("shared roles %q", got)
	}
}

// A revocation is written as it is read.
func TestRevocationsComeBack(t *testing.T) {
	for _, r := range []Revocation{
		{Subject: "sha256:" + strings.Repeat("a", 64), Reason: "bad \"quotes\" and: colons"}, {Statement: "sha256:" + strings.Repeat("b", 64)},
		{Identity: "build-job", From: now, Reason: "lost"}, {Serial: "0abc"},
	} {
		p, err := newWorld(t).file("revoked.yaml", "apiVersion: sealock/v1\nkind: Revocations\nrevoked:\n"+string(r.YAML())).parse()
		if err != nil || len(p.Revoked) != 1 || p.Revoked[0] != r {
			t.Errorf("%+v was written as %s and read as %+v (%v)", r, r.YAML(), p, err)
		}
	}
}

func TestFailedDecisions(t *testing.T) {
	w := newWorld(t)
	p := w.load()
	for undecided, want := range map[bool]Verdict{true: Undecided, false: Refused} {
		d := p.Failed(w.fill(enter("dev")), "test", undecided, Reason{Code: CodeStore, Message: "x"})
		if d.Verdict != want || len(d.Reasons) != 1 || d.ID == "" {
			t.Errorf("%s: %+v", want, d)
		}
	}
}

// A commit that has the same tree as one that went through the pipeline is another one, and the refusal says so.
func TestSameTreeOfAnotherCommit(t *testing.T) {
	commit := func(c string) attest.Subject {
		return attest.Subject{Name: "shop", Digest: attest.DigestSet{"gitCommit": strings.Repeat(c, 40), "gitTree256": attest.SHA256([]byte("tree")).Hex}}
	}
	w := onRun("build", func(_ *world, r *run) { r.subjects = []attest.Subject{commit("a")} })(t)
	d := w.check(Request{Environment: "dev", Question: Enter, Subject: commit("b")})
	wantNot(t, d, Refused, CodeStageMissing)
	i := slices.IndexFunc(d.Reasons, func(r Reason) bool { return r.Stage == "build" })
	if r := d.Reasons[i]; !strings.Contains(r.Expected, "gitCommit:bbbb") || !strings.Contains(r.Found, "another gitCommit") {
		t.Errorf("expected %q; found %q", r.Expected, r.Found)
	}
}
