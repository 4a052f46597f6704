// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/gate"
)

// O-14: an outcome, which is no decision, says the same in every format that decisions have, and that it is a preview.
func TestO14_OutcomeSaysTheSameInEveryFormat(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5)) //nolint:gosec // repeatable
	for n := range 60 {
		text := texts(r)
		d := generated(r)
		o := Outcome{What: "check", Verdict: d.Verdict, Preview: true, Subject: d.Subject, At: "2026-01-01T00:00:00Z", Version: text(), Policy: d.Policy,
			Reasons: d.Reasons, Warnings: d.Warnings, Waived: d.Waived, Skipped: d.Skipped, Decisions: []gate.Decision{generated(r)}}
		if n%3 == 0 { // parts are cases and lines of their own, which these readers do not count
			o.Places = map[string]Place{text(): {File: text(), Line: r.IntN(9), Commit: text()}}
		}
		if o.Policy.Name == "" {
			o.Policy.Name = "p"
		}
		want := sayings([]gate.Decision{o.decision()})
		for _, format := range Formats() {
			var b bytes.Buffer
			err := WriteOutcome(&b, format, o, Options{Base: "shop"})
			if format == "json" {
				if err == nil {
					t.Fatal("an outcome was written as a decision")
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			if got := readers[format](t, b.Bytes(), want); got[0].counted() != want[0].counted() {
				t.Fatalf("round %d, %s: says %+v, expected %+v:\n%s", n, format, got, want, b.String())
			}
			if !strings.Contains(strings.ToLower(b.String()), "preview") {
				t.Fatalf("%s does not say that it is a preview:\n%s", format, b.String())
			}
		}
	}
}

// Parts, and what is assumed, are shown; a file that is only known besides is where a service shows the finding.
func TestOutcomeParts(t *testing.T) {
	o := Outcome{What: "check", Preview: true, Verdict: gate.Refused, Parts: []Part{{"dev", gate.Allowed, ""}, {"prod", gate.Refused, "1 reason"}}, Skipped: []gate.Skip{{What: "assumed: tests", Why: "they pass"}},
		Reasons: []gate.Reason{{Code: "VULNERABILITY", Message: "bad", Key: &gate.WaiverScope{Fingerprint: "f"}}}, Places: map[string]Place{"f": {File: "web/package-lock.json"}}}
	for format, want := range map[string][]string{
		"text":        {"check: REFUSED (preview)", "(no policy)", "  + dev  allowed", "  x prod  refused: 1 reason"},
		"markdown":    {"## ❌ `check`: REFUSED (preview)", "no policy", "- ✅ `dev`: allowed", "- ❌ `prod`: refused, `1 reason`", "Assumed: 1"},
		"junit":       {`classname="sealock.check.part" name="dev"`, `<failure type="refused" message="refused">1 reason</failure>`},
		"github":      {"::error title=sealock%3A REFUSED (preview)", "::error file=shop/web/package-lock.json,title=VULNERABILITY (check)"},
		"codequality": {`"path":"shop/web/package-lock.json"`},
		"sarif":       {`"uri":"shop/web/package-lock.json"`, `"preview":true`},
		"dotenv":      {"SEALOCK_PREVIEW_VERDICT=refused"},
		"html":        {"This is a preview", "Result of check", "assumed: tests", "Something speaks against it."},
	} {
		var b bytes.Buffer
		if err := WriteOutcome(&b, format, o, Options{Base: "shop"}); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s lacks %q:\n%s", format, w, b.String())
			}
		}
		if strings.Contains(b.String(), "SEALOCK_VERDICT") {
			t.Errorf("%s: a variable that means a decision:\n%s", format, b.String())
		}
	}
	var b bytes.Buffer
	if err := WriteOutcome(&b, "xml", o, Options{}); err == nil {
		t.Error("an unknown format was written")
	}
}
