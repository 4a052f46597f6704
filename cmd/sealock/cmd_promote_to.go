// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/promotion"
	"github.com/sealock-dev/sealock/gate/report"
)

// transact promotes to a destination. A foreign source, such as a pack, is a copy that nobody keeps.
func (p *promoteOptions) transact(ctx context.Context, a *app, refs []string, foreign bool) error {
	ref, err := a.toPromote(refs)
	if err != nil {
		return err
	}
	if _, ok := a.gate.Policy.Environments[a.env]; !ok {
		return usagef("the policy knows no environment %q: expected --to with one of %v", a.env, a.gate.Policy.EnvironmentOrder())
	}
	parsed, err := p.destination()
	if err != nil {
		return err
	}
	if !p.dryRun {
		a.unlockEarly(a.gate.Policy.Environments[a.env].PromotedBy)
	}
	d, res, err := a.resolveOne(ctx, ref)
	if err != nil {
		return err
	}
	if res == nil {
		return a.conclude([]gate.Decision{d}, []string{ref})
	}
	to, err := p.place(ctx, a, parsed, res)
	if err != nil {
		return a.failed(a.request(res, a.env, gate.Enter), err)
	}
	defer to.close()
	t, err := a.transaction(res, to, p)
	if err != nil {
		return err
	}
	t.Foreign = foreign
	return p.finish(ctx, a, t, ref, res)
}

// resolveOne resolves a subject once; where it can't be made out, there is a decision instead.
func (a *app) resolveOne(ctx context.Context, ref string) (gate.Decision, *subject.Resolved, error) {
	res, err := a.resolve(ctx, ref)
	if err == nil {
		return gate.Decision{}, res, nil
	}
	code := exitCode(err)
	if code == exitUsage {
		return gate.Decision{}, nil, err
	}
	req := gate.Request{Subject: attest.Subject{Name: ref, Digest: attest.DigestSet{}}, Environment: a.env, Question: gate.Enter, At: a.now().UTC()}
	return a.gate.Failed(ctx, req, code == exitUndecided, reasonOf(err)), nil, nil
}

// transaction fills in one promotion.
func (a *app) transaction(res *subject.Resolved, to place, p *promoteOptions) (*promotion.Transaction, error) {
	auth, err := a.policyAuthenticator(a.gate.Policy)
	if err != nil {
		return nil, err
	}
	var signer attest.Signer
	unlock := func(ctx context.Context) error {
		if err := stage.Unlock(ctx, signer); err != nil {
			return fmt.Errorf("signing the promotion to %s: %w", a.env, err)
		}
		return nil
	}
	return &promotion.Transaction{
		Gate: a.gate, Request: a.request(res, a.env, gate.Enter), To: to, Rollback: p.reason, Whole: p.whole, Before: a.beforeStep, Record: a.recordPromotion,
		List: func(ctx context.Context) { a.publish(ctx, res) },
		Say:  func(s string) { a.say("%s", s) },
		Promoter: func(ctx context.Context) (attest.Identity, error) {
			var err error
			if signer, err = a.signAs("promote to "+a.env, a.gate.Policy.Environments[a.env].PromotedBy); err != nil {
				return attest.Identity{}, err
			}
			if _, known := signer.(*lockedSigner); known { // by its public half; decrypting takes a while
				return signer.Identity(), nil
			}
			err = unlock(ctx)
			return signer.Identity(), err
		},
		Ready: unlock,
		Sign: func(ctx context.Context, v predicate.VSA, subjects []attest.Subject) (attest.Evidence, error) {
			return stage.Sign(ctx, a.gate.Verifier, signer, predicate.TypeVSA, v, subjects...)
		},
		Bundles: func(ctx context.Context, e attest.Evidence) ([]attest.Evidence, error) {
			return a.asStored(ctx, auth, e)
		},
	}, nil
}

// finish runs a promotion, or says what it would do.
func (p *promoteOptions) finish(ctx context.Context, a *app, t *promotion.Transaction, ref string, res *subject.Resolved) error {
	run := t.Run
	if p.dryRun {
		run = t.Plan
	}
	r, err := run(ctx)
	if err != nil {
		return a.failed(t.Request, err)
	}
	if p.dryRun {
		return a.showPlan(t, r, ref)
	}
	if r.Decision.Verdict == gate.Allowed {
		a.say("copied to %s: %s", t.To.Name(), moved(r))
		a.say("promoted to %s: %s is %s, %.19s signed by %s", a.env, t.To.Tag(), res.Subject.Digest.Primary().Short(), r.Summary.ID().String(), a.gate.Policy.NameOf(r.Summary.Signer()))
	}
	return a.conclude([]gate.Decision{r.Decision}, []string{ref})
}

// moved says what was moved, or would be.
func moved(r promotion.Result) string {
	return fmt.Sprintf("%d blobs with %d bytes, %d manifests; %d mounted, %d there already; %d pieces of evidence", r.Image.Blobs+r.Beside.Blobs, r.Image.Bytes+r.Beside.Bytes,
		r.Image.Manifests+r.Beside.Manifests, r.Image.Mounted+r.Beside.Mounted, r.Image.Present+r.Beside.Present, r.Evidence)
}

// planView is what a dry run prints as JSON.
type planView struct {
	Schema string `json:"schema"`
	Tag    string `json:"tag"`
	promotion.Result
}

// showPlan prints the decision, and what would be done if it allows.
func (a *app) showPlan(t *promotion.Transaction, r promotion.Result, ref string) error {
	err := a.eachOutput(func(w io.Writer, format string) error {
		if format == "json" {
			b, err := attest.EncodeJSON(planView{"sealock/promotion-plan/v1", t.To.Tag(), r})
			if err == nil {
				_, err = fmt.Fprintf(w, "%s\n", b)
			}
			return err
		}
		if err := report.Write(w, format, []gate.Decision{r.Decision}, a.text(w, ref)); err != nil || format != "text" || r.Decision.Verdict != gate.Allowed {
			return err
		}
		holder := "names nothing"
		if r.Holder != "" {
			holder = "names " + r.Holder
		}
		_, err := fmt.Fprintf(w, "plan: copy to %s: %s\nplan: %s, which %s, is to name %s\n", report.Clean(t.To.Name()), moved(r), report.Clean(t.To.Tag()), holder, r.Decision.Subject.Digest.Primary())
		return err
	})
	if err != nil {
		return err
	}
	return worst([]gate.Decision{r.Decision})
}
