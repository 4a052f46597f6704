// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// attest decides at the destination, signs, stores, and asks what lies there whether the artifact may stay.
func (t *Transaction) attest(ctx context.Context, r *Result, promoter attest.Identity) error {
	if err := t.step(ctx, StepThere); err != nil {
		return err
	}
	d := t.ask(ctx, t.there, gate.Enter)
	if r.Decision = d; d.Verdict != gate.Allowed {
		return nil
	}
	if err := t.step(ctx, StepSign); err != nil {
		return err
	}
	v, subjects, err := t.Gate.Policy.Promotion(d, t.Request.Leaves, promoter)
	if err != nil {
		return err
	}
	if t.Rollback != "" {
		v.Rollback = &predicate.VSARollback{From: r.Holder, Reason: t.Rollback}
	}
	if r.Summary, err = t.Sign(ctx, v, subjects); err != nil {
		return fmt.Errorf("signing the promotion to %s: %w", d.Environment, err)
	}
	if err := t.step(ctx, StepStore); err != nil {
		return err
	}
	if err := t.into.Put(ctx, r.Summary); err != nil {
		return fmt.Errorf("storing the promotion at %s: %w", t.To.Name(), err)
	}
	if to := besides(t.into); to != nil { // other tools find what was copied before the name is moved, too
		if err := to.Complete(ctx); err != nil {
			return err
		}
	}
	if err := t.step(ctx, StepList); err != nil {
		return err
	}
	t.list(ctx)
	return t.confirm(ctx, r)
}

// list writes the list of all evidence at the destination: one from before would hide the summary under what it covers.
func (t *Transaction) list(ctx context.Context) {
	if to := besides(t.into); to != nil {
		if err := to.Publish(ctx, t.digest(), t.covers); err != nil { // a cache: readers can do without
			t.say("the list of evidence was not written, so verifying takes more requests: %v", err)
		}
	}
}

// confirm asks what lies there, read once more, whether the artifact may stay.
func (t *Transaction) confirm(ctx context.Context, r *Result) error {
	if err := t.step(ctx, StepConfirm); err != nil {
		return err
	}
	fresh, err := t.To.Open()
	if err != nil {
		return err
	}
	stay := t.ask(ctx, fresh, gate.Stay)
	if stay.Verdict != gate.Allowed {
		r.Decision = stay
		return nil
	}
	if c, ok := fresh.(attest.Confirmer); ok {
		if err := c.Confirm(ctx, r.Summary); err != nil {
			return &StateError{CodeIncomplete, "the promotion was stored at the destination and is not found there: " + err.Error()}
		}
	}
	return t.record(ctx, r.Decision, r.Summary)
}

// record keeps the summary where the artifact came from as well: the next environment may be promoted to from there.
func (t *Transaction) record(ctx context.Context, d gate.Decision, e attest.Evidence) error {
	if err := t.step(ctx, StepRecord); err != nil {
		return err
	}
	return alongside(ctx, func(ctx context.Context) error {
		if t.Foreign {
			return nil
		}
		if err := t.Gate.Store.Put(ctx, e); err != nil {
			return fmt.Errorf("storing the promotion where the artifact came from: %w", err)
		}
		return nil
	}, func(ctx context.Context) error {
		if t.Record == nil {
			return nil
		}
		return t.Record(ctx, d, e)
	})
}

// publish moves the name, if it means what it meant when the release was compared with it, and looks it up again.
func (t *Transaction) publish(ctx context.Context, holder string) error {
	if err := t.step(ctx, StepLook); err != nil {
		return err
	}
	now, err := t.To.Holder(ctx)
	switch {
	case err != nil:
		return err
	case now == t.digest():
		return nil
	case named(now) != holder:
		return &StateError{CodeTagMoved, fmt.Sprintf("%s means %s now, and meant %s a moment ago: somebody else moved it\nhint: see what it is; to promote all the same, do it again", t.To.Tag(), orNothing(named(now)), orNothing(holder))}
	}
	if err := t.step(ctx, StepSwitch); err != nil {
		return err
	}
	if err := t.To.Switch(ctx); err != nil {
		return fmt.Errorf("moving %s: %w\nhint: all else is done; promote again to move it", t.To.Tag(), err)
	}
	if err := t.step(ctx, StepLookAgain); err != nil {
		return err
	}
	now, err = t.To.Holder(ctx)
	if err == nil && now != t.digest() {
		err = &StateError{CodeTagMoved, fmt.Sprintf("%s was moved and means %s: somebody else moved it at the same time", t.To.Tag(), orNothing(named(now)))}
	}
	return err
}

func named(d attest.Digest) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
