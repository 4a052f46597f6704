// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// at is the question as it is asked at the destination.
func (t *Transaction) at() gate.Request {
	req := t.Request
	req.Subject.Name, req.Repository = t.To.Name(), t.To.Repository()
	return req
}

// decide asks about the artifact where it lies, and then about what the destination holds.
func (t *Transaction) decide(ctx context.Context, r *Result) error {
	if err := t.step(ctx, StepDecide); err != nil {
		return err
	}
	r.Decision = t.Gate.Check(ctx, t.Request)
	if r.Decision.Verdict != gate.Allowed {
		return nil
	}
	if err := t.step(ctx, StepHolder); err != nil {
		return err
	}
	holder, err := t.To.Holder(ctx)
	if err != nil {
		return fmt.Errorf("looking up what %s means now: %w", t.To.Tag(), err)
	}
	if !holder.IsZero() {
		r.Holder = holder.String()
	}
	return t.checkHolder(ctx, r, holder)
}

// checkHolder refuses to put an older release in place of what the destination holds, or under a newer name.
func (t *Transaction) checkHolder(ctx context.Context, r *Result, holder attest.Digest) error {
	before, digest, err := t.To.Before(ctx)
	if err != nil {
		return fmt.Errorf("looking up the version before %s: %w", t.To.Tag(), err)
	}
	store, err := t.To.Open()
	if err != nil {
		return err
	}
	var held []gate.Held
	for _, h := range []gate.Held{{Tag: t.To.Tag(), Digest: holder}, {Tag: before, Digest: digest}} {
		if h.Digest.IsZero() || h.Digest == t.digest() {
			continue
		}
		if h.Decision, err = t.judge(ctx, store, h.Digest); err != nil {
			return err
		}
		held = append(held, h)
	}
	reason, known := t.Gate.Policy.Rollback(r.Decision, tagOf(t.To.Tag()), held)
	switch {
	case reason == nil && !known:
		t.say("%s holds something that no evidence of this policy is about, so whether it is newer is not known", t.To.Tag())
	case reason == nil:
	case t.Rollback != "":
		t.say("rollback: %s", reason.Message)
	case t.Gate.Policy.Environments[t.Request.Environment].Rollback == gate.RollbackAllow:
		t.say("rollback, which the policy allows: %s", reason.Message)
	default:
		r.Decision = t.Gate.Refuse(ctx, t.Request, r.Decision, *reason)
	}
	return nil
}

// judge asks about what the destination holds: only its stages matter, so whether it may stay does not.
func (t *Transaction) judge(ctx context.Context, store attest.Store, d attest.Digest) (gate.Decision, error) {
	req := t.at()
	req.Subject, req.Leaves, req.Skipped, req.Question = attest.Subject{Name: t.To.Name(), Digest: attest.DigestSet{d.Algorithm: d.Hex}}, nil, nil, gate.Stay
	found, rejected, err := t.over(store).Gather(ctx, req)
	if err != nil {
		return gate.Decision{}, fmt.Errorf("reading the evidence about %s, which %s means now: %w", d.Short(), t.To.Tag(), err)
	}
	return gate.Decide(ctx, t.Gate.Policy, req, found, rejected, t.Gate.Version), nil
}

// tagOf is what stands behind the last colon of a reference.
func tagOf(name string) string {
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[i+1:]
	}
	return name
}

// ask decides at the destination by what lies there alone.
func (t *Transaction) ask(ctx context.Context, store attest.Store, q gate.Question) gate.Decision {
	req := t.at()
	req.Question = q
	return t.over(store).Check(ctx, req)
}

// over decides by the same policy over what another store holds.
func (t *Transaction) over(store attest.Store) *gate.Gate {
	g := *t.Gate
	g.Store = store
	return &g
}
