// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// BreakGlass says who may let an artifact into an environment against a refusal, and for how long at most.
type BreakGlass struct {
	By       []string `yaml:"by"`
	ValidFor Duration `yaml:"validFor"`
}

// BreakGlassProperty stands before the environment's name in the properties of a break-glass statement. It is no approval, and an approval is none.
const BreakGlassProperty = "SEALOCK_BREAK_GLASS:"

// maxBreakGlass bounds validFor: an emergency that lasts longer is a policy to be changed.
const maxBreakGlass = 7 * 24 * time.Hour

// Reason codes of break-glass statements.
const (
	CodeBreakGlass        = "BREAK_GLASS"
	CodeBreakGlassScope   = "BREAK_GLASS_SCOPE"
	CodeBreakGlassExpired = "BREAK_GLASS_EXPIRED"
)

var breakGlassDocs = []CodeDoc{
	{CodeBreakGlass, "A warning: the artifact was let in against a refusal, by a signed break-glass statement.", "Mend what was refused, and let the statement expire."},
	{CodeBreakGlassScope, "A break-glass statement is for another environment, policy or artifact, or the environment has no breakGlass.", "Sign one for this artifact: sealock break-glass SUBJECT --env ENV --reason …"},
	{CodeBreakGlassExpired, "A break-glass statement is past its time.", "Sign a new one if the emergency lasts."},
}

func (p *Policy) checkBreakGlass(places Places, at string, b BreakGlass) error {
	switch {
	case b.ValidFor <= 0:
		return places.Errorf(at+".validFor", "for example validFor: 4h", "what breaks the glass must expire")
	case time.Duration(b.ValidFor) > maxBreakGlass:
		return places.Errorf(at+".validFor", "", "is %s, at most %s", b.ValidFor, Duration(maxBreakGlass))
	}
	return p.checkNames(places, at+".by", b.By, true)
}

// Emergency is a break-glass statement that holds.
type Emergency struct {
	Statement string // sha256:… of the statement
	By        string // who signed it, as the policy calls them
	Reason    string
	Expires   time.Time
}

// BreakGlassStatement is the predicate of a statement that lets a subject into an environment against a refusal. Who may not sign it is told now.
func (p *Policy) BreakGlassStatement(req Request, reason string, validFor time.Duration, signer attest.Identity) (predicate.SVR, error) {
	env, ok := p.Environments[req.Environment]
	switch {
	case !ok:
		return predicate.SVR{}, fmt.Errorf("the policy knows no environment %q: it has %s", req.Environment, list(p.EnvironmentOrder()))
	case env.BreakGlass == nil:
		return predicate.SVR{}, fmt.Errorf("environment %q has no breakGlass in the policy: nobody may", req.Environment)
	case !p.MaySign(signer, env.BreakGlass.By):
		return predicate.SVR{}, &attest.Reject{Code: CodeSigner, Detail: fmt.Sprintf("%s may not break the glass of %s, expected one of %s", p.NameOf(signer), req.Environment, list(p.Expand(env.BreakGlass.By)))}
	case validFor <= 0 || validFor > time.Duration(env.BreakGlass.ValidFor):
		return predicate.SVR{}, fmt.Errorf("a break-glass statement for %s holds at most %s, asked for %s", req.Environment, env.BreakGlass.ValidFor, Duration(validFor))
	}
	return predicate.SVR{
		Verifier:    predicate.SVRVerifier{ID: predicate.VerifierID, Policies: []predicate.VSAPolicy{{URI: p.URI, Digest: attest.DigestSet{p.Digest.Algorithm: p.Digest.Hex}, Name: p.Name}}},
		TimeCreated: predicate.Time(req.At), Properties: []string{BreakGlassProperty + req.Environment}, Reason: reason, Expires: predicate.Time(req.At.Add(validFor)),
	}, nil
}

