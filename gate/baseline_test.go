// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/rules"
)

// fingerprintOf is that of the first reason of a refused world.
func fingerprintOf(t testing.TB, w *world) string {
	t.Helper()
	d := w.check(enter("staging"))
	for _, r := range d.Reasons {
		if r.Key != nil && r.Key.Fingerprint != "" {
			return r.Key.Fingerprint
		}
	}
	t.Fatalf("no reason has a fingerprint:%s", explain(d))
	return ""
}

const baselineRule = "baseline: {rules: [vulnerabilities], until: 2027-01-01T00:00:00Z}\nartifacts:"

func baseline(limit string, entries ...string) string {
	return "apiVersion: sealock/v1\nkind: Baseline\nlimit: " + limit + "\nfindings:\n  - " + strings.Join(entries, "\n  - ") + "\n"
}

func TestBaseline(t *testing.T) {
	known := "{rule: vulnerabilities, fingerprint: \"" + fingerprintOf(t, vulnerable("high")(t)) + "\", advisory: CVE-2026-0001}"
	old := func(level string) *world {
		return vulnerable(level)(t).policyText("artifacts:", baselineRule).file(BaselineFile, baseline("1", known))
	}
	d := old("high").check(enter("staging"))
	wantAllowed(t, d)
	if countCode(d.Warnings, CodeBaselined) != 1 || !strings.Contains(explain(d), "known since the baseline: CVE-2026-0001") {
		t.Errorf("it is not told:%s", explain(d))
	}
	t.Run("what is new refuses", func(t *testing.T) {
		w := newWorld(t).mod("scan", func(r *run) {
			r.evidence[0].doc = attesttest.Vulns(r.finished, attesttest.Vulnerability("CVE-2026-0001", "high", leftPad), attesttest.Vulnerability("CVE-2026-0002", "high", leftPad))
		}).policyText("artifacts:", baselineRule).file(BaselineFile, baseline("1", known)).chain().promote("dev", "build-job")
		d := w.check(enter("staging"))
		wantNot(t, d, Refused, "VULNERABILITY")
		if len(d.Reasons) != 1 {
			t.Errorf("reasons:%s", explain(d))
		}
	})
	t.Run("what comes to be exploited is new", func(t *testing.T) {
		w := newWorld(t).mod("scan", func(r *run) {
			v := attesttest.Vulnerability("CVE-2026-0001", "high", leftPad)
			v.Annotations[0].KEV = true
			r.evidence[0].doc = attesttest.Vulns(r.finished, v)
		}).policyText("artifacts:", baselineRule).file(BaselineFile, baseline("1", known)).chain().promote("dev", "build-job")
		wantNot(t, w.check(enter("staging")), Refused, "VULNERABILITY_EXPLOITED")
	})
	t.Run("its day comes", func(t *testing.T) {
		w := old("high").policyText("until: 2027-01-01T00:00:00Z", "until: 2026-11-22T12:00:00Z")
		d := w.check(enter("staging"))
		wantNot(t, d, Refused, "VULNERABILITY")
		if countCode(d.Warnings, CodeBaselineOver) != 1 {
			t.Errorf("it is not told:%s", explain(d))
		}
	})
	t.Run("what is gone is told", func(t *testing.T) {
		d := newWorld(t).policyText("artifacts:", baselineRule).file(BaselineFile, baseline("1", known)).chain().promote("dev", "build-job").check(enter("staging"))
		wantAllowed(t, d)
		if countCode(d.Warnings, CodeBaselineGone) != 1 {
			t.Errorf("it is not told:%s", explain(d))
		}
	})
	t.Run("incomplete evidence has no baseline", func(t *testing.T) {
		broken := func(r *run) {
			doc := attesttest.Findings("secrets", r.finished)
			doc.Complete = false
			r.evidence[0].doc = doc
		}
		w := newWorld(t).mod("source", broken).chain()
		if d := w.check(enter("dev")); slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Code == "SCAN_INCOMPLETE" && r.Key != nil && r.Key.Fingerprint != "" }) {
			t.Errorf("it can be named:%s", explain(d))
		}
	})
}

// The baseline only shrinks, and is for what the policy says.
func TestBaselineErrors(t *testing.T) {
	zeros, ones := strings.Repeat("0", 64), strings.Repeat("1", 64)
	entry := "{rule: vulnerabilities, fingerprint: \"" + zeros + "\"}"
	for name, c := range map[string]struct{ text, want string }{
		"grew":              {baseline("1", entry, strings.Replace(entry, zeros, ones, 1)), "it lists 2 findings, and its limit is 1"},
		"no limit":          {strings.Replace(baseline("1", entry), "limit: 1\n", "", 1), "its limit is 0"},
		"another rule":      {baseline("1", strings.Replace(entry, "vulnerabilities", "secrets", 1)), `the policy has no baseline for rule "secrets"`},
		"no fingerprint":    {baseline("1", "{rule: vulnerabilities}"), "expected 64 hex digits"},
		"wildcard":          {baseline("1", strings.Replace(entry, zeros, "*", 1)), "expected 64 hex digits"},
		"twice":             {baseline("2", entry, entry), "it stands twice"},
		"another kind":      {strings.Replace(baseline("1", entry), "kind: Baseline", "kind: Waivers", 1), "expected \"Baseline\""},
		"a word of its own": {baseline("1", strings.Replace(entry, "rule:", "rules:", 1)), `unknown key "rules"`},
	} {
		_, err := newWorld(t).policyText("artifacts:", baselineRule).file(BaselineFile, c.text).parse()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "policy/baseline.yaml:") {
			t.Errorf("%s: %v, expected %s", name, err, c.want)
		}
	}
	if _, err := newWorld(t).file(BaselineFile, baseline("1", entry)).parse(); err == nil || !strings.Contains(err.Error(), "the policy has no baseline") {
		t.Errorf("a file that nobody reads: %v", err)
	}
	if p := newWorld(t).policyText("artifacts:", baselineRule).file(BaselineFile, baseline("1", entry)).load(); p.Files[BaselineFile].IsZero() {
		t.Error("the policy's digest leaves the baseline out")
	}
}

