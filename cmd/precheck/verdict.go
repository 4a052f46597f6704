// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"slices"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// conclude judges the report. A secret in a commit is always refused, because it can't be taken back once it was sent. Of everything else the policy is
// the judge, by the preview; where there is none, what is new and grave is refused. Refused comes before undecided: it is known what to do.
func (c *checker) conclude() {
	r := c.report
	refused, open := len(r.Secrets) > 0, len(r.Undecided) > 0
	for _, t := range r.Trees {
		refused = refused || len(t.Secrets) > 0
		for _, d := range t.Decisions {
			refused, open = refused || d.Verdict == gate.Refused, open || d.Verdict == gate.Undecided
		}
		if c.opt.Policy == nil {
			refused = refused || slices.ContainsFunc(t.Config, func(f predicate.Finding) bool { return Grave(f.Severity) }) || slices.ContainsFunc(t.Vulns, Serious)
		}
	}
	switch {
	case refused:
		r.Verdict = gate.Refused
	case open:
		r.Verdict = gate.Undecided
	default:
		r.Verdict = gate.Allowed
	}
}

// Grave is what the gate's rules refuse where a policy does not say otherwise.
func Grave(severity string) bool {
	return severity == "critical" || severity == "high" || severity == "unknown"
}

// Serious reports whether a vulnerability is refused where there is no policy.
func Serious(v predicate.VulnResult) bool {
	return Grave(Severity(v)) || slices.ContainsFunc(v.Annotations, func(a predicate.VulnAnnotation) bool { return a.KEV })
}

// Severity is the level of a vulnerability in words.
func Severity(v predicate.VulnResult) string {
	for _, s := range v.Severity {
		if s.Method == "sealock" {
			return s.Score
		}
	}
	return "unknown"
}

// waived reports whether the policy accepts a secret in a commit, as it would accept it in a tree.
func (c *checker) waived(f predicate.Finding) bool {
	p := c.opt.Policy
	if p == nil {
		return false
	}
	now := c.opt.Now()
	for _, w := range p.Waivers {
		s := w.Scope
		if w.Rule == predicate.KindSecrets && now.Before(w.Expires) && !now.Before(w.From) && s.Advisory+s.PURL+s.Resource+s.Subject == "" && s.Path+s.Fingerprint != "" &&
			(s.Path == "" || s.Path == f.Path) && (s.Fingerprint == "" || s.Fingerprint == f.Fingerprint) {
			return true
		}
	}
	return now.Before(p.Baseline.Until) && slices.ContainsFunc(p.Known, func(b gate.Baselined) bool { return b.Rule == predicate.KindSecrets && b.Fingerprint == f.Fingerprint })
}