// JudgeBreakGlass finds, among verified statements, one that lets the subject of a request into its environment. Else the reason says why the
// last of them does not. An artifact that the policy revoked, or a platform of it as far as the request names them, stays out whatever
// was signed; and a policy that is expired, older than asked for or unfit for the
// environment says no more who may break the glass.
func (p *Policy) JudgeBreakGlass(req Request, evidence []attest.Evidence) (*Emergency, *Reason) {
	for _, s := range append([]attest.Subject{req.Subject}, req.Leaves...) {
		if r := p.revokedSubject(s); r != nil {
			return nil, r
		}
	}
	x := &decider{p: p, req: req, d: newDecision(p, req, "")}
	if x.checkPolicy(); len(x.d.Reasons) > 0 {
		return nil, &x.d.Reasons[0]
	}
	rule := p.Environments[req.Environment].BreakGlass
	if rule == nil {
		return nil, &Reason{Code: CodeBreakGlassScope, Message: fmt.Sprintf("environment %q has no breakGlass in the policy: nothing that was signed counts", req.Environment)}
	}
	why := &Reason{Code: CodeBreakGlassScope, Message: "there is no break-glass statement about this artifact", Expected: req.Subject.String()}
	set := newEvidenceSet(p, req.At, evidence)
	for _, st := range set.ofType(predicate.TypeSVR) {
		if !st.st.About(req.Subject.Digest) {
			continue
		}
		e, r := set.emergency(st, req, *rule)
		if r == nil {
			return e, nil
		}
		why = r
	}
	return nil, why
}

func (s *evidenceSet) emergency(st *statement, req Request, rule BreakGlass) (*Emergency, *Reason) {
	bad := func(code, message, expected, found string) (*Emergency, *Reason) {
		return nil, &Reason{Code: code, Message: message, Expected: expected, Found: found, Evidence: []string{st.id}}
	}
	var v predicate.SVR
	if err := predicate.Decode(st.st, &v); err != nil {
		return bad(attest.CodeMalformedStatement, "the break-glass statement can't be read: "+err.Error(), "", "")
	}
	by, r := s.signedBy(st, rule.By, 1)
	if r == nil {
		r = s.revokedStatement(st)
	}
	if r != nil {
		return nil, r
	}
	property := BreakGlassProperty + req.Environment
	created, err := time.Parse(time.RFC3339, v.TimeCreated)
	expires, err2 := time.Parse(time.RFC3339, v.Expires)
	if latest := created.Add(time.Duration(rule.ValidFor)); expires.After(latest) {
		expires = latest
	}
	switch {
	case v.Verifier.ID != predicate.VerifierID:
		return bad(CodeBreakGlassScope, "the break-glass statement is by another verifier", predicate.VerifierID, v.Verifier.ID)
	case !contains(v.Properties, property):
		return bad(CodeBreakGlassScope, "the statement does not break the glass of this environment", property, list(v.Properties))
	case !slices.ContainsFunc(v.Verifier.Policies, func(x predicate.VSAPolicy) bool { return x.Name == s.policy.Name }):
		return bad(CodeBreakGlassScope, "the break-glass statement is for another policy", s.policy.Name, policyNames(v))
	case strings.TrimSpace(v.Reason) == "":
		return bad(CodeBreakGlassScope, "the break-glass statement gives no reason", "a reason", "none")
	case err != nil || err2 != nil:
		return bad(CodeTimeInconsistent, "the statement's times are not RFC 3339", "timeCreated and expires", v.TimeCreated+" and "+v.Expires)
	case created.After(req.At.Add(maxSkew)):
		return bad(CodeTimeInFuture, "the break-glass statement lies in the future", "not after "+rfc3339(req.At), rfc3339(created))
	case !req.At.Before(expires):
		return bad(CodeBreakGlassExpired, "the break-glass statement is past its time", "before "+rfc3339(expires), rfc3339(req.At))
	}
	return &Emergency{Statement: st.id, By: s.describe(by[0].Signer()), Reason: v.Reason, Expires: expires}, nil
}