// A fingerprint is the same in every run, whatever the artifact, and another for anything else.
func TestFingerprint(t *testing.T) {
	base := rules.Result{Rule: "vulnerabilities", Code: "VULNERABILITY", Key: rules.Key{Advisory: "CVE-1", PURL: leftPad, Subject: "sha256:a"}}
	same := base
	same.Key.Subject, same.Message, same.Evidence = "sha256:b", "other words", "sha256:c"
	if fingerprint(base) == "" || fingerprint(base) != fingerprint(same) {
		t.Error("it depends on the artifact")
	}
	for name, change := range map[string]func(*rules.Result){
		"rule": func(r *rules.Result) { r.Rule = "x" }, "code": func(r *rules.Result) { r.Code = "X" }, "advisory": func(r *rules.Result) { r.Key.Advisory = "CVE-2" },
		"purl": func(r *rules.Result) { r.Key.PURL += "1" }, "path": func(r *rules.Result) { r.Key.Path = "a" }, "own": func(r *rules.Result) { r.Key.Fingerprint = "f" },
	} {
		other := base
		change(&other)
		if fingerprint(other) == fingerprint(base) {
			t.Errorf("another %s, the same fingerprint", name)
		}
	}
	if fingerprint(rules.Result{Rule: "sbom", Key: rules.Key{Subject: "sha256:a"}}) != "" {
		t.Error("what is about nothing but the artifact has a fingerprint")
	}
}

// Waivers that accept nothing, that do not count yet, or that count for too long.
func TestWaiversAreReviewed(t *testing.T) {
	const rest = "reason: r, owner: o, expires: 2027-01-01T00:00:00Z}"
	unused := vulnerable("high")(t).waive("{rule: vulnerabilities, scope: {advisory: CVE-2026-7777, purl: \"pkg:npm/gone@1.0.0\"}, " + rest)
	d := unused.check(enter("staging"))
	if countCode(d.Warnings, CodeUnusedWaiver) != 1 || !strings.Contains(explain(d), "advisory CVE-2026-7777, purl pkg:npm/gone@1.0.0") {
		t.Errorf("unused:%s", explain(d))
	}
	used := vulnerable("high")(t).waive("{rule: vulnerabilities, scope: {advisory: CVE-2026-0001, everywhere: true}, " + rest)
	if d := used.check(enter("staging")); countCode(d.Warnings, CodeUnusedWaiver) != 0 {
		t.Errorf("used, and told as unused:%s", explain(d))
	}
	other := vulnerable("high")(t).waive("{rule: vulnerabilities, scope: {subject: \"sha256:" + strings.Repeat("a", 64) + "\"}, " + rest)
	if d := other.check(enter("staging")); countCode(d.Warnings, CodeUnusedWaiver) != 0 {
		t.Errorf("for another artifact, and told as unused:%s", explain(d))
	}
	early := vulnerable("high")(t).waive("{rule: vulnerabilities, scope: {advisory: CVE-2026-0001, everywhere: true}, from: 2026-11-23T00:00:00Z, " + rest)
	d = early.check(enter("staging"))
	wantNot(t, d, Refused, "VULNERABILITY")
	if countCode(d.Warnings, CodeEarlyWaiver) != 1 {
		t.Errorf("early:%s", explain(d))
	}
	early.at = now.Add(12 * time.Hour)
	wantAllowed(t, early.check(enter("staging")))

	bounded := func(waiver string) error {
		_, err := vulnerable("high")(t).policyText("artifacts:", "maxWaiver: 30d\nartifacts:").waive("{rule: vulnerabilities, scope: {advisory: CVE-2026-0001, everywhere: true}, reason: r, owner: o, " + waiver + "}").parse()
		return err
	}
	if err := bounded("from: 2026-11-01T00:00:00Z, expires: 2026-12-01T00:00:00Z"); err != nil {
		t.Errorf("30 days: %v", err)
	}
	for waiver, want := range map[string]string{
		"from: 2026-11-01T00:00:00Z, expires: 2026-12-01T00:00:01Z": "the policy allows 30d (maxWaiver)",
		"expires: 2026-12-01T00:00:00Z":                             "a waiver needs a day on which it begins",
		"from: 2026-11-01T00:00:00Z, expires: 2999-12-01T00:00:01Z": "the policy allows 30d (maxWaiver)",
	} {
		if err := bounded(waiver); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %s", waiver, err, want)
		}
	}
}
