// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/rules"
)

func policyLintCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "lint", Short: "Find rules of a policy that fail open", Args: cobra.NoArgs,
		Long: `Look through the policy's own Rego for rules that let through what they should refuse: refusals that become undefined where a field is missing,
versions, times and severities that are compared as text, "every" over what may be empty, and allow that is true by default. What is
found is a doubt, not a proof. Exits 0 if there is none, 1 if there is.`,
		Example: "  sealock policy lint --policy ./policy",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			p, _, err := opt.readPolicy(ctx, gate.Origin{})
			if err != nil {
				return err
			}
			doubts, err := rules.Lint(p.Modules())
			if err != nil {
				return err
			}
			if doubts == nil {
				doubts = []rules.Doubt{}
			}
			err = opt.renderValue(doubts, func(line func(string, ...any)) {
				for _, d := range doubts {
					line("%s:%d:%d: %s (%s)", d.Path, d.Line, d.Column, d.Message, d.Check)
					line("  do: %s", d.Hint)
				}
				if len(doubts) == 0 {
					line("nothing found in %s of Rego", plural(len(p.Modules()), "file"))
				}
			})
			if err == nil && len(doubts) > 0 {
				return verdictError{gate.Refused}
			}
			return err
		}}
}
