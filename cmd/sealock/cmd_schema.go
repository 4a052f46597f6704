// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/gate/schema"
)

func schemaCommand(opt *options) *cobra.Command {
	names := strings.Join(schema.Names(), ", ")
	return &cobra.Command{
		Use:   "schema " + strings.Join(schema.Names(), "|"),
		Short: "Print the JSON Schema of a file or of a decision",
		Long: `Print a JSON Schema (draft 2020-12): of sealock.yaml (pipeline), of the files of a policy (policy, waivers, baseline, revocations), or of a decision.
Editors use it to check and complete those files.`,
		Example:   "  sealock schema policy > policy.schema.json",
		Args:      cobra.ExactArgs(1),
		ValidArgs: schema.Names(),
		RunE: func(_ *cobra.Command, args []string) error {
			data, ok := schema.Get(args[0])
			if !ok {
				return usagef("there is no schema %q: expected one of %s", args[0], names)
			}
			_, err := opt.stdout.Write(data)
			return err
		},
	}
}
