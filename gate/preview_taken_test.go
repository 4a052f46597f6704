// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// previewed is a preview in which a key of its own stands for each identity of a world's policy.
type previewed struct {
	*Preview
	w     *world
	p     *Policy
	keys  map[string]attesttest.Key
	shelf *world // what stand-ins signed
	taken map[string]Taken
}

func newPreviewed(w *world) *previewed {
	w.t.Helper()
	v := &previewed{w: w, p: w.load(), keys: map[string]attesttest.Key{}, shelf: newWorld(w.t)}
	ids := map[string]string{}
	for _, name := range identityNames {
		v.keys[name] = attesttest.NewKey(w.t, sigstore.Ed25519)
		ids[name] = v.keys[name].ID
	}
	var err error
	store := attesttest.NewStore()
	if v.Preview, err = NewPreview(v.p, ids, attesttest.Verifier(w.t, slices.Collect(maps.Values(v.keys))...), store, "test"); err != nil {
		w.t.Fatal(err)
	}
	real := w.gate(v.p, w.store())
	if v.taken, err = v.Take(w.t.Context(), real.Verifier, real.Store, w.source, []attest.Subject{w.image}, w.at); err != nil {
		w.t.Fatal(err)
	}
	return v
}

// assume has stand-ins sign a run.
func (v *previewed) assume(r run) attest.Digest {
	v.w.t.Helper()
	before := len(v.shelf.items)
	r.ci = "preview"
	id := v.shelf.record(r)
	store := v.gate.Store.(*attesttest.Store)
	for _, it := range v.shelf.items[before:] {
		it.bundle = v.keys[r.by[0]].Resign(v.w.t, it.bundle)
		lay(store, it)
	}
	return id
}

func (v *previewed) ask() Decision {
	v.w.t.Helper()
	d := v.Check(v.w.t.Context(), v.w.fill(enter("dev")))
	if !d.Preview || d.Policy.Digest[v.p.Digest.Algorithm] != v.p.Digest.Hex {
		v.w.t.Errorf("preview %v by policy %v, expected a preview by the policy's own digest", d.Preview, d.Policy.Digest)
	}
	return d
}

func (v *previewed) wantTaken(stages ...string) {
	v.w.t.Helper()
	if got := sortedKeys(v.taken); !slices.Equal(got, stages) {
		v.w.t.Fatalf("taken from the store: %q, expected %q", got, stages)
	}
}

func TestPreviewTakesNothing(t *testing.T) {
	v := newPreviewed(newWorld(t))
	v.wantTaken()
	v.assume(v.w.buildRun(v.assume(v.w.sourceRun())))
	wantAllowed(t, v.ask())
}

// The build that is to come names the source as it ran, though it will be another run than the one that is stood in for.
func TestPreviewTakesTheSource(t *testing.T) {
	w := newWorld(t)
	id := w.record(w.sourceRun())
	v := newPreviewed(w)
	v.wantTaken("source")
	if s := v.taken["source"]; s.Receipt != id || s.Problem != nil || s.Signer != "source-job" {
		t.Fatalf("taken %+v, expected receipt %s by source-job", s, id)
	}
	wantNot(t, v.ask(), Refused, CodeStageMissing)
	v.assume(w.buildRun(id))
	d := v.ask()
	wantAllowed(t, d)
	if d.Stages[0].Receipt != id.String() || d.Stages[0].Signer.Key != testKeys()["source-job"].ID {
		t.Errorf("stage source: %+v, expected the receipt of the store", d.Stages[0])
	}
	if d.Stages[1].Signer.Key != v.keys["build-job"].ID {
		t.Errorf("stage build: signed by %s, expected the key that stands for build-job", d.Stages[1].Signer)
	}
}

// With evidence of every stage the preview says what the gate says, for or against.
func TestPreviewTakesAll(t *testing.T) {
	for name, change := range map[string]func(*world){
		"allowed":     func(*world) {},
		"failed":      func(w *world) { w.mod("build", func(r *run) { r.exit = 1 }) },
		"another run": func(w *world) { w.mod("build", func(r *run) { r.ci = "run-9" }) },
		"revoked":     func(w *world) { w.revoke("{identity: build-job, reason: \"stolen\", from: 2026-01-01T00:00:00Z}") },
		"no evidence": func(w *world) {
			w.mod("source", func(r *run) { r.evidence = r.evidence[:1] })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			change(w)
			w.chain()
			v := newPreviewed(w)
			v.wantTaken("build", "scan", "source")
			d, real := v.ask(), w.check(enter("dev"))
			if d.Verdict != real.Verdict || !slices.Equal(codes(d.Reasons), codes(real.Reasons)) || (name == "allowed") != (d.Verdict == Allowed) {
				t.Errorf("the preview says %s:%s\nthe gate %s:%s", d.Verdict, explain(d), real.Verdict, explain(real))
			}
		})
	}
}

