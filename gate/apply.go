// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
)

// Parameters of a rule that the gate itself reads.
const (
	paramMode      = "mode"      // refuse (default) or warn
	paramOnStay    = "onStay"    // the mode for the question stay
	paramEffective = "effective" // a day: warn before it, refuse from it on
)

// checkRules evaluates the rules over the chain's evidence: once with the parameters that hold everywhere and once with those of each environment
// on the way, so that an environment can only tighten what holds everywhere, or what an earlier one asks.
func (a *attempt) checkRules(ctx context.Context) {
	doc, err := a.document()
	if err != nil {
		a.did.undecided = true
		a.refuse(Reason{Code: attest.CodeMalformedStatement, Message: err.Error()})
		return
	}
	envs := []string{""}
	if a.kind != "" {
		envs = append(envs, a.p.Path(a.req.Environment)...)
	}
	shared, err := a.p.rules.Document(doc)
	if err != nil {
		a.did.undecided = true
		a.refuse(ruleError(err))
		return
	}
	seen := map[string]bool{}
	for _, env := range envs {
		params := a.p.Params(env)
		key, err := attest.EncodeJSON(params)
		if err == nil && seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		results, err := a.p.rules.Eval(ctx, rules.Input{Document: shared, Params: params, At: a.req.At})
		if err != nil {
			a.did.undecided = true
			a.refuse(ruleError(err))
			return
		}
		for _, r := range results {
			a.apply(r, params[r.Rule])
		}
	}
	a.did.rules = true
	a.checkExceptions(doc)
}

func ruleError(err error) Reason {
	var e *rules.Error
	if errors.As(err, &e) {
		message, _, _ := strings.Cut(err.Error(), "\nhint: ") // which is the fix
		return Reason{Code: e.Code, Message: "evaluating the rules: " + strings.TrimPrefix(message, "evaluating the rules: "), Fix: cmp.Or(e.Hint, "mend the rule; nothing is allowed while one can't be evaluated")}
	}
	return timeoutReason(err)
}

// apply turns one result of a rule into a reason, a warning, or something waived.
func (a *attempt) apply(res rules.Result, params map[string]any) {
	r := Reason{Code: res.Code, Rule: res.Rule, Message: res.Message, Expected: res.Expected, Found: res.Found, Fix: res.Fix}
	if res.Evidence != "" {
		r.Evidence = []string{res.Evidence}
	}
	if p := a.platform(res); p != "" {
		r.Message = p + ": " + r.Message
	}
	if k := keyOf(res); k != (WaiverScope{}) {
		r.Key = &k
	}
	waiver, known := a.waiver(res), a.baselined(res) // what they cover is noted even where it does not matter
	if res.Warn || a.softened(params) {
		a.warnings = append(a.warnings, r)
		return
	}
	if unwaivable[res.Code] {
		a.refuse(r)
		return
	}
	use, notes := a.excused(res)
	switch {
	case use != nil:
		a.waived = append(a.waived, Waived{By: "vex", Reason: r, VEX: use})
	case waiver != nil:
		a.waived = append(a.waived, Waived{By: "waiver", Reason: r, Waiver: *waiver})
	case known != nil:
		r.Key.Fingerprint = known.Fingerprint // by which the baseline knows it
		r.Message, r.Code = fmt.Sprintf("known since the baseline: %s (%s)", r.Message, r.Code), CodeBaselined
		a.warnings = append(a.warnings, r)
	default:
		a.warnings = append(a.warnings, notes...)
		a.refuse(r)
	}
}

// keyOf is all that a waiver can name of a result.
func keyOf(res rules.Result) WaiverScope {
	k := res.Key
	return WaiverScope{Advisory: k.Advisory, PURL: k.PURL, Path: k.Path, Resource: k.Resource, Subject: k.Subject, Fingerprint: fingerprint(res)}
}

