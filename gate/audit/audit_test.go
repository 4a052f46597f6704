// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/audit"
)

func TestDecisionsAreOnTheRecord(t *testing.T) {
	t.Parallel()
	w := filled(t)
	var got []string
	for _, e := range w.entries() {
		env := e.Environment + e.Stage
		got = append(got, strings.Join([]string{e.Kind, e.Subject.Name, env, string(e.Question), e.Verdict.String()}, " "))
		if e.Actor.User != "alice" || e.Policy.Digest["sha256"] != w.policy.Digest.Hex || e.At == "" {
			t.Errorf("entry %d: %+v", e.Seq, e)
		}
	}
	want := []string{"decision good dev enter allowed", "promotion good dev enter allowed", "decision good prod enter allowed", "promotion good prod enter allowed", "decision good prod stay allowed",
		"decision bad dev enter allowed", "promotion bad dev enter allowed", "decision bad prod enter refused", "decision unknown dev enter refused", "decision good scan enter allowed", "decision git:HEAD dev enter refused"}
	if !slices.Equal(got, want) {
		t.Fatalf("entries:\n%s", strings.Join(got, "\n"))
	}
	refused := w.entries()[7]
	if len(refused.Reasons) == 0 || refused.Reasons[0].Code != "VULNERABILITY" || refused.Reasons[0].Rule == "" {
		t.Errorf("what decided is not named: %+v", refused.Reasons)
	}
	if p := w.entries()[3]; p.Actor.Name != "releaser" || p.Actor.Signer.Key != keys()["releaser"].ID || p.Promotion.Resource == "" {
		t.Errorf("who promoted is not named: %+v", p.Actor)
	}
	r := w.verify(w.heads[4].Hash)
	if !r.Sound() || r.Entries != 11 || r.Head != w.heads[10].Hash {
		t.Errorf("report: %+v", r)
	}
}

// Terms find entries, alone and together, and the newest come first.
func TestQueries(t *testing.T) {
	t.Parallel()
	w := filled(t)
	bad := w.entries()[7].Subject.Digest.Primary().String()
	for _, c := range []struct {
		name string
		q    audit.Query
		want []int64
	}{
		{"all", audit.Query{}, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
		{"newest", audit.Query{Newest: 2}, []int64{11, 10}},
		{"oldest after", audit.Query{After: 3, Oldest: 2}, []int64{4, 5}},
		{"one", audit.Query{Seq: 7}, []int64{7}},
		{"environment", audit.Query{Terms: []audit.Term{{Kind: "environment", Value: "prod"}}}, []int64{3, 4, 5, 8}},
		{"environment and verdict", audit.Query{Terms: []audit.Term{{Kind: "environment", Value: "prod"}, {Kind: "verdict", Value: "refused"}}}, []int64{8}},
		{"code", audit.Query{Terms: []audit.Term{{Kind: "code", Value: "VULNERABILITY"}}}, []int64{8}},
		{"digest", audit.Query{Terms: []audit.Term{{Kind: "subject", Value: bad}}, Newest: 10}, []int64{8, 7, 6}},
		{"name and kind", audit.Query{Terms: []audit.Term{{Kind: "subject", Value: "good"}, {Kind: "kind", Value: "promotion"}}}, []int64{2, 4}},
		{"later than all", audit.Query{Since: now.Add(time.Minute)}, nil},
		{"since", audit.Query{Since: now, Newest: 1}, []int64{11}},
		{"none", audit.Query{Terms: []audit.Term{{Kind: "environment", Value: "' OR 1=1 --"}}}, nil},
	} {
		var got []int64
		for line, err := range w.ledger.Lines(t.Context(), c.q) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, line.Seq)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %d, expected %d", c.name, got, c.want)
		}
	}
}

