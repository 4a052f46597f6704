// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

func verifyCommand(opt *options) *cobra.Command {
	var promoted bool
	cmd := &cobra.Command{
		Use:   "verify [SUBJECT…] --env ENV",
		Short: "Decide whether an artifact may enter an environment, or stay in it",
		Long: `Verify the chain of signed evidence behind an artifact against the policy, and say whether it may enter the environment
(or, with --promoted, whether it may stay there). Without a subject, the pipeline's own products are meant.

Subjects: HOST/REPOSITORY@sha256:… or :TAG, git:REV, dir:PATH, file:PATH, oci-layout:DIR[@sha256:…], docker-archive:FILE. Evidence about an image lies
beside it in its repository, if neither --store nor sealock.yaml says otherwise.`,
		Example: `  sealock verify oci-layout:out/shop --env staging
  sealock verify --env prod -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return opt.answer(cmd, args, promoted, (*app).conclude)
		},
	}
	opt.environmentFlag(cmd, "environment to decide for")
	cmd.Flags().BoolVar(&promoted, "promoted", false, "ask whether it may stay: demands the promotion to the environment itself")
	return cmd
}

// answer decides about the subjects on the command line and hands the decisions on.
func (o *options) answer(cmd *cobra.Command, refs []string, promoted bool, show func(*app, []gate.Decision, []string) error) error {
	ctx, cancel := o.context(cmd)
	defer cancel()
	a, err := o.open(ctx, false, false, refs...)
	if err != nil {
		return err
	}
	decisions, named, err := a.decide(ctx, refs, question(promoted))
	if err != nil {
		return err
	}
	return show(a, decisions, named)
}

func question(promoted bool) gate.Question {
	if promoted {
		return gate.Stay
	}
	return gate.Enter
}

func explainCommand(opt *options) *cobra.Command {
	var promoted bool
	cmd := &cobra.Command{
		Use:   "explain [SUBJECT --env ENV | CODE]",
		Short: "Explain a decision requirement by requirement, or what a reason code means",
		Example: `  sealock explain oci-layout:out/shop --env prod
  sealock explain APPROVAL_MISSING`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && isCode(args[0]) {
				return explainCode(opt, args[0])
			}
			return opt.answer(cmd, args, promoted, (*app).explain)
		},
	}
	opt.environmentFlag(cmd, "environment to explain")
	cmd.Flags().BoolVar(&promoted, "promoted", false, "explain whether it may stay")
	return cmd
}

// explain writes each decision with its requirements, in every format asked for.
func (a *app) explain(decisions []gate.Decision, named []string) error {
	err := a.eachOutput(func(w io.Writer, format string) error {
		opt := a.text(w, named...)
		opt.Policy = a.gate.Policy
		return report.Explain(w, format, decisions, opt)
	})
	if err != nil {
		return err
	}
	return worst(decisions)
}

func isCode(s string) bool {
	return s != "" && strings.ToUpper(s) == s && !strings.ContainsAny(s, ":/.")
}

func explainCode(opt *options, code string) error {
	c, ok := documented(code)
	if !ok {
		return usagef("no reason code %q\nhint: %s", code, closest(code, slices.Collect(maps.Keys(codesByName())), "codes are listed in docs/codes.md"))
	}
	fmt.Fprintf(opt.stdout, "%s\n  %s\n  what to do: %s\n", c.Code, c.Meaning, c.Fix)
	return nil
}

// decide resolves subjects and asks the gate about each. A subject that can't be made out gives a decision too: refused or undecided.
func (a *app) decide(ctx context.Context, refs []string, q gate.Question) ([]gate.Decision, []string, error) {
	if a.env == "" {
		return nil, nil, usagef("no environment: give --env, one of %s", strings.Join(a.gate.Policy.EnvironmentOrder(), ", "))
	}
	if len(refs) == 0 {
		refs = a.productRefs()
	}
	if len(refs) == 0 {
		return nil, nil, usagef("no subject: name what to decide about, for example oci-layout:out/app or git:HEAD")
	}
	var out []gate.Decision
	for _, ref := range refs {
		d, _, err := a.decideOne(ctx, ref, a.env, q)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, d)
	}
	return out, refs, nil
}

// decideOne resolves a subject once and asks about it. What it was resolved to is given back, so that nobody resolves it again.
func (a *app) decideOne(ctx context.Context, ref, env string, q gate.Question) (gate.Decision, *subject.Resolved, error) {
	res, err := a.resolve(ctx, ref)
	if err == nil {
		return a.gate.Check(ctx, a.request(res, env, q)), res, nil
	}
	code := exitCode(err)
	if code == exitUsage {
		return gate.Decision{}, nil, err
	}
	req := gate.Request{Subject: attest.Subject{Name: ref, Digest: attest.DigestSet{}}, Environment: env, Question: q, At: a.now().UTC()}
	return a.gate.Failed(ctx, req, code == exitUndecided, reasonOf(err)), nil, nil
}

// conclude prints decisions and turns the worst of them into the exit code.
func (a *app) conclude(decisions []gate.Decision, named []string) error {
	if err := a.render(decisions, named...); err != nil {
		return err
	}
	return worst(decisions)
}

// worst is the error for the worst verdict, nil if all are allowed.
func worst(decisions []gate.Decision) error {
	if v := gate.Worst(decisions); v != gate.Allowed {
		return verdictError{v}
	}
	return nil
}
