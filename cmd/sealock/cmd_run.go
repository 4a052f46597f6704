// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

type runOptions struct {
	*options
	all     bool
	force   bool
	subject []string
	record  string
	dest    string
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

With --subject and --dest, the stage takes in an image of somebody else: who must have signed it stands in the policy (vendors of the stage). It is copied by
digest, scanned, and recorded beside the copy; the tag is moved last.

With --all every stage runs in the order of the policy, and the product is promoted through every environment that a key here may sign
for, until one refuses.`,
		Example: `  sealock run --all
  sealock run build
  sealock run build -- make image
  sealock run scan --subject oci-layout:out/shop
  sealock run import --subject quay.io/acme/app:1.4 --dest registry.acme.io/mirror/app:1.4`,
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
			switch {
			case r.dest != "" && (r.all || len(args) > 1):
				return usagef("--dest goes with one stage and one --subject, and no command")
			case r.dest != "":
				return r.importImage(ctx, args[0])
			case r.all:
				return r.runAll(ctx)
			}
			return r.runOne(ctx, args[0], args[1:])
		},
	}
	f := cmd.Flags()
	f.BoolVar(&r.all, "all", false, "run every stage and promote as far as the keys here may")
	f.BoolVar(&r.force, "force", false, "run even where nothing changed")
	f.StringArrayVar(&r.subject, "subject", nil, "run the stage about this subject instead of its own; may be repeated")
	f.StringVar(&r.dest, "dest", "", "take the subject in: copy it to HOST/REPOSITORY:TAG")
	f.StringVar(&r.record, "record", "", "do the work and write what happened to this file; sign nothing (see sealock attest --record)")
	return cmd
}

// runner opens what stages need and makes the runner. To take an image in needs no pipeline: without one it is one without stages.
func (r *runOptions) runner(ctx context.Context) (*worker, *stage.Runner, error) {
	opened, err := r.open(ctx, r.dest == "", true, r.subject...)
	if err != nil {
		return nil, nil, err
	}
	if opened.pipeline == nil {
		opened.pipeline = &stage.Pipeline{Name: opened.gate.Policy.Name, Stages: map[string]stage.Config{}}
	}
	a := opened.work()
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
	a, runner, err := r.runner(ctx)
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

func (r *runOptions) writeRecord(ctx context.Context, a *worker, runner *stage.Runner, name string) error {
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

// runID names the pipeline run: the CI's own, without the attempt, or a random one for this call. builder is who runs it.
func (h *host) runID() (run, builder string, err error) {
	const base = "https://github.com/sealock-dev/sealock/builder/"
	if h.getenv("GITHUB_ACTIONS") == "true" && h.getenv("GITHUB_RUN_ID") != "" {
		return h.getenv("GITHUB_SERVER_URL") + "/" + h.getenv("GITHUB_REPOSITORY") + "/actions/runs/" + h.getenv("GITHUB_RUN_ID"), base + "github-actions", nil
	}
	if h.getenv("GITLAB_CI") == "true" && h.getenv("CI_PIPELINE_URL") != "" {
		return h.getenv("CI_PIPELINE_URL"), base + "gitlab-ci", nil
	}
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", "", err
	}
	return "local:" + hex.EncodeToString(b[:]), base + "local", nil
}
