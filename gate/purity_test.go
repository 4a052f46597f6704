// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
)

func encoded(t testing.TB, d Decision) []byte {
	t.Helper()
	b, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// noisy is a world with everything in it: what counts, what does not, and what is no evidence.
func noisy(t testing.TB) *world {
	w := prodWorld(t)
	stray(t, w)
	w.record(w.sourceRun())
	w.items = append(w.items, signed{"broken", attesttest.Flip(w.item("scan").bundle, 300), []attest.Subject{w.image}}, signed{"garbage", []byte("{}"), []attest.Subject{w.image}},
		signed{"forged", testKeys()["stranger"].Resign(t, w.item("build").bundle), []attest.Subject{w.image}})
	return w
}

func TestC27_ShuffledEvidenceGivesTheSameBytes(t *testing.T) {
	for name, w := range map[string]*world{"allowed": noisy(t), "refused": noisy(t).drop("scan/vulns").drop("approval:bob")} {
		t.Run(name, func(t *testing.T) {
			p := w.load()
			evidence, rejected := w.evidence(p)
			req := w.fill(enter("prod"))
			want := encoded(t, Decide(t.Context(), p, req, evidence, rejected, "test"))
			if bytes.Contains(want, []byte(`"verdict":"`+name+`"`)) == false {
				t.Fatalf("not %s: %s", name, want)
			}
			r := rand.New(rand.NewPCG(3, 4))
			for range 100 {
				r.Shuffle(len(evidence), func(i, j int) { evidence[i], evidence[j] = evidence[j], evidence[i] })
				r.Shuffle(len(rejected), func(i, j int) { rejected[i], rejected[j] = rejected[j], rejected[i] })
				if got := encoded(t, Decide(t.Context(), p, req, evidence, rejected, "test")); !bytes.Equal(got, want) {
					t.Fatalf("another decision for another order:\n%s\n%s", want, got)
				}
			}
		})
	}
}

func TestEqualQuestionsEqualBytes(t *testing.T) {
	for _, f := range fixtures {
		w := f.make(t)
		g := w.gate(w.load(), w.store())
		a, b := encoded(t, g.Check(t.Context(), w.fill(f.req))), encoded(t, g.Check(t.Context(), w.fill(f.req)))
		if !bytes.Equal(a, b) {
			t.Errorf("%s: two decisions", f.name)
		}
		local := w.fill(f.req)
		local.At = local.At.In(time.FixedZone("elsewhere", 3*3600)).Add(999 * time.Millisecond)
		if c := encoded(t, g.Check(t.Context(), local)); !bytes.Equal(a, c) {
			t.Errorf("%s: another decision for the same second in another zone", f.name)
		}
	}
}

// The id is the sha256 of the document with an empty id.
func TestDecisionID(t *testing.T) {
	d := prodWorld(t).check(enter("prod"))
	id := d.ID
	d.ID = ""
	if got := attest.SHA256(encoded(t, d)).String(); got != id {
		t.Errorf("id %s, found %s", id, got)
	}
	if d := prodWorld(t).check(enter("staging")); d.ID == id {
		t.Error("two decisions have one id")
	}
}

// A decision for another time is another decision; nothing but Request.At tells the time.
func TestTimeIsAnArgument(t *testing.T) {
	w := prodWorld(t)
	g := w.gate(w.load(), w.store())
	for _, c := range []struct {
		at      time.Time
		verdict Verdict
		code    string
	}{
		{now, Allowed, ""},
		{now.Add(22*time.Hour + 59*time.Minute), Allowed, ""},
		{now.Add(23*time.Hour + time.Second), Refused, CodeStageTooOld},
		{now.Add(24 * time.Hour), Refused, CodeApprovalExpired},
		{now.Add(-4 * time.Hour), Refused, CodeTimeInFuture},
		{time.Time{}, Refused, CodeTimeInconsistent},
		{time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), Refused, CodePolicyExpired},
	} {
		req := enter("prod")
		req.Subject, req.At = w.image, c.at
		d := g.Check(t.Context(), req)
		if d.Verdict != c.verdict || (c.code != "" && !contains(codes(d.Reasons), c.code)) {
			t.Errorf("at %s: %s, expected %s %s:%s", c.at, d.Verdict, c.verdict, c.code, explain(d))
		}
	}
}

