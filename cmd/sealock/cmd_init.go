// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/cmd/stage/initrepo"
	"github.com/sealock-dev/sealock/gate/report"
)

func initCommand(opt *options) *cobra.Command {
	var force, dryRun bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a sealock.yaml and a policy fitted to this repository",
		Long: `Look at the repository or folder, and write a sealock.yaml and a policy/ that fit it and work at once. Keys are made on the first run, in the
user's key folder, outside every tree. Files that exist are left alone (--force replaces them).`,
		Example: "  sealock init && sealock run --all",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			plan, err := initrepo.Inspect(ctx, opt.path("."), initrepo.Options{Now: opt.now(), Env: opt.environ, Force: force})
			if err != nil {
				return err
			}
			for _, line := range plan.Describe() {
				fmt.Fprintln(opt.stdout, report.Clean(line))
			}
			if dryRun {
				return nil
			}
			if _, err := plan.Write(opt.path(".")); err != nil {
				return usageError{err}
			}
			fmt.Fprintln(opt.stdout)
			for i, next := range plan.Next() {
				fmt.Fprintf(opt.stdout, "%s %s\n", [2]string{"next:", "then:"}[min(i, 1)], report.Clean(next))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace files that exist")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be written, write nothing")
	return cmd
}
