// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

type runOptions struct {
	*options
	all     bool
	force   bool
	subject []string
	record  string
}

func runCommand(opt *options) *cobra.Command {
	r := &runOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "run STAGE [-- COMMAND…] | run --all",
		Short: "Run a stage: check what came before, do the work, record it",
		Long: `Run a stage of sealock.yaml: ask the gate about the stages before it, run its command without keys and tokens, scan what
came out, sign the evidence and the receipt, store them, and ask the gate again.

If the command or a scanner does not complete, nothing is stored. If it completes, evidence and receipt are stored even where the gate
then refuses. A stage for which nothing changed since it last ran is not run again (--force runs it).

With --all every stage runs in the order of the policy, and the product is promoted through every environment that a key here may sign
for, until one refuses.`,
		Example: `  sealock run --all
  sealock run build
  sealock run build -- make image
  sealock run scan --subject oci-layout:out/shop`,
		Args: func(cmd *cobra.Command, args []string) error {
			named := args
			if at := cmd.ArgsLenAtDash(); at >= 0 {
				named = args[:at]
			}
			if r.all == (len(named) == 1) || len(named) > 1 || (r.all && len(args) > 0) {
				return errors.New("expected one stage, or --all")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			if r.all {
				return r.runAll(ctx)
			}
			return r.runOne(ctx, args[0], args[1:])
		},
	}
	f := cmd.Flags()
	f.BoolVar(&r.all, "all", false, "run every stage and promote as far as the keys here may")
	f.BoolVar(&r.force, "force", false, "run even where nothing changed")
	f.StringArrayVar(&r.subject, "subject", nil, "run the stage about this subject instead of its own; may be repeated")
	f.StringVar(&r.record, "record", "", "do the work and write what happened to this file; sign nothing (see sealock attest --record)")
	return cmd
}

// runner opens what stages need and makes the runner.
func (r *runOptions) runner() (*app, *stage.Runner, error) {
	a, err := r.open(true, true, r.subject...)
	if err != nil {
		return nil, nil, err
	}
	if err := a.pipeline.Check(a.gate.Policy); err != nil {
		return nil, nil, usageError{err}
	}
	run, builder, err := r.runID()
	if err != nil {
		return nil, nil, err
	}
	created, err := r.sourceDate()
	if err != nil {
		return nil, nil, err
	}
	return a, &stage.Runner{Dir: r.path("."), Pipeline: a.pipeline, Gate: a.gate, Now: r.now, Version: version, RunID: run, Builder: builder, Environ: r.environ, Exclude: a.exclude(), Own: a.own(), Registry: a.remote,
		OpenDB: a.db, Progress: r.watch(), Stderr: r.stderr, Force: r.force, Quiet: r.quiet, TempDir: os.TempDir(), Created: created,
		Signer: func(name string) (attest.Signer, error) {
			return a.signAs(fmt.Sprintf("sign stage %q", name), a.gate.Policy.Stages[name].SignedBy)
		}}, nil
}

func (r *runOptions) runOne(ctx context.Context, name string, command []string) error {
	a, runner, err := r.runner()
	if err != nil {
		return err
	}
	defer a.closeDB()
	if c, ok := a.pipeline.Stages[name]; ok && (len(command) > 0 || len(r.subject) > 0) {
		if len(command) > 0 {
			c.Run = command
		}
		if len(r.subject) > 0 {
			c.Subjects = r.subject
			c.Inputs = nil
			if len(a.gate.Policy.Stages[name].After) > 0 {
				c.Inputs = r.subject
			}
		}
		a.pipeline.Stages[name] = c
	}
	a.say("stage %s", name)
	if r.record != "" {
		return r.writeRecord(ctx, a, runner, name)
	}
	res, err := runner.Run(ctx, name)
	return a.finishStage(ctx, runner, name, res, err)
}

func (r *runOptions) writeRecord(ctx context.Context, a *app, runner *stage.Runner, name string) error {
	rec, err := runner.Record(ctx, name)
	if err != nil {
		return a.finishStage(ctx, runner, name, stage.Result{}, err)
	}
	data, err := attest.EncodeJSON(rec)
	if err != nil {
		return err
	}
	if err := a.write(r.record, true, func(w io.Writer) error { _, err := fmt.Fprintf(w, "%s\n", data); return err }); err != nil {
		return fmt.Errorf("writing record: %w", err)
	}
	a.say("wrote %s; sign it in another job: sealock attest --record %s", r.record, r.record)
	return nil
}

