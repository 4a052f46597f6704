// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// text writes the view for people.
func (v policyView) text(line func(string, ...any)) {
	line("policy     %s version %d, expires %s", v.Name, v.Version, v.Expires)
	line("from       %s", v.URI)
	if v.Digest != "" {
		line("digest     %s", v.Digest)
		line("trust root %s", v.TrustRoot)
	} else {
		line("digest     not known: this machine lacks the local keys %s", strings.Join(v.Absent, ", "))
	}
	line("trust      %s%s", v.Trust.Sigstore, v.Trust.bounds())
	line("rules      %s", v.Rules)
	for _, f := range v.Files {
		line("  %-24s %s", f.Path, orNone(f.Digest))
	}
	line("identities")
	for _, id := range v.Identities {
		what := "any of " + strings.Join(id.AnyOf, ", ")
		switch {
		case id.Key != "":
			what = strings.TrimSpace(id.Key + " " + shortDigest(id.Digest))
		case id.Pattern != "":
			what = "certificates of " + id.Pattern + " by " + id.Issuer
		case id.Issuer != "":
			what = "certificates of " + id.Subject + " by " + id.Issuer
		}
		line("  %-16s %s%s%s", id.Name, what, prefixed("; builder ", nonEmpty(id.Builder)), validity(id))
		for _, claim := range sorted(id.Claims) {
			line("      %-36s %s", claim, strings.Join(id.Claims[claim], " or "))
		}
	}
	line("artifacts")
	for _, a := range v.Artifacts {
		line("  %-16s made by stage %s%s", a.Name, a.Product, prefixed(", lies in ", a.Repositories))
	}
	line("stages")
	for _, s := range v.Stages {
		line("  %-16s signed by %s%s%s%s", s.Name, strings.Join(s.Signers, ", "), prefixed("; after ", s.After), prefixed("; evidence ", s.Evidence), s.bounds())
	}
	for _, a := range v.Attached {
		line("  attached %-7s signed by %s%s", a.Type, strings.Join(a.SignedBy, ", "), prefixed("; for ", a.Artifacts))
	}
	v.textEnvironments(line)
	v.textRules(line)
}

func (v policyView) textEnvironments(line func(string, ...any)) {
	line("environments")
	for _, e := range v.Environments {
		protected := ""
		if e.Protected {
			protected = "; protected"
		}
		line("  %-16s %s; promoted by %s%s", e.Name, strings.Join(e.Path, " > "), strings.Join(e.PromotedBy, ", "), protected)
		for _, kind := range sorted(e.Stages) {
			line("      %-12s needs %s", kind, strings.Join(e.Stages[kind], ", "))
		}
		if a := e.Approvals; a != nil {
			line("      approvals    %d of %s, each for %s%s", a.Threshold, strings.Join(a.By, ", "), a.ValidFor, prefixed("; not by ", a.NotBy))
		}
	}
}

func (v policyView) textRules(line func(string, ...any)) {
	line("rules")
	for _, r := range v.Parameters {
		line("  %s", r.ID)
		for _, p := range r.Parameters {
			value := "none"
			if p.Value != nil {
				b, err := attest.EncodeJSON(p.Value)
				if value = string(b); err != nil {
					value = fmt.Sprint(p.Value)
				}
			}
			where := p.From
			if p.Environment != "" {
				where += ", on top of the above"
			}
			line("    %-18s %-24s %s", p.Name, value, where)
		}
	}
	for _, w := range v.Waivers {
		line("waived     %s %v by %s until %s: %s", w.Rule, w.Scope, w.Owner, predicate.Time(w.Expires), w.Reason)
	}
	for _, r := range v.Revoked {
		line("revoked    %s%s: %s", r.What, prefixed(" from ", nonEmpty(r.From)), r.Reason)
	}
}

func (t trustView) bounds() string {
	if t.Sigstore == gate.TrustNone {
		return ": keys alone"
	}
	out := fmt.Sprintf("; %d logs, %d time stamps", t.Logs, t.Timestamps)
	if t.Degraded != "" {
		out += "; without a log for " + t.Degraded
	}
	return out
}

func (s stageView) bounds() string {
	out := ""
	if s.Threshold > 1 {
		out += fmt.Sprintf("; %d signers", s.Threshold)
	}
	if s.Builders > 1 {
		out += fmt.Sprintf("; %d builders", s.Builders)
	}
	if s.MaxEnter != "" {
		out += "; at most " + s.MaxEnter + " old to enter"
	}
	if s.MaxStay != "" {
		out += "; at most " + s.MaxStay + " old to stay"
	}
	return out
}

func validity(id identityView) string {
	return prefixed(", from ", nonEmpty(id.From)) + prefixed(", until ", nonEmpty(id.Until))
}

func prefixed(prefix string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	return prefix + strings.Join(list, ", ")
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func orNone(s string) string {
	if s == "" {
		return "not here"
	}
	return s
}

func shortDigest(s string) string {
	if len(s) > 19 {
		return s[:19]
	}
	return s
}
