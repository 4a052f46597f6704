// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"errors"
	"maps"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// Preview asks what a policy would say of evidence that is only assumed. In it other keys speak for the identities of the policy, and nobody else does, but
// for stages of which Take found evidence; every decision is marked as a preview, is kept by no recorder, and can't be promoted. The policy itself stays as
// it is, and so does its digest.
//
// What a protected environment asks of everything around the artifact (a signed policy from outside, no key of the user's own) is left out: it says nothing
// about the artifact, and whoever enforces checks it.
type Preview struct {
	gate     *Gate
	policy   *Policy          // as it is
	taken    map[string]Taken // by stage
	evidence []attest.Evidence
	rejected []Rejection
}

// NewPreview wants, for each identity that signs something, the id of the key that stands for it, and a verifier that knows these keys alone.
func NewPreview(p *Policy, standIns map[string]string, v *attest.Verifier, s attest.Store, version string) (*Preview, error) {
	if len(standIns) == 0 {
		return nil, errors.New("a preview needs keys that stand for the policy's identities")
	}
	g, err := New(p, v, s, version)
	if err != nil {
		return nil, err
	}
	q := *p
	q.keys, q.names, q.certificates = map[string]trustedKey{}, map[string][]string{}, nil
	q.root, q.rootDigest, q.Trust = nil, attest.Digest{}, Trust{Sigstore: TrustNone, Log: LogNone}
	for name, key := range standIns {
		q.keys[name] = trustedKey{id: key, file: p.keys[name].file}
		q.names[key] = append(q.names[key], name)
	}
	q.Environments = maps.Clone(p.Environments)
	for name, e := range q.Environments {
		e.Protected = false
		q.Environments[name] = e
	}
	g.Policy = &q
	return &Preview{gate: g, policy: p}, nil
}

// Check is Gate.Check on what is assumed, and on what was taken.
func (x *Preview) Check(ctx context.Context, req Request) Decision {
	req.Preview = true
	if x.taken == nil {
		return x.gate.Check(ctx, req)
	}
	w, err := x.gate.gather(ctx, req)
	if err != nil {
		return x.gate.undecided(req, w.rejected, err)
	}
	evidence, rejected := x.admit(w)
	return decide(ctx, x.gate.Policy, req, evidence, links{}, rejected, x.gate.Version)
}

// Approval is Policy.Approval by a key that stands for an identity.
func (x *Preview) Approval(req Request, receipt, reason string, approver attest.Identity) (predicate.SVR, error) {
	return x.gate.Policy.Approval(req, receipt, reason, approver)
}

// Person is who stands behind a key: two of one person count once.
func (x *Preview) Person(id attest.Identity) string { return x.gate.Policy.person(id) }
