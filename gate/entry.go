// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// checkEntry checks what only entering an environment asks for: the promotion to the one before, and approvals. To stay, the environment's own
// promotion stands for both.
func (a *attempt) checkEntry() {
	env := a.p.Environments[a.req.Environment]
	if a.req.Question == Stay {
		a.checkPromotion(a.req.Environment)
		return
	}
	if env.From != "" {
		a.checkPromotion(env.From)
	}
	if env.Approvals != nil {
		a.checkApprovals(*env.Approvals)
	}
}

// checkPromotion demands a VSA of an environment by one of its promoters, for this artifact under a policy of this name.
func (a *attempt) checkPromotion(env string) {
	req := Requirement{Name: "promotion to " + env}
	var best *statement
	var bestTime time.Time
	var bestBy []attest.Evidence
	var problem *Reason
	for _, st := range a.chains.ofType(predicate.TypeVSA) {
		if !st.st.About(a.req.Subject.Digest) {
			continue
		}
		by, t, p := a.judgePromotion(st, env)
		req.Candidates = append(req.Candidates, Candidate{Digest: st.id, Signer: a.chains.describe(st.signers[0].Signer()), Time: rfc3339(t), Failed: p})
		switch {
		case p != nil && (problem == nil || problem.Code == CodeVSAScope):
			problem = p
		case p == nil && (best == nil || t.After(bestTime) || (t.Equal(bestTime) && st.id > best.id)):
			best, bestTime, bestBy = st, t, by
		}
	}
	req.Met = best != nil
	a.trace = append(a.trace, req)
	if best != nil {
		a.input(best, bestBy, claimedTime(best.st), false)
		return
	}
	if problem != nil {
		a.refuse(*problem)
		return
	}
	a.refuse(Reason{Code: CodePromotionMissing, Message: fmt.Sprintf("%s was not promoted to %s", a.req.Subject, env), Expected: "a promotion signed by " + list(a.p.Environments[env].PromotedBy),
		Found: "none", Fix: fmt.Sprintf("sealock promote SUBJECT --to %s", env)})
}

// judgePromotion compares every field that ties a VSA to what it is offered for.
func (a *attempt) judgePromotion(st *statement, env string) ([]attest.Evidence, time.Time, *Reason) {
	var v predicate.VSA
	if err := predicate.Decode(st.st, &v); err != nil {
		return nil, time.Time{}, &Reason{Code: attest.CodeMalformedStatement, Message: "the promotion can't be read: " + err.Error(), Evidence: []string{st.id}}
	}
	scope := func(what, expected, found string) *Reason {
		return &Reason{Code: CodeVSAScope, Message: "the promotion is for another " + what, Expected: expected, Found: found, Fix: "promote this artifact: sealock promote SUBJECT --to " + env, Evidence: []string{st.id}}
	}
	level := predicate.EnvironmentLevel + env
	d := a.req.Subject.Digest.Primary()
	switch {
	case v.Verifier.ID != predicate.VerifierID:
		return nil, time.Time{}, scope("verifier", predicate.VerifierID, v.Verifier.ID)
	case v.VerificationResult != "PASSED":
		return nil, time.Time{}, scope("result", "PASSED", v.VerificationResult)
	case !contains(v.VerifiedLevels, level):
		return nil, time.Time{}, scope("environment", level, list(v.VerifiedLevels))
	case v.Policy.Name != a.p.Name:
		return nil, time.Time{}, scope("policy", a.p.Name, v.Policy.Name)
	case !strings.HasSuffix(v.ResourceURI, "@"+d.String()) && !a.childOf(st, v.ResourceURI):
		return nil, time.Time{}, scope("artifact", "…@"+d.String(), v.ResourceURI)
	}
	by, p := a.chains.signedBy(st, a.p.Environments[env].PromotedBy, 1)
	if p == nil {
		p = a.chains.revokedStatement(st)
	}
	t, _, err := when(by, v.TimeVerified)
	if p == nil && err != nil {
		p = &Reason{Code: CodeTimeInconsistent, Message: "the promotion has no sound time", Found: v.TimeVerified, Evidence: []string{st.id}}
	}
	if p == nil && t.After(a.req.At.Add(maxSkew)) {
		p = &Reason{Code: CodeTimeInFuture, Message: "the promotion lies in the future", Expected: "not after " + rfc3339(a.req.At), Found: rfc3339(t), Evidence: []string{st.id}}
	}
	return by, t, p
}

// childOf reports whether a promotion names, as its resource, another of its own subjects: the index whose platform this is.
func (a *attempt) childOf(st *statement, uri string) bool {
	for _, s := range st.st.Subject {
		if d := s.Digest.Primary(); !d.IsZero() && strings.HasSuffix(uri, "@"+d.String()) {
			return true
		}
	}
	return false
}