// waiver is the first that covers a result; all that do are noted as used.
func (a *attempt) waiver(res rules.Result) *Waiver {
	var first *Waiver
	for i, w := range a.p.Waivers {
		if unwaivable[res.Code] || !a.req.At.Before(w.Expires) || a.req.At.Before(w.From) || !w.covers(res, a.req.Subject) {
			continue
		}
		a.usedUp[i] = true
		if first == nil {
			first = &a.p.Waivers[i]
		}
	}
	return first
}

// platform names the platform of an index that a result is about, or "" where it is about the whole.
func (a *attempt) platform(res rules.Result) string {
	about := func(is func(attest.Subject) bool) string {
		name := ""
		for _, leaf := range a.req.Leaves {
			if !is(leaf) {
				continue
			}
			if name != "" {
				return "" // several of them
			}
			name = leaf.String()
		}
		return name
	}
	if res.Key.Subject != "" {
		return about(func(leaf attest.Subject) bool { return leaf.Digest.Primary().String() == res.Key.Subject })
	}
	for _, r := range a.used {
		for _, e := range r.evidence {
			if e.id == res.Evidence {
				return about(func(leaf attest.Subject) bool { return e.st.About(leaf.Digest) })
			}
		}
	}
	return ""
}

// unwaivable are results about evidence that can't be judged, is not there, is about something else or contradicts itself: a waiver accepts a finding, not the
// lack of an answer.
var unwaivable = map[string]bool{"EVIDENCE_MALFORMED": true, "SCAN_INCOMPLETE": true, "TOOL_MISSING": true, "SBOM_MISSING": true, "SBOM_INVALID": true,
	"SBOM_ROOT_MISMATCH": true, "MATERIAL_MISMATCH": true, CodeTimeInconsistent: true}

// softened reports whether the parameters make a refusal of this rule a warning here.
func (a *attempt) softened(params map[string]any) bool {
	mode, _ := params[paramMode].(string)
	if onStay, ok := params[paramOnStay].(string); ok && a.req.Question == Stay {
		mode = onStay
	}
	if mode == "warn" {
		return true
	}
	day, ok := params[paramEffective].(string)
	if !ok {
		return false
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, day); err == nil {
			return a.req.At.Before(t)
		}
	}
	return false
}

func (w Waiver) covers(res rules.Result, subject attest.Subject) bool {
	return w.Rule == res.Rule && w.Scope.Covers(keyOf(res), res.Key.Aliases, subject)
}

// Covers reports whether a scope is about what a result in the artifact is about. Every field that is given must match exactly; an advisory and a fingerprint also by
// alias. A subject alone is about what has no other name, such as an SBOM that is empty: all findings in an artifact are a wildcard, which needs its word.
func (s WaiverScope) Covers(k WaiverScope, aliases []string, artifact attest.Subject) bool {
	switch {
	case s.Advisory != "" && s.Advisory != k.Advisory && !contains(aliases, s.Advisory):
		return false
	case s.PURL != "" && s.PURL != k.PURL, s.Path != "" && s.Path != k.Path, s.Resource != "" && s.Resource != k.Resource:
		return false
	case s.Fingerprint != "" && s.Fingerprint != k.Fingerprint && !contains(aliases, s.Fingerprint):
		return false
	case s.Subject != "" && s.Subject != k.Subject && s.Subject != artifact.Digest.Primary().String(): // a platform or a source, or the whole
		return false
	}
	return s != WaiverScope{Subject: s.Subject} || k.Fingerprint == ""
}

// document is the input of the rules: the verified chain, and nothing that is not verified.
func (a *attempt) document() (map[string]any, error) {
	evidence, err := a.ruleEvidence()
	if err != nil {
		return nil, err
	}
	stages := []any{}
	for _, r := range a.used {
		stages = append(stages, map[string]any{"name": r.stage, "receipt": r.id, "startedOn": r.link.Environment.StartedOn, "finishedOn": r.link.Environment.FinishedOn,
			"time": rfc3339(r.time), "materials": resources(r.link.Materials), "subjects": subjects(r.st.Subject), "claims": claims(r)})
	}
	return map[string]any{"question": string(a.req.Question), "environment": a.req.Environment, "at": rfc3339(a.req.At),
		"policy":  map[string]any{"name": a.p.Name, "version": a.p.Version},
		"subject": subjects([]attest.Subject{a.req.Subject})[0], "leaves": subjects(a.req.leaves()), "stages": stages, "evidence": evidence}, nil
}