// Every decision comes out the same from the ledger alone, and another evaluator is named.
func TestReplayAgrees(t *testing.T) {
	t.Parallel()
	w := filled(t)
	w.store = nil
	for _, version := range []string{"test", "other"} {
		r := w.replayer(version)
		for _, e := range w.entries() {
			if e.Kind != audit.KindDecision {
				if _, err := r.Replay(t.Context(), e); err == nil {
					t.Errorf("entry %d is no decision and was replayed", e.Seq)
				}
				continue
			}
			want := audit.Same
			if version != "test" {
				want = audit.SameVerdict
			}
			if e.Subject.Name == "git:HEAD" {
				want = audit.Open
			}
			got, err := r.Replay(t.Context(), e)
			if err != nil || got.Outcome != want || got.Now != e.Verdict {
				t.Errorf("entry %d by %s: %+v, %v, expected %s", e.Seq, version, got, err, want)
			}
			if want == audit.SameVerdict && got.Detail != "evaluator test then, other now" {
				t.Errorf("entry %d: %s", e.Seq, got.Detail)
			}
		}
	}
}

// What ran out of time is kept, and has nothing to be decided from.
func TestReplayLeavesOpenWhatWasOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.artifact("good", []string{"pkg:npm/left-pad@1.0.0"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := w.gate.Check(ctx, gate.Request{Subject: s, Environment: "dev", Question: gate.Enter, At: now})
	if d.Verdict != gate.Undecided || len(w.entries()) != 1 {
		t.Fatalf("%s, %d entries", d.Verdict, len(w.entries()))
	}
	got, err := w.replayer("test").Replay(t.Context(), w.entries()[0])
	if err != nil || got.Outcome != audit.Open {
		t.Errorf("%+v, %v", got, err)
	}
}

// An entry that says something else than its decision is found even where all its hashes were made anew.
func TestReplayFindsForgedVerdict(t *testing.T) {
	t.Parallel()
	w := filled(t)
	for _, change := range []func(*audit.Entry){
		func(e *audit.Entry) { e.Verdict = gate.Allowed }, func(e *audit.Entry) { e.Decision = "sha256:" + strings.Repeat("0", 64) },
		func(e *audit.Entry) { e.Environment = "test" }, func(e *audit.Entry) { e.Subject.Name = "other" }, func(e *audit.Entry) { e.Policy.Version++ },
		func(e *audit.Entry) { e.Reasons = []audit.Cause{} }, func(e *audit.Entry) { e.At = "2020-01-01T00:00:00Z" }, func(e *audit.Entry) { e.Repository = "r" },
	} {
		e := w.entries()[7]
		change(&e)
		got, err := w.replayer("test").Replay(t.Context(), e)
		if err != nil || got.Outcome != audit.Differs {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

func TestWhoHas(t *testing.T) {
	t.Parallel()
	w := filled(t)
	good, bad := w.entries()[0].Subject.Digest.Primary().String(), w.entries()[7].Subject.Digest.Primary().String()
	for _, c := range []struct {
		what string
		want []string
	}{
		{"pkg:npm/left-pad", []string{"bad", "good"}},
		{"pkg:npm/left-pad@1.3.0", []string{"bad"}},
		{"PKG:NPM/Left-Pad@1.3.0", []string{"bad"}},
		{"pkg:npm/left", nil},
		{"pkg:npm/left-pad@1", nil},
		{"pkg:npm/@scope/lib", []string{"good"}},
		{"pkg:npm/%40scope/lib@2.0.0", []string{"good"}},
		{"pkg:npm/%40scope/lib@2.0.0?arch=arm64", nil},
		{"pkg:pypi/some-thing", []string{"bad"}},
		{"CVE-2026-1234", []string{"bad"}},
		{"cve-2026-1234", []string{"bad"}},
		{"GHSA-aaaa-bbbb-cccc", []string{"bad"}},
		{"CVE-2026-123", nil},
		{good, []string{"good"}},
		{bad, []string{"bad"}},
		{"sha256:" + strings.Repeat("0", 64), nil},
	} {
		found, err := audit.WhoHas(t.Context(), w.ledger, c.what)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
		var got []string
		for _, h := range found {
			got = append(got, h.Subject.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, expected %q", c.what, got, c.want)
		}
	}
	found, err := audit.WhoHas(t.Context(), w.ledger, "CVE-2026-1234")
	if err != nil || len(found) != 1 || len(found[0].Matches) != 1 || found[0].Matches[0].Package != "pkg:npm/left-pad@1.3.0" || found[0].Matches[0].What != "GHSA-aaaa-bbbb-cccc" {
		t.Fatalf("%+v, %v", found, err)
	}
	env := found[0].Environments
	if len(env) != 2 || env[0].Environment != "dev" || env[0].Promoted == "" || env[1].Environment != "prod" || env[1].Promoted != "" || env[1].Verdict != gate.Refused {
		t.Errorf("environments: %+v", env)
	}
	for _, bad := range []string{"", "log4j", "pkg:npm", "pkg:npm/", "sha256:", "CVE-", "CVE 1"} {
		var query *audit.QueryError
		if _, err := audit.WhoHas(t.Context(), w.ledger, bad); !errors.As(err, &query) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// An export stands for itself: whole it verifies, and any line that is changed, lost or moved shows.
func TestExport(t *testing.T) {
	t.Parallel()
	w := filled(t)
	var b bytes.Buffer
	head, err := audit.Export(t.Context(), w.ledger, &b)
	if err != nil || head != w.heads[10] {
		t.Fatalf("%+v, %v", head, err)
	}
	check := func(text string, opt audit.Options) (*audit.Report, error) {
		return audit.VerifyExport(strings.NewReader(text), opt)
	}
	r, err := check(b.String(), audit.Options{Head: w.heads[3].Hash})
	if err != nil || !r.Sound() || r.Entries != 11 || r.Head != head.Hash {
		t.Fatalf("%+v, %v", r, err)
	}
	if own := w.verify(""); own.Documents != r.Documents {
		t.Errorf("%d documents were exported of %d", r.Documents, own.Documents)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(b.String(), "\n"), "\n")
	for i := range lines {
		without := strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "")
		if r, err := check(without, audit.Options{}); err == nil && r.Sound() {
			t.Errorf("line %d is missing and nobody noticed: %.80s", i+1, lines[i])
		}
		if i+1 < len(lines) && strings.Contains(lines[i], `"entry"`) && strings.Contains(lines[i+1], `"entry"`) {
			swapped := slices.Clone(lines)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			if r, err := check(strings.Join(swapped, ""), audit.Options{}); err == nil && r.Sound() {
				t.Errorf("lines %d and %d were exchanged and nobody noticed", i+1, i+2)
			}
		}
		for at := 0; at < len(lines[i])-1; at += 1 + len(lines[i])/23 {
			flipped := bytes.Clone(b.Bytes())
			flipped[len(strings.Join(lines[:i], ""))+at] ^= 1
			if r, err := check(string(flipped), audit.Options{}); err == nil && r.Sound() {
				t.Errorf("byte %d of line %d was flipped and nobody noticed: %.80s", at, i+1, lines[i])
			}
		}
	}
	if _, err := check("", audit.Options{}); err == nil {
		t.Error("nothing at all verified")
	}
}

// A decision that can't be written is none: what was recorded stays as it was.
func TestRecorderFailsClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.artifact("good", []string{"pkg:npm/left-pad@1.0.0"})
	w.to.TrustRoot = func(*gate.Policy) ([]byte, error) { return []byte("another root"), nil }
	d := w.check(s, "dev", gate.Enter)
	if d.Verdict != gate.Undecided || d.Reasons[0].Code != gate.CodeLedger || len(w.entries()) != 0 {
		t.Errorf("%s %+v", d.Verdict, d.Reasons)
	}
	w.to.TrustRoot = func(*gate.Policy) ([]byte, error) { return nil, nil }
	if err := w.ledger.Close(); err != nil {
		t.Fatal(err)
	}
	if d := w.check(s, "dev", gate.Enter); d.Verdict != gate.Undecided {
		t.Errorf("a closed ledger: %s", d.Verdict)
	}
}

// Long names and bytes that are no text are cut and mended when an entry is made, once and for all.
func TestForeignTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	name := strings.Repeat("\xff\u2028ä", 5000)
	w.gate.Failed(t.Context(), gate.Request{Subject: attest.Subject{Name: name, Digest: attest.DigestSet{}}, Environment: "\xfe", Question: gate.Enter, At: now}, false, gate.Reason{Code: "X\xff", Message: "x"})
	if r := w.verify(""); !r.Sound() || r.Entries != 1 {
		t.Errorf("%+v", r)
	}
	if got := w.entries()[0].Subject.Name; len(got) > 600 {
		t.Errorf("a name of %d bytes", len(got))
	}
}

func FuzzDecodeEntry(f *testing.F) {
	e, line, err := audit.Entry{Kind: audit.KindDecision, Time: "2026-11-22T12:00:00.000Z", Reasons: []audit.Cause{}}.Seal(audit.Head{Seq: 3, Hash: "sha256:00"})
	if err != nil || e.Seq != 4 {
		f.Fatal(err)
	}
	f.Add(line.Raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := audit.DecodeEntry(raw)
		if err != nil {
			return
		}
		if again, err := e.Encode(); err != nil || !bytes.Equal(raw, again) {
			t.Errorf("%q was read, and would be written as %q", raw, again)
		}
	})
}

// What is done about drift is on the record, and is no decision; what drift asked about is known to run.
func TestRemediation(t *testing.T) {
	t.Parallel()
	w := filled(t)
	good := w.entries()[0].Subject
	d := w.check(good, "prod", gate.Stay)
	if err := w.to.Remediation(t.Context(), d, audit.Remedied{Action: "evict", Target: "shop/Pod/" + strings.Repeat("x", 1000)}); err != nil {
		t.Fatal(err)
	}
	w.to.Actor.Via = "drift"
	w.check(good, "dev", gate.Stay)
	all := w.entries()
	e := all[len(all)-2]
	if e.Kind != audit.KindRemediation || e.Remedy == nil || e.Remedy.Action != "evict" || len(e.Remedy.Target) > 600 || e.Decision != d.ID || e.Verdict != gate.Allowed {
		t.Errorf("found %+v", e)
	}
	if r := w.verify(""); !r.Sound() || r.Entries != int64(len(all)) {
		t.Errorf("found %+v", r)
	}
	if _, err := w.replayer("1").Replay(t.Context(), e); err == nil {
		t.Error("what was done is decided again")
	}
	found, err := audit.WhoHas(t.Context(), w.ledger, "pkg:npm/left-pad@1.0.0")
	if err != nil || len(found) != 1 || len(found[0].Environments) != 2 || found[0].Environments[0].Running == "" || found[0].Environments[1].Running != "" {
		t.Errorf("%+v, %v", found, err)
	}
}

// Broken glass is on the record with the statement that broke it, in an export too; without the statement the ledger is unsound.
func TestBreakGlassIsOnTheRecord(t *testing.T) {
	t.Parallel()
	w := filled(t)
	subject := w.entries()[0].Subject
	d := w.check(subject, "prod", gate.Stay)
	statement := w.sign("builder", predicate.TypeSVR, map[string]any{"reason": "outage"}, subject)
	if err := w.to.BreakGlass(t.Context(), d, gate.Emergency{Statement: statement.ID().String(), By: "alice", Reason: "outage", Expires: now}, statement); err != nil {
		t.Fatal(err)
	}
	if r := w.verify(""); !r.Sound() {
		t.Fatalf("%+v", r)
	}
	var out bytes.Buffer
	if _, err := audit.Export(t.Context(), w.ledger, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `{"document":"`+statement.BundleID().String()+`"`) {
		t.Error("the export lacks the statement")
	}
	if _, err := w.attacker().ExecContext(t.Context(), "DELETE FROM documents WHERE digest = ?", statement.BundleID().String()); err != nil {
		t.Fatal(err)
	}
	if r := w.verify(""); r.Sound() {
		t.Error("the statement is gone, and nobody misses it")
	}
}