func TestContextsThatEnd(t *testing.T) {
	w := prodWorld(t)
	p := w.load()
	evidence, rejected := w.evidence(p)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for name, ctx := range map[string]context.Context{"cancelled": cancelled, "late": late} {
		wantNot(t, w.gate(p, w.store()).Check(ctx, w.fill(enter("prod"))), Undecided, CodeTimeout)
		d := Decide(ctx, p, w.fill(enter("prod")), evidence, rejected, "test")
		if d.Verdict != Undecided {
			t.Errorf("%s: %s", name, d.Verdict)
		}
		// A refusal that is certain anyway is no more certain for it.
		if d := Decide(ctx, p, w.fill(enter("prod")), nil, nil, "test"); d.Verdict != Undecided {
			t.Errorf("%s, no evidence: %s", name, d.Verdict)
		}
	}
}

func TestT13_StoreThatCannotBeRead(t *testing.T) {
	w := prodWorld(t)
	s := w.store()
	g := w.gate(w.load(), s)
	s.Break(errors.New("disk on fire"))
	wantNot(t, g.Check(t.Context(), w.fill(enter("prod"))), Undecided, CodeStore)
	s.Break(&attest.Reject{Code: attest.CodeLimit, Detail: "too much"})
	wantNot(t, g.Check(t.Context(), w.fill(enter("prod"))), Undecided, attest.CodeLimit)
	s.Break(context.DeadlineExceeded)
	wantNot(t, g.Check(t.Context(), w.fill(enter("prod"))), Undecided, CodeTimeout)
	s.Break(nil)
	wantAllowed(t, g.Check(t.Context(), w.fill(enter("prod"))))
}

// failingAfter is a store that fails from the nth question on.
type failingAfter struct {
	attest.Store
	left int
}

func (f *failingAfter) List(ctx context.Context, d attest.Digest) ([]attest.Stored, error) {
	if f.left--; f.left < 0 {
		return nil, errors.New("connection reset")
	}
	return f.Store.List(ctx, d)
}

func TestT13_StoreThatFailsHalfWay(t *testing.T) {
	w := prodWorld(t)
	for n := range 2 {
		g := w.gate(w.load(), &failingAfter{w.store(), n})
		wantNot(t, g.Check(t.Context(), w.fill(enter("prod"))), Undecided, CodeStore)
	}
}

// confirming is a store whose Confirm fails.
type confirming struct {
	attest.Store
	err error
}

func (c confirming) Confirm(context.Context, attest.Evidence) error { return c.err }

func TestConfirmation(t *testing.T) {
	w := prodWorld(t)
	p := w.load()
	wantNot(t, w.gate(p, confirming{w.store(), errors.New("i/o")}).Check(t.Context(), w.fill(enter("prod"))), Undecided, CodeStore)
	d := w.gate(p, confirming{w.store(), &attest.Reject{Code: attest.CodeIncomplete, Detail: "missing copy"}}).Check(t.Context(), w.fill(enter("prod")))
	wantNot(t, d, Refused, CodeStageMissing)
	if !strings.Contains(explain(d), attest.CodeIncomplete) {
		t.Errorf("the cause is not told:%s", explain(d))
	}
	s := w.store()
	s.DeleteUnder(attest.Digest{Algorithm: "gitCommit", Hex: w.source.Digest["gitCommit"]})
	wantNot(t, w.gate(p, s).Check(t.Context(), w.fill(enter("prod"))), Refused, CodeUpstreamMissing)
}

// T-11: what a store gives for a digest is only what it says itself.
func TestT11_StoreThatGivesSomethingElse(t *testing.T) {
	w, sibling := prodWorld(t), newWorld(t)
	sibling.image = attesttest.Artifact("shop", "sibling")
	sibling.chain().promote("dev", "build-job").promote("staging", "release-job").approve("alice").approve("bob")
	s := attesttest.NewStore()
	for _, it := range sibling.items {
		s.PutRaw(w.image.Digest.Primary(), attest.SHA256(it.bundle).Hex, it.bundle)
	}
	req := w.fill(enter("prod"))
	for _, store := range []attest.Store{s, confirming{s, nil}} {
		wantNot(t, w.gate(w.load(), store).Check(t.Context(), req), Refused, CodeStageMissing)
	}
	s.PutUnreadable(w.image.Digest.Primary(), "big", &attest.Reject{Code: attest.CodeLimit, Detail: "bundle has too many bytes"})
	d := w.gate(w.load(), s).Check(t.Context(), req)
	if d.Verdict != Refused || !strings.Contains(explain(d), "(LIMIT)") {
		t.Errorf("%s:%s", d.Verdict, explain(d))
	}
}