// checkApprovals counts distinct people among the approvals that hold.
func (a *attempt) checkApprovals(rule Approvals) {
	req := Requirement{Name: "approvals for " + a.req.Environment}
	people := map[string]*statement{}
	signers := map[string][]attest.Evidence{}
	var problem *Reason
	for _, st := range a.chains.ofType(predicate.TypeSVR, predicate.TypeSVRV02) {
		if !st.st.About(a.req.Subject.Digest) {
			continue
		}
		by, t, p := a.judgeApproval(st, rule)
		req.Candidates = append(req.Candidates, Candidate{Digest: st.id, Signer: a.chains.describe(st.signers[0].Signer()), Time: rfc3339(t), Failed: p})
		if p != nil {
			problem = p
			continue
		}
		for _, e := range by {
			person := a.p.person(e.Signer())
			if old := people[person]; old == nil || st.id > old.id {
				people[person], signers[person] = st, []attest.Evidence{e}
			}
		}
	}
	req.Met = len(people) >= rule.Threshold
	a.trace = append(a.trace, req)
	for _, person := range sortedKeys(people) {
		a.input(people[person], signers[person], claimedTime(people[person].st), false)
	}
	if req.Met {
		return
	}
	r := Reason{Code: CodeApprovalMissing, Message: fmt.Sprintf("%s asks for %s by %s and has %d", a.req.Environment, approvals(rule.Threshold), rule.By, len(people)),
		Expected: fmt.Sprintf("%s of %s", distinct(rule.Threshold), list(sortedKeys(a.p.expand([]string{rule.By})))), Found: fmt.Sprint(len(people)),
		Fix: fmt.Sprintf("sealock approve SUBJECT --env %s --reason \"…\"", a.req.Environment)}
	a.refuse(r)
	if problem != nil && len(a.chain.product) > 0 { // without a sound build every approval is for another one
		a.refuse(*problem)
	}
}

func (a *attempt) judgeApproval(st *statement, rule Approvals) ([]attest.Evidence, time.Time, *Reason) {
	var v predicate.SVR
	if err := predicate.Decode(st.st, &v); err != nil {
		return nil, time.Time{}, &Reason{Code: attest.CodeMalformedStatement, Message: "the approval can't be read: " + err.Error(), Evidence: []string{st.id}}
	}
	by, p := a.chains.signedBy(st, []string{rule.By}, 1)
	if p == nil {
		p = a.chains.revokedStatement(st)
	}
	created, _, err := when(by, v.TimeCreated)
	if p != nil {
		return nil, created, p
	}
	bad := func(code, msg, expected, found string) ([]attest.Evidence, time.Time, *Reason) {
		return nil, created, &Reason{Code: code, Message: msg, Expected: expected, Found: found, Fix: "approve again: sealock approve SUBJECT --env " + a.req.Environment, Evidence: []string{st.id}}
	}
	expires, err2 := time.Parse(time.RFC3339, v.Expires)
	property := predicate.ApproveProperty + a.req.Environment
	at := a.req.At
	switch {
	case v.Verifier.ID != predicate.VerifierID:
		return bad(CodeApprovalScope, "the approval is by another verifier", predicate.VerifierID, v.Verifier.ID)
	case !contains(v.Properties, property):
		return bad(CodeApprovalScope, "the approval is for another environment", property, list(v.Properties))
	case !a.bindsPolicy(v, rule):
		return bad(CodeApprovalScope, "the approval is for another policy", a.p.Name, policyNames(v))
	case !a.bindsReceipt(v):
		return bad(CodeApprovalScope, "the approval is for another build of the artifact", "a receipt of stage "+a.chain.stage, v.Receipt)
	case err != nil || err2 != nil:
		return bad(CodeTimeInconsistent, "the approval's times are not RFC 3339", "timeCreated and expires", v.TimeCreated+" and "+v.Expires)
	case created.After(at.Add(maxSkew)):
		return bad(CodeTimeInFuture, "the approval lies in the future", "not after "+rfc3339(at), rfc3339(created))
	case !at.Before(expires), at.Sub(created) > time.Duration(rule.ValidFor):
		return bad(CodeApprovalExpired, "the approval is past its time", "younger than "+rule.ValidFor.String()+" and before "+rfc3339(expires), rfc3339(created))
	}
	var allowed []attest.Evidence
	for _, e := range by {
		if !a.excluded(e.Signer(), rule.NotBy) {
			allowed = append(allowed, e)
		}
	}
	if len(allowed) == 0 {
		return bad(CodeSelfApproval, "the approver may not approve this", "anybody of "+rule.By+" but "+list(rule.NotBy), a.chains.describe(by[0].Signer()))
	}
	return allowed, created, nil
}

// excluded reports whether a signer, or the person behind it, is among those who may not approve: identities, and whoever signed a stage of the chain.
func (a *attempt) excluded(id attest.Identity, notBy []string) bool {
	if a.p.samePerson(id, notBy) {
		return true
	}
	who := a.p.person(id)
	for _, name := range notBy {
		stage, isStage := strings.CutPrefix(name, stagePrefix)
		for _, r := range a.chains.receipts {
			if _, counts := a.inputs[r.id]; !isStage || r.stage != stage || !counts {
				continue
			}
			for _, e := range r.statement.signers {
				if a.p.person(e.Signer()) == who {
					return true
				}
			}
		}
	}
	return false
}

func (a *attempt) bindsPolicy(v predicate.SVR, rule Approvals) bool {
	for _, p := range v.Verifier.Policies {
		if p.Name == a.p.Name && (rule.BindPolicy != "digest" || p.Digest[a.p.Digest.Algorithm] == a.p.Digest.Hex) {
			return true
		}
	}
	return false
}

func (a *attempt) bindsReceipt(v predicate.SVR) bool {
	for _, r := range a.chain.product {
		if r.id == v.Receipt {
			return true
		}
	}
	return false
}

func policyNames(v predicate.SVR) string {
	var out []string
	for _, p := range v.Verifier.Policies {
		out = append(out, p.Name)
	}
	return list(out)
}

func approvals(n int) string {
	if n == 1 {
		return "1 approval"
	}
	return fmt.Sprintf("%d approvals", n)
}

// distinct counts people who have to be different ones.
func distinct(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d distinct people", n)
}

func contains(l []string, s string) bool {
	for _, x := range l {
		if x == s {
			return true
		}
	}
	return false
}
