// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// judge asks about a world with some of its statements replaced; policy and request stay as they are.
type judge struct {
	t   testing.TB
	w   *world
	g   *Gate
	req Request
}

func newJudge(t testing.TB, f fixture) judge {
	w := f.make(t)
	p := w.load()
	g := w.gate(p, attesttest.NewStore())
	var err error
	if g.Verifier, err = attest.NewVerifier(&remembering{real: w.authenticator(p), seen: map[attest.Digest]answer{}}); err != nil {
		t.Fatal(err)
	}
	return judge{t, w, g, w.fill(f.req)}
}

// remembering asks the real authenticator once for each bundle: the same bundles are judged hundreds of times here.
type remembering struct {
	real attest.Authenticator
	mu   sync.Mutex
	seen map[attest.Digest]answer
}

type answer struct {
	a   attest.Authenticated
	err error
}

func (r *remembering) Authenticate(ctx context.Context, bundle []byte) (attest.Authenticated, error) {
	id := attest.SHA256(bundle)
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.seen[id]; !ok {
		a, err := r.real.Authenticate(ctx, bundle)
		r.seen[id] = answer{a, err}
	}
	return r.seen[id].a, r.seen[id].err
}

func (j judge) of(items []signed) Decision {
	s := attesttest.NewStore()
	for _, it := range items {
		lay(s, it)
	}
	j.g.Store = s
	return j.g.Check(j.t.Context(), j.req)
}

// inputs are the digests on which a decision rests.
func inputs(d Decision) string {
	var out []string
	for _, in := range d.Inputs {
		out = append(out, in.Digest)
	}
	return strings.Join(out, " ")
}

// lossCodes are the codes with which a changed piece of evidence may be refused. Anything else would be a surprise.
var lossCodes = []string{CodeStageMissing, CodeUpstreamMissing, CodeEvidenceMissing, CodePromotionMissing, CodeApprovalMissing, CodeThreshold, CodeBuilders, CodeSigner, CodeSelfApproval,
	CodeVSAScope, CodeEvidenceType, CodeEvidenceSubject, CodeKeyExpired, CodeClaim, CodeUnlogged, CodeBuilderID}

// wantSafe holds a mutated set against the sound decision: refused for the loss of something, or the very same grounds.
func wantSafe(t *testing.T, what string, sound, got Decision) {
	t.Helper()
	if got.Verdict == Allowed {
		if inputs(got) != inputs(sound) {
			t.Errorf("%s: allowed on other grounds\n  before %s\n  now    %s", what, inputs(sound), inputs(got))
		}
		return
	}
	if got.Verdict != Refused || !slices.ContainsFunc(got.Reasons, func(r Reason) bool { return slices.Contains(lossCodes, r.Code) }) {
		t.Errorf("%s: %s without a reason that says what was lost:%s", what, got.Verdict, explain(got))
	}
}

// used reports whether a decision rests on a statement.
func used(d Decision, it signed) bool {
	payload, ok := payloadOf(it.bundle)
	return ok && strings.Contains(inputs(d), attest.SHA256(payload).String())
}

func replaced(items []signed, i int, with signed) []signed {
	out := slices.Clone(items)
	out[i] = with
	return out
}

// TestMutations does to each statement of each allowed fixture what somebody with write access to the store could, and what a signer of
// another role could.
func TestMutations(t *testing.T) {
	all := fixtures
	if testing.Short() { // it runs on one goroutine, so the race detector has nothing to see
		all = all[:2]
	}
	for _, f := range all {
		t.Run(f.name, func(t *testing.T) {
			j := newJudge(t, f)
			sound := j.of(j.w.items)
			wantAllowed(t, sound)
			for i, it := range j.w.items {
				removed := j.of(slices.Delete(slices.Clone(j.w.items), i, i+1))
				wantSafe(t, "remove "+it.name, sound, removed)
				if used(sound, it) && removed.Verdict == Allowed && f.name != "two signatures" {
					t.Errorf("T-12 remove %s: allowed without it", it.name)
				}
				j.resign(sound, i)
				j.flip(sound, i)
				dup := j.of(append(slices.Clone(j.w.items), it, it))
				if dup.ID != sound.ID {
					t.Errorf("T-09 duplicate %s: another decision", it.name)
				}
			}
			j.swap(sound)
		})
	}
}

