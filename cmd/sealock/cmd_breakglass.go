// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/admission"
)

func breakGlassCommand(opt *options) *cobra.Command {
	var reason, as string
	var validFor time.Duration
	cmd := &cobra.Command{
		Use:   "break-glass IMAGE --env ENV --reason TEXT",
		Short: "Sign that an image may run against a refusal, for a short time",
		Long: `Sign a break-glass statement: the image may run in the environment until the statement expires, whatever "sealock serve" finds. Only who is listed
under environments.ENV.breakGlass of the policy can; it is bound to the image's digest, the environment and the policy; and every use of it is logged, counted
and told to whoever sent the object.

It prints the annotation for the object, or for the pod template in it. Nothing is stored.`,
		Example: `  sealock break-glass registry.acme.io/shop/auth@sha256:… --env prod --for 2h --reason "INC-4711: login is down" --as alice`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			a, err := opt.open(ctx, false, false, args...)
			if err != nil {
				return err
			}
			return a.breakGlass(ctx, args[0], reason, as, validFor)
		},
	}
	opt.environmentFlag(cmd, "environment in which the image may run")
	cmd.Flags().StringVar(&reason, "reason", "", "why; kept in the statement and shown")
	cmd.Flags().StringVar(&as, "as", "", "identity of the policy whose local key signs")
	cmd.Flags().DurationVar(&validFor, "for", time.Hour, "how long it holds; the policy bounds it")
	return cmd
}

func (a *app) breakGlass(ctx context.Context, ref, reason, as string, validFor time.Duration) error {
	rule := a.gate.Policy.Environments[a.env].BreakGlass
	switch {
	case rule == nil:
		return usagef("environment %q has no breakGlass in the policy: nobody may", a.env)
	case strings.TrimSpace(reason) == "" || len(reason) > 4096:
		return usagef("breaking the glass needs a reason: --reason \"…\" (at most 4096 bytes)")
	}
	who := rule.By
	if as != "" {
		if _, ok := a.gate.Policy.Identities[as]; !ok {
			return usagef("the policy knows no identity %q; %s may break the glass", as, strings.Join(a.gate.Policy.Expand(who), ", "))
		}
		who = []string{as}
	}
	signer, err := a.signAs("break the glass of "+a.env, who)
	if err != nil {
		return err
	}
	res, err := a.resolve(ctx, ref)
	if err != nil {
		return err
	}
	if err := stage.Unlock(ctx, signer); err != nil {
		return fmt.Errorf("signing the break-glass statement: %w", err)
	}
	p, err := a.gate.Policy.BreakGlassStatement(a.request(res, a.env, gate.Stay), reason, validFor, signer.Identity())
	if err != nil {
		return usageError{err}
	}
	e, err := stage.Sign(ctx, a.gate.Verifier, signer, predicate.TypeSVR, p, res.Subject)
	if err != nil {
		return fmt.Errorf("signing the break-glass statement: %w", err)
	}
	a.say("glass broken for %s in %s by %s until %s; every use of it is logged", res.Subject, a.env, a.gate.Policy.NameOf(signer.Identity()), p.Expires)
	_, err = fmt.Fprintf(a.stdout, "%s: %s\n", admission.AnnotationBreakGlass, base64.StdEncoding.EncodeToString(e.Bundle()))
	return err
}
