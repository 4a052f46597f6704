// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import "github.com/spf13/cobra"

// edition tells builds apart that leave something out.
const edition = ""

// workCommands are the commands that run stages, scan, or help with either.
func workCommands(opt *options) []*cobra.Command {
	return []*cobra.Command{runCommand(opt), sbomCommand(opt), scanCommand(opt), dbCommand(opt), initCommand(opt), rulesCommand(opt), auditCommand(opt), driftCommand(opt), checkCommand(opt), hookCommand(opt), reportCommand(opt)}
}
