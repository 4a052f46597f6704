// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"errors"
	"testing"
)

// kept is a recorder in memory, which can be told to fail.
type kept struct {
	records []Record
	err     error
}

func (k *kept) Record(ctx context.Context, r Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k.records = append(k.records, r)
	return k.err
}

func TestEveryDecisionIsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t).chain()
	k := &kept{}
	g := w.gate(w.load(), w.store())
	g.Recorder = k
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	preview := w.fill(enter("dev"))
	preview.Preview = true
	got := []Decision{
		g.Check(t.Context(), w.fill(enter("dev"))),
		g.Check(t.Context(), w.fill(enter("staging"))),
		g.Check(stopped, w.fill(enter("dev"))), // one that ran out of time as well
		g.Failed(t.Context(), w.fill(enter("dev")), false, Reason{Code: "DIRTY_TREE", Message: "x"}),
	}
	wantAllowed(t, got[0])
	wantNot(t, got[1], Refused, CodePromotionMissing)
	wantNot(t, got[2], Undecided, CodeTimeout)
	wantNot(t, got[3], Refused, "DIRTY_TREE")
	g.Check(t.Context(), preview) // nobody may act on it
	if len(k.records) != len(got) {
		t.Fatalf("%d decisions were recorded, expected %d", len(k.records), len(got))
	}
	for i, r := range k.records {
		if r.Decision.ID != got[i].ID || r.Policy != g.Policy || r.Request.Environment != got[i].Environment || r.Open != (i >= 2) {
			t.Errorf("record %d: %+v of %s, open %t", i, r.Request, r.Decision.ID, r.Open)
		}
	}
}

// What can't be recorded lets nothing through, and a refusal keeps its reasons.
func TestUnrecordedIsUndecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t).chain()
	g := w.gate(w.load(), w.store())
	before := g.Check(t.Context(), w.fill(enter("staging")))
	g.Recorder = &kept{err: errors.New("disk full")}
	wantNot(t, g.Check(t.Context(), w.fill(enter("dev"))), Undecided, CodeLedger)
	after := g.Check(t.Context(), w.fill(enter("staging")))
	wantNot(t, after, Undecided, CodeLedger)
	wantNot(t, after, Undecided, CodePromotionMissing)
	if after.ID == before.ID {
		t.Error("another decision has the same id")
	}
}

// A record holds all that it takes to decide again, policy included.
func TestRecordDecidesAgain(t *testing.T) {
	t.Parallel()
	w := prodWorld(t)
	k := &kept{}
	g := w.gate(w.load(), w.store())
	g.Recorder = k
	for _, req := range []Request{enter("prod"), stay("prod"), enter("staging"), stay("dev"), stage("scan")} {
		g.Check(t.Context(), w.fill(req))
	}
	for _, r := range k.records {
		files := map[string][]byte{}
		for name := range r.Policy.Files {
			files[name] = r.Policy.Content(name)
		}
		p, err := parsePolicy(r.Policy.ParsedAs(), files, LoadOptions{ParseKey: parseKey, Origin: r.Policy.Origin}, compileOnce)
		if err != nil || p.Digest != r.Policy.Digest {
			t.Fatalf("the policy is another one, or none: %v", err)
		}
		a, err := r.Decision.JSON()
		if err != nil {
			t.Fatal(err)
		}
		b, err := Decide(t.Context(), p, r.Request, r.Evidence, r.Rejected, g.Version).JSON()
		if err != nil || string(a) != string(b) {
			t.Errorf("%s: the same record gave another decision: %v\n%s\n%s", r.Request.Environment, err, a, b)
		}
	}
}