// claims are those of the certificates that signed a receipt, issuer and subject included; what two of them say differently is left out.
func claims(r *receipt) map[string]any {
	out, differ := map[string]any{}, map[string]bool{}
	for _, e := range r.signers {
		id := e.Signer()
		if id.Key != "" {
			continue
		}
		all := maps.Clone(id.Claims)
		if all == nil {
			all = map[string]string{}
		}
		all["issuer"], all["subject"] = id.Issuer, id.Subject
		for name, value := range all {
			if have, ok := out[name]; ok && have != value {
				differ[name] = true
			}
			out[name] = value
		}
	}
	for name := range differ {
		delete(out, name)
	}
	return out
}

// ruleEvidence is the evidence of the current runs of the required stages, and what is attached. Evidence that must be about the artifact
// counts only about one of its platforms, by the newest run about that platform. Evidence that says no time of its own, as an SBOM, is as old as the run.
func (a *attempt) ruleEvidence() ([]any, error) {
	out := []any{}
	seen := map[string]bool{}
	add := func(stage string, e linked, claimed string, isLinked bool) error {
		if seen[stage+e.kind+e.id] {
			return nil
		}
		seen[stage+e.kind+e.id] = true
		doc, err := e.predicateDoc()
		if err != nil {
			return err
		}
		if own := claimedTime(e.st); own != "" {
			claimed = own
		}
		t, _, _ := when(e.by, claimed)
		var signed any = rfc3339(t) // a time that can't be read is written as "", which the rules refuse
		if claimed == "" && t.IsZero() {
			signed = nil // a type without a time, of which nobody vouches for one
		}
		out = append(out, map[string]any{"kind": e.kind, "predicateType": e.st.PredicateType, "stage": stage, "linked": isLinked, "digest": e.id,
			"subjects": subjects(e.st.Subject), "signer": a.chains.describe(e.by[0].Signer()), "time": signed, "predicate": doc})
		return nil
	}
	for _, stage := range a.required {
		for _, s := range a.chain.subjects {
			r := a.chain.newest(stage, s)
			if r == nil {
				continue
			}
			for _, e := range r.evidence {
				counts := e.st.About(s.Digest) && (!predicate.AboutArtifact[e.kind] || isOneOf(s, a.req.leaves()))
				if !counts || predicate.Types[e.kind] == nil {
					continue
				}
				if err := add(stage, e, r.link.Environment.FinishedOn, true); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, e := range a.attached {
		if err := add("", e, predicate.TimeOf(e.st), false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func isOneOf(s attest.Subject, all []attest.Subject) bool {
	for _, x := range all {
		if x.Digest.Matches(s.Digest) {
			return true
		}
	}
	return false
}

// predicateDoc is the predicate as the rules see it, decoded once.
func (s *statement) predicateDoc() (any, error) {
	if s.doc == nil {
		doc, err := attest.DecodeAny(s.st.Predicate)
		if err != nil {
			return nil, fmt.Errorf("reading predicate of %s: %w", s.id, err)
		}
		s.doc = doc
	}
	return s.doc, nil
}

func subjects(in []attest.Subject) []any {
	out := make([]any, 0, len(in))
	for _, s := range in {
		out = append(out, map[string]any{"name": s.Name, "digest": digests(s.Digest)})
	}
	return out
}

func resources(in []attest.ResourceDescriptor) []any {
	out := make([]any, 0, len(in))
	for _, m := range in {
		out = append(out, map[string]any{"name": m.Name, "uri": m.URI, "digest": digests(m.Digest)})
	}
	return out
}

func digests(s attest.DigestSet) map[string]any {
	out := map[string]any{}
	for alg, hex := range s {
		out[alg] = hex
	}
	return out
}
