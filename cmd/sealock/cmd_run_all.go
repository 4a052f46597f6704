// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

// runAll runs every stage, then promotes.
func (r *runOptions) runAll(ctx context.Context) error {
	a, runner, err := r.runner(ctx)
	if err != nil {
		return err
	}
	defer a.closeDB()
	set := map[string]bool{}
	for _, name := range a.pipeline.Names() {
		set[name] = true
	}
	for _, name := range a.gate.Policy.StageOrder(set) {
		a.say("stage %s", name)
		res, err := runner.Run(ctx, name)
		if err != nil {
			return a.finishStage(ctx, runner, name, res, err)
		}
		a.printStage(res)
		if err := a.signProducts(ctx, runner, name, res); err != nil {
			return err
		}
		if err := worst(res.Decisions); err != nil { // a refused stage ends the run: nothing may build on it
			if renderErr := a.render(res.Decisions, ""); renderErr != nil {
				return renderErr
			}
			a.proposeRevocation(res.Decisions)
			return err
		}
	}
	return a.promoteAll(ctx)
}

// promoteAll asks about every environment in order, promotes where a key here may, and says what is next.
func (a *app) promoteAll(ctx context.Context) error {
	refs := a.productRefs()
	if len(refs) == 0 {
		a.say("no product: no stage of sealock.yaml is the product stage of a kind of artifact")
		return nil
	}
	var all []gate.Decision
	var failed error
	for _, ref := range refs {
		decisions, err := a.climb(ctx, ref)
		if err != nil {
			return err
		}
		all = append(all, decisions...)
		for _, d := range decisions {
			if d.Verdict != gate.Allowed && !waiting(d) && failed == nil {
				failed = verdictError{d.Verdict}
			}
		}
	}
	if len(a.output) > 0 {
		if err := a.render(all, ""); err != nil {
			return err
		}
	} else if _, err := io.WriteString(a.stdout, a.summary(all, refs)); err != nil {
		return fmt.Errorf("writing the verdicts: %w", err)
	}
	return failed
}

// climb takes one subject through the environments. It goes on asking after a refusal: the answer is wanted for each.
func (a *app) climb(ctx context.Context, ref string) ([]gate.Decision, error) {
	res, err := a.resolve(ctx, ref)
	if err != nil {
		return nil, err
	}
	var out []gate.Decision
	for _, env := range a.gate.Policy.EnvironmentOrder() {
		req := a.request(res, env, gate.Stay)
		if d := a.gate.Check(ctx, req); d.Verdict == gate.Allowed {
			out = append(out, d) // promoted before, and everything still holds
			continue
		}
		d := a.gate.Check(ctx, a.request(res, env, gate.Enter))
		out = append(out, d)
		if d.Verdict != gate.Allowed {
			continue
		}
		signer, err := a.signAs("promote to "+env, a.gate.Policy.Environments[env].PromotedBy)
		if err != nil {
			continue // allowed, and for somebody else to sign
		}
		if err := stage.Unlock(ctx, signer); err != nil {
			return nil, err
		}
		if a.key == "" && !a.gate.Policy.MaySign(signer.Identity(), a.gate.Policy.Environments[env].PromotedBy) {
			continue // the certificate of this job is not one that promotes there
		}
		if _, err := a.promote(ctx, d, res.Leaves(), signer); err != nil {
			return nil, err
		}
	}
	a.publish(ctx, res)
	return out, nil
}

// waiting reports whether all that speaks against is that people have not approved yet, or that an environment before waits for that: there
// is no promotion to it then, or only one to another environment.
func waiting(d gate.Decision) bool {
	if d.Verdict != gate.Refused {
		return false
	}
	for _, r := range d.Reasons {
		if r.Code != gate.CodeApprovalMissing && r.Code != gate.CodePromotionMissing && r.Code != gate.CodeVSAScope {
			return false
		}
	}
	return true
}

// summary ends a run: each environment's verdict, and what to type next.
func (a *app) summary(decisions []gate.Decision, refs []string) string {
	var b strings.Builder
	fmt.Fprintln(&b)
	next := ""
	for _, d := range decisions {
		o := a.text(a.stdout, "")
		fmt.Fprintln(&b, report.Headline(d, o))
		for i, r := range d.Reasons {
			if i == 3 && !a.verbose {
				fmt.Fprintf(&b, "  … and %d more: sealock verify%s --env %s\n", len(d.Reasons)-3, a.folderFlag(), d.Environment)
				break
			}
			fmt.Fprintf(&b, "  %s  %s\n", report.Clean(r.Code), report.Clean(r.Message))
		}
		if next == "" && d.Verdict != gate.Allowed {
			next = a.nextStep(d, refs[0])
		}
	}
	if next == "" {
		next = "sealock verify" + a.folderFlag() + " --env " + decisions[len(decisions)-1].Environment
	}
	fmt.Fprintf(&b, "\nnext: %s\n", next)
	return b.String()
}

func (a *app) nextStep(d gate.Decision, ref string) string {
	where := a.folderFlag()
	if who := a.gate.Policy.NextApprover(d); len(d.Reasons) > 0 && d.Reasons[0].Code == gate.CodeApprovalMissing && who != "" {
		return fmt.Sprintf("sealock approve%s %s --env %s --as %s --reason \"…\"", where, report.Word(ref), d.Environment, who)
	}
	return fmt.Sprintf("sealock explain%s %s --env %s", where, report.Word(ref), d.Environment)
}