// resign replaces a statement's signature by that of every other identity, and adds theirs beside it.
func (j judge) resign(sound Decision, i int) {
	t := j.t.(*testing.T)
	it := j.w.items[i]
	for _, by := range []string{"stranger", "outsider", "scan-job"} {
		if by == "scan-job" && strings.HasPrefix(it.name, "scan") {
			continue // may sign it
		}
		other := testKeys()[by].Resign(t, it.bundle)
		e := j.of(replaced(j.w.items, i, signed{it.name, other, it.subjects}))
		if used(sound, it) && e.Verdict == Allowed {
			t.Errorf("%s signed by %s instead: allowed", it.name, by)
		}
		if e.Verdict != Allowed {
			wantSafe(t, it.name+" signed by "+by+" instead", sound, e)
		}
		if by == "stranger" {
			continue // as good as a broken signature
		}
		beside := j.of(append(slices.Clone(j.w.items), signed{it.name, other, it.subjects}))
		wantSafe(t, it.name+" signed by "+by+" too", sound, beside)
		if beside.Verdict != Allowed {
			t.Errorf("%s signed by %s too: %s:%s", it.name, by, beside.Verdict, explain(beside))
		}
	}
}

// flip turns one bit of a bundle at a few places: never more is allowed than before.
func (j judge) flip(sound Decision, i int) {
	t := j.t.(*testing.T)
	it := j.w.items[i]
	r := rand.New(rand.NewPCG(1, uint64(i)))
	for range 2 {
		at := r.IntN(len(it.bundle))
		got := j.of(replaced(j.w.items, i, signed{it.name, attesttest.Flip(it.bundle, at), it.subjects}))
		wantSafe(t, fmt.Sprintf("%s with byte %d flipped", it.name, at), sound, got)
		if got.Verdict == Refused && used(sound, it) && !contains(codes(got.Warnings), CodeRejected) {
			t.Errorf("%s with byte %d flipped: the file is not reported", it.name, at)
		}
	}
}

// swap lays each two neighbours in each other's place: under the other's name, and about the other's artifact.
func (j judge) swap(sound Decision) {
	t := j.t.(*testing.T)
	for i := range j.w.items[1:] {
		a, b := j.w.items[i], j.w.items[i+1]
		items := replaced(replaced(j.w.items, i, signed{a.name, b.bundle, a.subjects}), i+1, signed{b.name, a.bundle, b.subjects})
		wantSafe(t, "swap "+a.name+" and "+b.name, sound, j.of(items))
	}
}

// TestSiblingEvidence: evidence of one artifact, or of another run, in the place of the same evidence of this one.
func TestSiblingEvidence(t *testing.T) {
	f := fixtures[5]
	j := newJudge(t, f)
	sound := j.of(j.w.items)
	wantAllowed(t, sound)
	siblings := map[string]*world{"another artifact": newWorld(t), "another run": newWorld(t)}
	siblings["another artifact"].image = attesttest.Artifact("shop", "sibling")
	siblings["another run"].at = j.w.at.Add(-time.Minute)
	for name, sibling := range siblings {
		sibling.chain().promote("dev", "build-job").promote("staging", "release-job").approve("alice").approve("bob")
		for i, it := range j.w.items {
			with := signed{it.name, sibling.items[i].bundle, it.subjects}
			if string(attesttest.Payload(t, with.bundle)) == string(attesttest.Payload(t, it.bundle)) {
				continue // the two have it in common
			}
			got := j.of(replaced(j.w.items, i, with))
			if got.Verdict == Allowed && !strings.HasPrefix(it.name, "promotion") { // a promotion of another time is as good
				t.Errorf("%s of %s: allowed", it.name, name)
			}
		}
		if got := j.of(sibling.items); got.Verdict == Allowed && name == "another artifact" {
			t.Errorf("all evidence of %s: allowed", name)
		}
	}
}

// TestExpiredKeys: for each key that the decision rests on, a policy in which it has expired.
func TestExpiredKeys(t *testing.T) {
	for _, name := range []string{"source-job", "build-job", "scan-job", "release-job", "alice", "bob"} {
		w := prodWorld(t).policyText("keys/"+name+".pub}", "keys/"+name+".pub, notAfter: 2026-11-22T11:59:59Z}")
		wantNot(t, w.check(enter("prod")), Refused, CodeKeyExpired)
		w = prodWorld(t).revoke("{identity: " + name + ", reason: lost}")
		wantNot(t, w.check(enter("prod")), Refused, CodeRevoked)
	}
}

