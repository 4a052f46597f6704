// SPDX-License-Identifier: Apache-2.0

//go:build gateonly

package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest/subject"
)

// edition tells builds apart that leave something out. This one judges, signs and moves evidence and is for those who enforce: it has no scanners,
// so that it starts in a third of the time and has a third of the size.
const edition = " (gateonly)"

// workCommands stand in for the commands that this build leaves out.
func workCommands(*options) []*cobra.Command {
	var out []*cobra.Command
	for name, short := range map[string]string{"run": "Run a stage", "sbom": "Print the SBOM of a subject", "scan": "Scan a subject", "db": "Look after the vulnerability data", "init": "Write a sealock.yaml and a policy", "audit": "Look into a ledger of decisions", "drift": "Hold what runs against what was promoted", "check": "Know before a push what the gate will say", "hook": "Check every push before it is sent", "report": "Write a page about a decision"} {
		out = append(out, &cobra.Command{Use: name, Short: short + " (not in this build)", DisableFlagParsing: true,
			RunE: func(*cobra.Command, []string) error { return leftOut(name) }})
	}
	return out
}

// leftOut says that a command is not in this build.
func leftOut(name string) error {
	return usagef("'sealock %s' is not in this build, which has no scanners (gateonly)\nhint: install the full one: go install github.com/sealock-dev/sealock/cmd/sealock@latest", name)
}

// finish needs scanners.
func (at *attestOptions) finish(context.Context) error { return leftOut("attest --record") }

// importReports needs what reads reports.
func (a *app) importReports(reportFlags, *subject.Resolved) ([]toSign, error) {
	return nil, leftOut("attest --sarif, --junit and --sbom")
}

// examineData has nothing to look at: nothing here uses vulnerability data.
func (d *doctor) examineData() {}

// scanFlags are none.
func (o *options) scanFlags(*cobra.Command) {}