// Evidence that does not count is not replaced: neither that of another identity, nor of a stranger, nor what was changed since.
func TestPreviewKeepsWhatIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		by     string
		change func(w *world)
		code   string
	}{
		"another identity": {by: "outsider", code: CodeSigner},
		"stranger":         {by: "stranger"},
		"tampered": {by: "source-job", change: func(w *world) {
			it := w.item("source")
			it.bundle = testKeys()["stranger"].Resign(w.t, it.bundle)
		}},
		"unreadable":    {by: "source-job", change: func(w *world) { w.item("source").bundle = []byte("{") }},
		"evidence lost": {by: "source-job", change: func(w *world) { w.drop("source/secrets") }, code: CodeEvidenceMissing},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).mod("source", func(r *run) { r.by = []string{c.by} })
			id := w.record(w.sourceRun())
			if c.change != nil {
				c.change(w)
			}
			v := newPreviewed(w)
			v.wantTaken("source")
			got := v.taken["source"]
			if got.Problem == nil || (c.code != "" && got.Problem.Code != c.code) {
				t.Fatalf("taken with problem %+v, expected %s", got.Problem, c.code)
			}
			v.assume(w.buildRun(id))
			d := v.ask()
			if d.Verdict != Refused {
				t.Errorf("%s, expected refused", d.Verdict)
			}
			v.assume(w.buildRun(v.assume(w.sourceRun()))) // a stand-in all the same
			if d = v.ask(); d.Verdict != Refused || !strings.Contains(explain(d), "is no evidence") && !strings.Contains(explain(d), "not sound") {
				t.Errorf("%s, expected refused, and the evidence shown:%s", d.Verdict, explain(d))
			}
			if !slices.ContainsFunc(d.Warnings, func(r Reason) bool { return strings.Contains(r.Message, `nobody stands in for stage "source"`) }) {
				t.Errorf("the stand-in is not mentioned:%s", explain(d))
			}
		})
	}
}

// A sound receipt counts beside one that is not, as for the gate.
func TestPreviewPrefersSound(t *testing.T) {
	w := newWorld(t)
	id := w.record(w.sourceRun())
	bad := w.sourceRun()
	bad.by, bad.finished = []string{"outsider"}, w.at
	w.record(bad)
	v := newPreviewed(w)
	if s := v.taken["source"]; s.Receipt != id || s.Problem != nil {
		t.Errorf("taken %+v, expected the sound receipt", s)
	}
}

// What was found out about another commit, or made from one, is no business of this one.
func TestPreviewIgnoresOthers(t *testing.T) {
	w := newWorld(t).chain()
	w.source = attesttest.Source("git+https://example.com/shop", "another")
	newPreviewed(w).wantTaken()

	// Nor what names this commit's commit id with another tree.
	w = newWorld(t)
	twisted := w.sourceRun()
	twisted.subjects = []attest.Subject{{Name: "git:HEAD", Digest: maps.Clone(w.source.Digest)}}
	twisted.subjects[0].Digest["gitCommit"] = strings.Repeat("1", 40)
	w.record(twisted)
	newPreviewed(w).wantTaken()
}

// A stand-in adds no signature to a threshold that the store's evidence does not meet.
func TestPreviewAddsNoSignature(t *testing.T) {
	w := newWorld(t).policyText("source: {signedBy: [source-job]", "source: {signedBy: [source-job, auditor], threshold: 2")
	id := w.record(w.sourceRun())
	v := newPreviewed(w)
	if s := v.taken["source"]; s.Problem == nil || s.Problem.Code != CodeThreshold {
		t.Fatalf("taken %+v, expected %s", s.Problem, CodeThreshold)
	}
	it := *w.item("source")
	it.bundle = v.keys["auditor"].Resign(t, it.bundle)
	lay(v.gate.Store.(*attesttest.Store), it)
	v.assume(w.buildRun(id))
	if d := v.ask(); d.Verdict != Refused {
		t.Errorf("%s with the signature of a stand-in on real evidence", d.Verdict)
	}
}

func TestPreviewTakeFails(t *testing.T) {
	w := newWorld(t)
	w.record(w.sourceRun())
	v := newPreviewed(w)
	real := w.gate(v.p, w.store())
	if _, err := v.Take(t.Context(), real.Verifier, real.Store, w.source, nil, w.at); err == nil {
		t.Error("evidence was taken twice")
	}
	v = newPreviewed(newWorld(t))
	broken := w.store()
	broken.Break(errors.New("gone"))
	if _, err := v.Take(t.Context(), real.Verifier, broken, w.source, nil, w.at); err == nil || v.Preview.taken != nil {
		t.Errorf("a store that can't be read: %v", err)
	}
	v.assume(w.buildRun(v.assume(w.sourceRun())))
	wantAllowed(t, v.ask())
}
