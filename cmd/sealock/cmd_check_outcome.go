// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/precheck"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

// checkOutcome is a check in the form that services read: each finding once, however many environments refuse it, and the verdict of the check as a whole.
func checkOutcome(r precheck.Report, at time.Time) report.Outcome {
	g := &gatherer{said: map[string]bool{}, gate: map[string]string{}, out: report.Outcome{What: "check", Verdict: r.Verdict, Preview: true, Subject: attest.Subject{Name: r.Name}, At: at.UTC().Format(time.RFC3339), Version: version,
		Places: map[string]report.Place{}}}
	if r.Head != "" && r.Scope != precheck.Staged {
		g.out.Subject = attest.Subject{Name: fmt.Sprintf("%s@%.12s", r.Name, r.Head), Digest: attest.DigestSet{"gitCommit": r.Head}}
	}
	g.policy = slices.ContainsFunc(r.Trees, func(t precheck.Tree) bool { return len(t.Decisions) > 0 })
	for _, f := range r.Secrets {
		g.finding(&g.out.Reasons, f, predicate.KindSecrets, "SECRET_FOUND")
	}
	for _, t := range r.Trees {
		for _, f := range t.Secrets {
			g.finding(&g.out.Reasons, f, predicate.KindSecrets, "SECRET_FOUND")
		}
	}
	for _, t := range r.Trees {
		g.previews(r, t)
	}
	for _, x := range g.out.Reasons {
		if x.Key != nil {
			g.gate[sameAs(x)] = x.Key.Fingerprint
		}
	}
	for _, t := range r.Trees {
		g.news(t)
	}
	for _, u := range r.Undecided {
		g.out.Reasons = append(g.out.Reasons, gate.Reason{Code: "SCAN_INCOMPLETE", Message: u})
	}
	if n := len(r.Waived); n > 0 {
		g.out.Skipped = append(g.out.Skipped, gate.Skip{What: plural(n, "secret") + " in commits", Why: "waived by the policy"})
	}
	for _, n := range r.Notes {
		g.out.Skipped = append(g.out.Skipped, gate.Skip{What: "note", Why: n})
	}
	return g.out
}

// gatherer puts a check's findings together.
type gatherer struct {
	out    report.Outcome
	policy bool              // there is one, so a finding can be waived
	said   map[string]bool   // by what sameAs gives
	gate   map[string]string // fingerprints of what the gate said first, in its own words; likewise
}

// sameAs is equal for what is the same finding, in whatever words.
func sameAs(r gate.Reason) string {
	k := r.Key
	if k != nil && k.Advisory != "" && k.PURL != "" {
		return k.Advisory + " " + k.PURL
	}
	if k != nil && k.Fingerprint != "" {
		return k.Fingerprint
	}
	return r.Code + " " + r.Message
}

func (g *gatherer) add(to *[]gate.Reason, r gate.Reason) {
	if !g.policy {
		r.Rule = ""
	}
	if id := sameAs(r); !g.said[id] {
		g.said[id] = true
		*to = append(*to, r)
	}
}

// previews adds what the gate would say of one tree. Where not all environments say it, the message names those that do.
func (g *gatherer) previews(r precheck.Report, t precheck.Tree) {
	by := map[string][]string{} // environments
	for _, d := range t.Decisions {
		for _, reason := range d.Reasons {
			if id := sameAs(reason); !slices.Contains(by[id], d.Environment) {
				by[id] = append(by[id], d.Environment)
			}
		}
	}
	for _, d := range t.Decisions {
		g.out.Policy, g.out.Decisions = d.Policy, append(g.out.Decisions, d)
		part := report.Part{Name: d.Environment, Verdict: d.Verdict}
		if len(r.Trees) > 1 {
			part.Name = t.Ref + " " + d.Environment
		}
		if n := len(d.Reasons); n > 0 {
			part.Why = plural(n, "reason")
		}
		g.out.Parts = append(g.out.Parts, part)
		for _, reason := range d.Reasons {
			if in := by[sameAs(reason)]; len(in) < len(t.Decisions) {
				reason.Message += " (" + strings.Join(in, ", ") + ")"
			}
			g.add(&g.out.Reasons, reason)
		}
		for _, s := range d.Skipped {
			if !slices.Contains(g.out.Skipped, s) {
				g.out.Skipped = append(g.out.Skipped, s)
			}
		}
	}
	for _, d := range t.Decisions {
		for _, w := range d.Waived {
			if id := sameAs(w.Reason); !g.said[id] {
				g.said[id] = true
				g.out.Waived = append(g.out.Waived, w)
			}
		}
		for _, w := range d.Warnings {
			g.add(&g.out.Warnings, w)
		}
	}
}

// news adds what is new in a tree. Where there is a policy, what is grave speaks against only if the policy says so.
func (g *gatherer) news(t precheck.Tree) {
	to := func(grave bool) *[]gate.Reason {
		if grave && !g.policy {
			return &g.out.Reasons
		}
		return &g.out.Warnings
	}
	for _, f := range t.Config {
		g.finding(to(precheck.Grave(f.Severity)), f, predicate.KindConfig, "CONFIG_FINDING")
	}
	for _, v := range t.Vulns {
		for _, a := range v.Annotations {
			g.vulnerability(to(precheck.Serious(v)), v, a)
		}
	}
}

func (g *gatherer) finding(to *[]gate.Reason, f predicate.Finding, rule, code string) {
	r := gate.Reason{Code: code, Rule: rule, Message: fmt.Sprintf("%s:%d: %s (%s)", f.Path, max(f.Line, 1), f.Message, f.Rule), Expected: f.Expected, Found: cmp.Or(f.Found, "severity "+f.Severity),
		Fix: f.Fix, Key: &gate.WaiverScope{Advisory: f.Rule, Path: f.Path, Resource: f.Resource, Fingerprint: f.Fingerprint}}
	if f.Commit != "" {
		r.Message += fmt.Sprintf(" in commit %.12s", f.Commit)
		g.out.Places[f.Fingerprint] = report.Place{Commit: f.Commit}
	}
	g.add(to, r)
}

// vulnerability adds one in one package, and where the package is asked for.
func (g *gatherer) vulnerability(to *[]gate.Reason, v predicate.VulnResult, a predicate.VulnAnnotation) {
	r := gate.Reason{Code: "VULNERABILITY", Rule: "vulnerabilities", Message: fmt.Sprintf("%s in %s is %s", v.ID, a.PURL, precheck.Severity(v)), Found: "severity " + precheck.Severity(v),
		Key: &gate.WaiverScope{Advisory: v.ID, PURL: a.PURL, Fingerprint: attest.SHA256([]byte(v.ID + " " + a.PURL)).Hex}}
	if a.KEV {
		r.Code = "VULNERABILITY_EXPLOITED"
	}
	if len(a.FixedIn) > 0 {
		r.Fix = "upgrade " + a.PURL + " to " + strings.Join(a.FixedIn, " or ")
	}
	if len(a.Locations) > 0 {
		at := report.Place{File: strings.TrimPrefix(a.Locations[0], "/")}
		g.out.Places[r.Key.Fingerprint] = at
		if first, ok := g.gate[sameAs(r)]; ok {
			g.out.Places[first] = at
		}
	}
	g.add(to, r)
}
