// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// maxRollbackReason bounds the reason that a rollback is signed with, in bytes.
const maxRollbackReason = 4096

func rollbackCommand(opt *options) *cobra.Command {
	p := &promoteOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "rollback SUBJECT --to ENV --dest HOST/REPOSITORY:TAG --reason TEXT",
		Short: "Put an older release in place of a newer one, on the record",
		Long: `Promote an older release than the one that the destination holds. It must satisfy the policy as it is now, as everything that is promoted: only its age
does not speak against it. The signed summary says what it replaced, and why.`,
		Example: `  sealock rollback registry.acme.io/dev/shop@sha256:… --to prod --dest registry.acme.io/prod/shop:current --reason "1.5 loses orders"`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case strings.TrimSpace(p.reason) == "" || len(p.reason) > maxRollbackReason:
				return usagef("a rollback needs a reason: --reason \"…\" (at most %d bytes)", maxRollbackReason)
			case p.dest == "":
				return usagef("a rollback needs the place that is rolled back: --dest HOST/REPOSITORY:TAG")
			}
			return p.run(cmd, args)
		},
	}
	p.flags(cmd)
	cmd.Flags().StringVar(&p.reason, "reason", "", "why; kept in the signed summary")
	cmd.Flags().BoolVar(&p.dryRun, "dry-run", false, "decide, and say what would be copied; sign and write nothing")
	return cmd
}