func TestT09_ManyCopies(t *testing.T) {
	w := bare(t)
	want := w.check(enter("dev"))
	s := w.store()
	for i := range 1000 {
		s.PutRaw(w.image.Digest.Primary(), "z"+attest.SHA256([]byte{byte(i), byte(i >> 8)}).Hex, w.item("build").bundle)
	}
	if d := w.gate(w.load(), s).Check(t.Context(), w.fill(enter("dev"))); d.ID != want.ID {
		t.Errorf("another decision:%s", explain(d))
	}
}

// The same evidence from a folder gives the same decision as from memory.
func TestFolderStore(t *testing.T) {
	w := prodWorld(t)
	s, err := dir.Open(filepath.Join(t.TempDir(), ".sealock"))
	if err != nil {
		t.Fatal(err)
	}
	p := w.load()
	evidence, _ := w.evidence(p)
	for _, e := range evidence {
		if err := s.Put(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	got := w.gate(p, s).Check(t.Context(), w.fill(enter("prod")))
	wantAllowed(t, got)
	if got.ID != w.check(enter("prod")).ID {
		t.Error("another decision than from memory")
	}
	if err := filepath.WalkDir(s.Path(), func(path string, e os.DirEntry, err error) error {
		if err == nil && strings.Contains(path, attest.SHA256(attesttest.Payload(t, w.item("build").bundle)).Hex) {
			return os.Remove(path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	wantNot(t, w.gate(p, s).Check(t.Context(), w.fill(enter("prod"))), Refused, CodeStageMissing)
}

func TestZeroDecisionIsARefusal(t *testing.T) {
	var d Decision
	if d.Verdict != Refused || d.Verdict.String() != "refused" {
		t.Errorf("the zero decision is %s", d.Verdict)
	}
	if Verdict(99).String() != "refused" {
		t.Error("an unknown verdict is no refusal")
	}
	var v Verdict
	for _, text := range []string{"", "Allowed", "allow", "true", "ALLOWED", "2"} {
		if v.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q was read as %s", text, v)
		}
	}
}

// Every combination of checks that ran: only all of them together, with something to rest on and nothing against, allow.
func TestConcludeAllowsOnlyWithAllChecks(t *testing.T) {
	for bits := range 1 << 7 {
		on := func(i int) bool { return bits&(1<<i) != 0 }
		c := checks{policy: on(0), chain: on(1), entry: on(2), rules: on(3), undecided: on(4)}
		var d Decision
		if on(5) {
			d.Inputs = []Input{{Digest: "sha256:x"}}
		}
		if on(6) {
			d.Reasons = []Reason{{Code: "X"}}
		}
		d.conclude(c)
		want := Refused
		switch {
		case c.undecided:
			want = Undecided
		case bits == 0b0101111:
			want = Allowed
		}
		if d.Verdict != want {
			t.Errorf("%+v, inputs %v, reasons %v: %s, expected %s", c, on(5), on(6), d.Verdict, want)
		}
		if want == Refused && len(d.Reasons) == 0 {
			t.Errorf("%+v: refused without a reason", c)
		}
	}
	var d Decision
	d.conclude(checks{policy: true, chain: true, entry: true, rules: true})
	if codes(d.Reasons)[0] != CodeNoEvidence {
		t.Error("nothing to rest on is not called so")
	}
}

// Evidence that no verifier made is nothing.
func TestEmptyEvidenceIsNothing(t *testing.T) {
	w := newWorld(t)
	d := Decide(t.Context(), w.load(), w.fill(enter("dev")), make([]attest.Evidence, 3), nil, "test")
	wantNot(t, d, Refused, CodeStageMissing)
}

func TestNewGateWantsAllParts(t *testing.T) {
	w := newWorld(t)
	g := w.gate(w.load(), w.store())
	for _, err := range []error{
		second(New(nil, g.Verifier, g.Store, "v")), second(New(g.Policy, nil, g.Store, "v")), second(New(g.Policy, g.Verifier, nil, "v")), second(New(g.Policy, g.Verifier, g.Store, "")),
	} {
		if err == nil {
			t.Error("a gate was made without one of its parts")
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A request is not changed by the answer, whatever room its slices have.
func TestRequestIsNotChanged(t *testing.T) {
	w := indexWorld(t).policyText("artifacts:", "attached:\n  - {type: provenance, signedBy: [build-job]}\nartifacts:")
	room := append(make([]attest.Subject, 0, 8), indexLeaves...)
	req := w.fill(Request{Environment: "dev", Question: Enter, Leaves: room})
	wantAllowed(t, w.gate(w.load(), w.store()).Check(t.Context(), req))
	if beyond := room[:3][2]; beyond.Name != "" || beyond.Digest != nil {
		t.Errorf("written behind the leaves: %+v", beyond)
	}
}

// V-45: each thing that a policy says about trust, set to another value, refuses or does not load.
func TestV45_EveryTrustFieldIsApplied(t *testing.T) {
	for _, c := range []struct {
		name   string
		change []string
		req    Request
	}{
		{"name", []string{"name: shop", "name: cart"}, enter("prod")},
		{"expires", []string{"2027-06-30T00:00:00Z", "2026-11-22T12:00:00Z"}, enter("prod")},
		{"identity key", []string{"keys/source-job.pub", "keys/outsider.pub"}, enter("prod")},
		{"identity notBefore", []string{"keys/scan-job.pub}", "keys/scan-job.pub, notBefore: 2026-12-01T00:00:00Z}"}, enter("prod")},
		{"identity notAfter", []string{"keys/scan-job.pub}", "keys/scan-job.pub, notAfter: 2026-11-01T00:00:00Z}"}, enter("prod")},
		{"identity issuer", []string{"{key: keys/scan-job.pub}", "{issuer: https://example.com, subject: x}"}, enter("prod")},
		{"anyOf", []string{"anyOf: [alice, alice-laptop, bob, carol]", "anyOf: [alice, carol]"}, enter("prod")},
		{"stage after", []string{"{after: [build], signedBy: [scan-job]", "{after: [build, audit], signedBy: [scan-job]", "  scan:", "  audit: {signedBy: [auditor]}\n  scan:"}, enter("prod")},
		{"stage sameRun", []string{"{after: [build], signedBy: [scan-job]", "{after: [{stage: build, sameRun: true}], signedBy: [scan-job]"}, enter("prod")},
		{"stage signedBy", []string{"signedBy: [scan-job]", "signedBy: [build-job]"}, enter("prod")},
		{"stage threshold", []string{"signedBy: [scan-job]", "threshold: 2, signedBy: [scan-job, auditor]"}, enter("prod")},
		{"stage evidence", []string{"evidence: [vulns]", "evidence: [vulns, test]"}, enter("prod")},
		{"stage maxAge.enter", []string{"enter: 24h", "enter: 59m"}, enter("prod")},
		{"stage maxAge.stay", []string{"stay: 720h", "stay: 59m"}, stay("staging")},
		{"stage maxAge, short", []string{"maxAge: {enter: 24h, stay: 720h}", "maxAge: 59m"}, stay("staging")},
		{"stage builders", []string{"evidence: [provenance, sbom]}", "evidence: [provenance, sbom], builders: {threshold: 2}}"}, enter("prod")},
		{"attached", []string{"artifacts:", "attached: [{type: test, signedBy: [auditor]}]\nartifacts:"}, enter("prod")},
		{"attached artifacts", []string{"artifacts:", "attached: [{type: test, signedBy: [auditor], artifacts: [service]}]\nartifacts:"}, enter("prod")},
		{"artifact product", []string{"product: build", "product: source"}, enter("prod")},
		{"artifact repositories", []string{"registry.example.com/shop/*", "registry.example.com/cart/*"}, Request{Environment: "prod", Question: Enter, Repository: "registry.example.com/shop/shop"}},
		{"environment from", []string{"  prod:\n    from: staging", "  qa: {from: staging, promotedBy: [release-job]}\n  prod:\n    from: qa"}, enter("prod")},
		{"environment stages", []string{"stages: [scan], promotedBy", "stages: [scan, audit], promotedBy", "  scan:", "  audit: {signedBy: [auditor]}\n  scan:"}, enter("prod")},
		{"environment promotedBy", []string{"stages: [scan], promotedBy: [release-job]", "stages: [scan], promotedBy: [build-job]"}, enter("prod")},
		{"environment protected", []string{"    from: staging\n", "    from: staging\n    protected: true\n"}, enter("prod")},
		{"approvals by", []string{"by: managers", "by: auditors", "  managers:", "  auditors: {anyOf: [auditor, outsider]}\n  managers:"}, enter("prod")},
		{"approvals threshold", []string{"threshold: 2, validFor", "threshold: 3, validFor"}, enter("prod")},
		{"approvals validFor", []string{"validFor: 72h", "validFor: 10m"}, enter("prod")},
		{"approvals notBy", []string{"notBy: [build-job, carol]", "notBy: [bob]"}, enter("prod")},
		{"approvals bindPolicy", []string{"validFor: 72h", "validFor: 72h, bindPolicy: digest"}, enter("prod")},
		{"rules", []string{"{refuse: high}", "{refuse: high}\n  licenses: {allow: [MIT], unknown: refuse}"}, enter("prod")},
		{"environmentRules", []string{"people:", "environmentRules: {prod: {licenses: {allow: [MIT], unknown: refuse}}}\npeople:"}, enter("prod")},
		{"environmentRules of an earlier environment", []string{"people:", "environmentRules: {dev: {licenses: {allow: [MIT], unknown: refuse}}}\npeople:"}, enter("prod")},
		{"people", []string{"alice: [alice, keys/alice-laptop.pub]", "alice: [alice, keys/bob.pub]"}, enter("prod")},
		{"people by name", []string{"alice: [alice, keys/alice-laptop.pub]", "alice: [alice, bob]"}, enter("prod")},
		{"people by another spelling of the file", []string{"alice: [alice, keys/alice-laptop.pub]", "alice: [alice, ./keys//bob.pub]"}, enter("prod")},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := prodWorld(t).promote("staging", "release-job")
			control := w.fill(c.req)
			wantAllowed(t, w.check(control))
			w.policyText(c.change...)
			p, err := w.parse()
			if err != nil {
				return // an error at load is as good
			}
			if d := w.gate(p, w.store()).Check(t.Context(), control); d.Verdict != Refused {
				t.Errorf("%s: the field makes no difference", d.Verdict)
			}
		})
	}
	t.Run("revoked", func(t *testing.T) {
		w := prodWorld(t)
		wantNot(t, w.revoke("{identity: bob}").check(enter("prod")), Refused, CodeRevoked)
	})
	t.Run("minimum version", func(t *testing.T) {
		w := prodWorld(t)
		req := enter("prod")
		req.MinVersion = 3
		wantAllowed(t, w.check(req))
		req.MinVersion = 4
		wantNot(t, w.check(req), Refused, CodePolicyRollback)
	})
}

func TestWaivers(t *testing.T) {
	const until = "reason: r, owner: o, expires: 2026-12-01T00:00:00Z}"
	for scope, allowed := range map[string]bool{
		"{advisory: CVE-2026-0001, everywhere: true}":                                          true,
		"{fingerprint: " + fingerprintOf(t, vulnerable("high")(t)) + "}":                       true,
		"{fingerprint: " + strings.Repeat("0", 64) + "}":                                       false,
		"{advisory: CVE-2026-0001, purl: \"pkg:npm/left-pad@1.0.0\"}":                          true,
		"{advisory: CVE-2026-0002, everywhere: true}":                                          false,
		"{advisory: cve-2026-0001, everywhere: true}":                                          false,
		"{purl: \"pkg:npm/left-pad\"}":                                                         false,
		"{advisory: CVE-2026-0001, path: a}":                                                   false,
		"{subject: \"" + newWorld(t).image.Digest.Primary().String() + "\"}":                   false,
		"{subject: \"" + newWorld(t).image.Digest.Primary().String() + "\", everywhere: true}": true,
		"{subject: \"" + attest.SHA256([]byte("x")).String() + "\", everywhere: true}":         false,
	} {
		w := vulnerable("high")(t).waive("{rule: vulnerabilities, scope: " + scope + ", " + until)
		d := w.check(enter("staging"))
		if (d.Verdict == Allowed) != allowed || (len(d.Waived) == 1) != allowed {
			t.Errorf("%s: %s, %d waived:%s", scope, d.Verdict, len(d.Waived), explain(d))
		}
	}
	t.Run("about one platform of an index", func(t *testing.T) {
		found := rules.Result{Rule: "vulnerabilities", Key: rules.Key{Advisory: "CVE-2026-0001", Subject: attest.SHA256([]byte("platform")).String()}}
		index := attesttest.Artifact("index", "index")
		for scope, covered := range map[string]bool{found.Key.Subject: true, index.Digest.Primary().String(): true, attest.SHA256([]byte("other")).String(): false} {
			w := Waiver{Rule: "vulnerabilities", Scope: WaiverScope{Subject: scope, Advisory: "CVE-2026-0001"}}
			if all := (Waiver{Rule: w.Rule, Scope: WaiverScope{Subject: scope, Everywhere: true}}); w.covers(found, index) != covered || all.covers(found, index) != covered {
				t.Errorf("%s: expected %v", scope, covered)
			}
		}
	})
	t.Run("told once for all environments", func(t *testing.T) {
		w := relaxed(vulnerable("high")(t), "staging: {vulnerabilities: {refuse: medium}}").waive("{rule: vulnerabilities, scope: {advisory: CVE-2026-0001, everywhere: true}, " + until)
		if d := w.check(enter("staging")); d.Verdict != Allowed || len(d.Waived) != 1 {
			t.Errorf("%s, %d waived", d.Verdict, len(d.Waived))
		}
	})
	t.Run("of another rule", func(t *testing.T) {
		wantNot(t, vulnerable("high")(t).waive("{rule: secrets, scope: {advisory: CVE-2026-0001, everywhere: true}, "+until).check(enter("staging")), Refused, "VULNERABILITY")
	})
	t.Run("expired is told", func(t *testing.T) {
		w := vulnerable("high")(t).waive("{rule: vulnerabilities, scope: {advisory: CVE-2026-0001, everywhere: true}, " + until)
		w.at = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
		if d := w.check(enter("staging")); !slices.Contains(codes(d.Warnings), CodeExpiredWaiver) || d.Verdict != Refused {
			t.Errorf("%s:%s", d.Verdict, explain(d))
		}
	})
}

// P-14: modes soften a rule where the policy says so, and it shows.
func TestModesOfRules(t *testing.T) {
	for _, c := range []struct {
		params string
		req    Request
		want   Verdict
	}{
		{"{refuse: high}", enter("staging"), Refused},
		{"{refuse: high, mode: warn}", enter("staging"), Allowed},
		{"{refuse: high, onStay: warn}", enter("staging"), Refused},
		{"{refuse: high, onStay: warn}", stay("staging"), Allowed},
		{"{refuse: high, mode: warn, onStay: refuse}", stay("staging"), Refused},
		{"{refuse: high, effective: 2026-11-23}", enter("staging"), Allowed},
		{"{refuse: high, effective: 2026-11-22}", enter("staging"), Refused},
		{"{refuse: high, effective: 2026-11-22T12:00:00Z}", enter("staging"), Refused},
		{"{refuse: high, effective: 2026-11-22T12:00:01Z}", enter("staging"), Allowed},
	} {
		w := vulnerable("high")(t).promote("staging", "release-job").policyText("{refuse: high}", c.params)
		p, err := w.parse()
		if err != nil {
			t.Errorf("%s: %v", c.params, err)
			continue
		}
		d := w.gate(p, w.store()).Check(t.Context(), w.fill(c.req))
		if d.Verdict != c.want || (c.want == Allowed) != slices.Contains(codes(d.Warnings), "VULNERABILITY") {
			t.Errorf("%s, %s: %s, expected %s:%s", c.params, c.req.Question, d.Verdict, c.want, explain(d))
		}
	}
}

// P-28: a predicate can't put anything into the rules' input but itself.
func TestP28_EvidenceShadowsNothing(t *testing.T) {
	w := newWorld(t)
	w.mod("build", func(r *run) {
		doc := attesttest.SBOM(w.image, "pkg:npm/a@1.0.0")
		doc["params"], doc["at"], doc["environment"], doc["evidence"] = map[string]any{"sbom": map[string]any{"root": false}}, "2000-01-01T00:00:00Z", "nowhere", []any{}
		r.evidence[1].doc = doc
		r.edit = func(l *predicate.Link) { l.Environment.Sealock = "data.params" }
	}).chain().file("own.rego", ownRule(`input.environment != "dev"`))
	wantAllowed(t, w.check(enter("dev")))
}