// renewed has a second, newer scan that finds something, where the first found nothing.
func renewed(t testing.TB) *world {
	w := newWorld(t)
	build := w.record(w.buildRun(w.record(w.sourceRun())))
	w.record(w.scanRun(build))
	second := w.scanRun(build)
	second.finished = w.at.Add(-10 * time.Minute)
	second.evidence[0].doc = attesttest.Vulns(second.finished, attesttest.Vulnerability("CVE-2026-0001", "critical", "pkg:npm/left-pad@1.0.0"))
	w.record(second)
	return w.promote("dev", "build-job")
}

// The newest run counts. That losing it exposes the one before is the one stated exception from monotony, bounded by maxAge and closed by a revocation.
func TestLosingTheNewestRenewal(t *testing.T) {
	w := renewed(t)
	wantNot(t, w.check(enter("staging")), Refused, "VULNERABILITY")
	t.Run("evidence of the newest lost", func(t *testing.T) {
		w := renewed(t)
		w.items = slices.DeleteFunc(w.items, func(it signed) bool { return string(it.bundle) == string(w.item("scan/vulns").bundle) })
		wantAllowed(t, w.check(enter("staging"))) // the receipt is unsound without it, so the older run counts
	})
	older := renewed(t)
	newest := older.item("scan").bundle
	older.items = slices.DeleteFunc(older.items, func(it signed) bool { return string(it.bundle) == string(newest) })
	wantAllowed(t, older.check(enter("staging")))
	t.Run("bounded by age", func(t *testing.T) {
		late := older.clone()
		late.at = now.Add(24 * time.Hour)
		wantNot(t, late.check(enter("staging")), Refused, CodeStageTooOld)
	})
	t.Run("closed by a revocation", func(t *testing.T) {
		w := older.clone()
		w.revoke("{statement: \"" + w.idOf("scan") + "\", reason: superseded}")
		wantNot(t, w.check(enter("staging")), Refused, CodeRevoked)
	})
}

// stray is verified evidence that nobody asked for: it must not count.
func stray(t testing.TB, w *world) {
	subject := []attest.Subject{w.image}
	w.sign("stray", "outsider", predicate.TypeLink, predicate.Link{Name: "scan"}, subject, false)
	w.sign("stray", "outsider", predicate.TypeVSA, w.promotion("dev"), subject, false)
	w.sign("stray", "outsider", predicate.TypeVulns, attesttest.Vulns(w.at), subject, false)
	w.sign("stray", "outsider", predicate.TypeVEX, map[string]any{"statements": []any{map[string]any{"status": "not_affected"}}}, subject, false)
	w.sign("stray", "auditor", "https://example.com/other", map[string]any{"allowed": true, "verdict": "allowed"}, subject, false)
}

// TestRemovalNeverAllows: from a refused set without renewals, no subset is allowed. Random subsets of random subsets, and of the fixtures.
func TestRemovalNeverAllows(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			j := newJudge(t, f)
			stray(t, j.w)
			sound := j.of(j.w.items)
			wantAllowed(t, sound)
			r := rand.New(rand.NewPCG(7, 7))
			for range 6 {
				set := j.w.items
				refused := false
				for len(set) > 0 {
					set = slices.Clone(set)
					for range 1 + r.IntN(3) {
						if len(set) > 0 {
							i := r.IntN(len(set))
							set = slices.Delete(set, i, i+1)
						}
					}
					d := j.of(set)
					if d.Verdict == Allowed && refused {
						t.Fatalf("removing more made it allowed: %d statements left", len(set))
					}
					if d.Verdict == Allowed && inputs(d) != inputs(sound) && f.name != "two signatures" {
						t.Fatalf("allowed on other grounds with %d statements left", len(set))
					}
					refused = refused || d.Verdict != Allowed
				}
			}
		})
	}
}

// P-22: a VEX document that nobody asked for hides nothing, and C-25 neither does anything else that is not asked for.
func TestStrayEvidenceHidesNothing(t *testing.T) {
	w := vulnerable("high")(t)
	before := w.check(enter("staging"))
	wantNot(t, before, Refused, "VULNERABILITY")
	stray(t, w)
	wantNot(t, w.check(enter("staging")), Refused, "VULNERABILITY")
}
