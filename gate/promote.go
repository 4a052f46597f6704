// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// Promotion is the predicate and the subjects of the VSA that records an allowed decision to enter an environment. A decision that is not
// that is an error: nothing else can be promoted.
func (p *Policy) Promotion(d Decision, leaves []attest.Subject, promoter attest.Identity) (predicate.VSA, []attest.Subject, error) {
	env := d.Environment
	switch {
	case d.Verdict != Allowed:
		return predicate.VSA{}, nil, fmt.Errorf("promoting to %s: the decision is %s", env, d.Verdict)
	case d.Question != Enter || env == "" || d.Preview:
		return predicate.VSA{}, nil, fmt.Errorf("promoting to %q: only a decision to enter an environment can be promoted", env)
	case d.Policy.Digest[p.Digest.Algorithm] != p.Digest.Hex:
		return predicate.VSA{}, nil, fmt.Errorf("promoting to %s: the decision was made by another policy", env)
	case !p.MaySign(promoter, p.Environments[env].PromotedBy):
		return predicate.VSA{}, nil, &attest.Reject{Code: CodeNotPromoter, Detail: fmt.Sprintf("%s may not promote to %s, expected one of %s", p.NameOf(promoter), env, list(p.Environments[env].PromotedBy))}
	}
	v := predicate.VSA{
		Verifier:           predicate.VSAVerifier{ID: predicate.VerifierID, Version: map[string]string{"sealock": d.Evaluator.Version}},
		TimeVerified:       d.At,
		ResourceURI:        d.Subject.Name + "@" + d.Subject.Digest.Primary().String(),
		Policy:             predicate.VSAPolicy{URI: d.Policy.URI, Digest: d.Policy.Digest, Name: p.Name},
		VerificationResult: "PASSED",
		VerifiedLevels:     []string{predicate.EnvironmentLevel + env},
		InputAttestations:  []predicate.InputAttestation{},
		SLSAVersion:        "1.0",
	}
	for _, in := range d.Inputs {
		id, err := attest.ParseDigest(in.Digest)
		if err != nil {
			return predicate.VSA{}, nil, fmt.Errorf("promoting to %s: input: %w", env, err)
		}
		v.InputAttestations = append(v.InputAttestations, predicate.InputAttestation{Digest: attest.DigestSet{id.Algorithm: id.Hex}})
	}
	return v, append([]attest.Subject{d.Subject}, leaves...), nil
}

// Approval is the predicate of an approval: bound to the environment, the policy and the newest receipt of the product stage. Who may not
// approve is told now rather than at the gate.
func (p *Policy) Approval(req Request, receipt, reason string, approver attest.Identity) (predicate.SVR, error) {
	env, ok := p.Environments[req.Environment]
	if !ok {
		return predicate.SVR{}, fmt.Errorf("the policy knows no environment %q: it has %s", req.Environment, list(p.EnvironmentOrder()))
	}
	if env.Approvals == nil {
		return predicate.SVR{}, fmt.Errorf("environment %q asks for no approval", req.Environment)
	}
	if !p.MaySign(approver, []string{env.Approvals.By}) {
		return predicate.SVR{}, &attest.Reject{Code: CodeSigner, Detail: fmt.Sprintf("%s may not approve for %s, expected one of %s", p.NameOf(approver), req.Environment, list(sortedKeys(p.expand([]string{env.Approvals.By}))))}
	}
	if p.samePerson(approver, env.Approvals.NotBy) {
		return predicate.SVR{}, &attest.Reject{Code: CodeSelfApproval, Detail: fmt.Sprintf("%s may not approve this: notBy lists %s", p.NameOf(approver), list(env.Approvals.NotBy))}
	}
	return predicate.SVR{
		Verifier:    predicate.SVRVerifier{ID: predicate.VerifierID, Policies: []predicate.VSAPolicy{{URI: p.URI, Digest: attest.DigestSet{p.Digest.Algorithm: p.Digest.Hex}, Name: p.Name}}},
		TimeCreated: predicate.Time(req.At),
		Properties:  []string{predicate.ApproveProperty + req.Environment},
		Reason:      reason,
		Expires:     predicate.Time(req.At.Add(time.Duration(env.Approvals.ValidFor))),
		Receipt:     receipt,
	}, nil
}

// NextApprover names somebody who may approve and whose approval is not among the inputs of a decision, or "".
func (p *Policy) NextApprover(d Decision) string {
	rule := p.Environments[d.Environment].Approvals
	if rule == nil {
		return ""
	}
	out := append([]string(nil), rule.NotBy...)
	for _, in := range d.Inputs {
		if in.PredicateType == predicate.TypeSVR || in.PredicateType == predicate.TypeSVRV02 {
			out = append(out, strings.Split(in.Signer, ", ")...)
		}
	}
	for _, name := range p.Expand([]string{rule.By}) {
		if !p.samePerson(p.signerNamed(name), out) {
			return name
		}
	}
	return ""
}

// ProductReceipt finds the receipt of the product stage in a decision about an environment, or "".
func (p *Policy) ProductReceipt(d Decision) string {
	for _, kind := range sortedKeys(p.Artifacts) {
		for _, s := range d.Stages {
			if s.Name == p.Artifacts[kind].Product && s.Receipt != "" {
				return s.Receipt
			}
		}
	}
	return ""
}

// Failed is the decision where the subject itself could not be made out: refused, or undecided if nothing is known.
func (p *Policy) Failed(req Request, version string, undecided bool, reason Reason) Decision {
	d := newDecision(p, req, version)
	d.refuse(reason)
	d.conclude(checks{undecided: undecided})
	return d
}

// Expand gives the single identities behind names, sorted.
func (p *Policy) Expand(names []string) []string { return sortedKeys(p.expand(names)) }

// LocalName is the NAME of an identity whose key is local:NAME, or "".
func (p *Policy) LocalName(identity string) string { return localName(p.Identities[identity].Key) }
