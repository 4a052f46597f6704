// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// version of the program, part of every decision and receipt. Releases set it when they are linked.
var version = "0.1.0-dev"

func versionCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(opt.stdout, "sealock %s%s %s %s/%s\n", version, edition, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		}}
}
