// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/spf13/cobra"

func doctorCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "doctor", Short: "Say what is missing here, and how to get it", Args: cobra.NoArgs}
}