// finishStage prints what a stage came to, and its decisions. Where a form for programs is asked for, what kept the stage from being
// recorded is a decision too.
func (a *app) finishStage(ctx context.Context, runner *stage.Runner, name string, res stage.Result, err error) error {
	var refused *stage.RefusedError
	if errors.As(err, &refused) {
		if renderErr := a.render([]gate.Decision{refused.Decision}, ""); renderErr != nil {
			return renderErr
		}
		return err
	}
	if err != nil {
		return a.failed(gate.Request{Subject: attest.Subject{Name: a.pipeline.Name, Digest: attest.DigestSet{}}, Stage: name}, err)
	}
	a.printStage(res)
	signErr := a.signProducts(ctx, runner, name, res)
	for _, p := range res.Products {
		a.publish(ctx, p)
	}
	if err := a.render(res.Decisions, ""); err != nil {
		return err
	}
	if signErr != nil {
		return signErr
	}
	a.proposeRevocation(res.Decisions)
	return worst(res.Decisions)
}

// proposeRevocation says how to keep a refused artifact out whatever happens to the evidence against it: if the newest run of a stage is
// lost, the one before it counts.
func (a *app) proposeRevocation(decisions []gate.Decision) {
	for _, d := range decisions {
		if d.Verdict == gate.Refused {
			a.say("to keep %s out for good, even if this evidence is lost: sealock revoke%s --subject %s --reason \"…\"", d.Subject.String(), a.folderFlag(), d.Subject.Digest.Primary().String())
		}
	}
}

// failed writes an error that refuses, or leaves undecided, as a decision in the formats that were asked for, and gives the error back.
func (a *app) failed(req gate.Request, err error) error {
	code := exitCode(err)
	if len(a.output) == 0 || (code != exitRefused && code != exitUndecided) {
		return err
	}
	req.Question, req.At = gate.Enter, a.now().UTC()
	d := a.gate.Policy.Failed(req, version, code == exitUndecided, reasonOf(err))
	if renderErr := a.render([]gate.Decision{d}, ""); renderErr != nil {
		return errors.Join(err, renderErr)
	}
	return err
}

func (a *app) printStage(res stage.Result) {
	if res.Reused {
		a.say("  unchanged: receipt %.19s still counts", res.Receipt)
		return
	}
	for _, line := range res.Summary {
		if line != "" {
			a.say("  %s", line)
		}
	}
	a.say("  receipt  %.19s", res.Receipt)
}

// runAll runs every stage, then promotes.
func (r *runOptions) runAll(ctx context.Context) error {
	a, runner, err := r.runner()
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
		if _, err := a.promote(ctx, d, res.Leaves(), signer); err != nil {
			return nil, err
		}
	}
	a.publish(ctx, res)
	return out, nil
}

// signProducts leaves a plain cosign signature on what a product stage has just made in a registry.
func (a *app) signProducts(ctx context.Context, runner *stage.Runner, name string, res stage.Result) error {
	if res.Reused || !slices.ContainsFunc(slices.Collect(maps.Values(a.gate.Policy.Artifacts)), func(k gate.Artifact) bool { return k.Product == name }) {
		return nil
	}
	for _, p := range res.Products {
		if p.Location == "" {
			continue
		}
		signer, err := runner.Signer(name)
		if err != nil {
			return err
		}
		if err := a.signImage(ctx, p, signer); err != nil {
			return fmt.Errorf("stage %q: %w", name, err)
		}
	}
	return nil
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
				fmt.Fprintf(&b, "  … and %d more: sealock verify --env %s\n", len(d.Reasons)-3, d.Environment)
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

// folderFlag repeats -C in a command to type next.
func (a *app) folderFlag() string {
	if a.dir == "." {
		return ""
	}
	return " -C " + a.dir
}

func (a *app) nextStep(d gate.Decision, ref string) string {
	where := a.folderFlag()
	if who := a.gate.Policy.NextApprover(d); len(d.Reasons) > 0 && d.Reasons[0].Code == gate.CodeApprovalMissing && who != "" {
		return fmt.Sprintf("sealock approve%s %s --env %s --as %s --reason \"…\"", where, ref, d.Environment, who)
	}
	return fmt.Sprintf("sealock explain%s %s --env %s", where, ref, d.Environment)
}
