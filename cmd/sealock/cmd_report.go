// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
	"github.com/sealock-dev/sealock/gate/report/html"
)

// maxTold is how many verdicts are told beside the files that have them all.
const maxTold = 10

// reportFile is written if no output is asked for.
const reportFile = "report.html"

func reportCommand(opt *options) *cobra.Command {
	var promoted bool
	cmd := &cobra.Command{
		Use:   "report [SUBJECT… --env ENV | DECISION.json]",
		Short: "Write a page about a decision: the chain, vulnerabilities, packages, flows, policy",
		Long: `Write one self-contained HTML page about a decision and the evidence behind it: the chain of stages, what broke and what to do next, vulnerabilities by
package, the packages of the bill of materials, who may talk to whom, the policy and the inputs by digest. The page needs no network, and runs no
script but its own. Without -o it is ` + reportFile + `; the other formats are as verify writes them.

For a subject it is decided first, as 'verify' does it. A decision in a file (DECISION.json, as -o json writes it) is shown as it stands and not made
again: its evidence is shown as far as the store has it and it verifies under the policy at hand. The exit code is the decision's in both cases; do not
let anything through because of one that somebody gave you.`,
		Example: `  sealock report oci-layout:out/shop --env prod -o html=report.html
  sealock report decision.json -o html=report.html`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(opt.output) == 0 {
				opt.output = []string{"html=" + reportFile}
			}
			ctx, cancel := opt.context(cmd)
			defer cancel()
			if len(args) == 1 && isDecisionFile(args[0]) {
				return opt.reportStored(ctx, args[0])
			}
			return opt.reportSubjects(ctx, args, promoted)
		},
	}
	opt.environmentFlag(cmd, "environment to decide for")
	cmd.Flags().BoolVar(&promoted, "promoted", false, "ask whether it may stay")
	return cmd
}

// isDecisionFile tells a decision in a file from a subject: one that is a file, or lies in one, has a colon behind what it is.
func isDecisionFile(arg string) bool {
	return strings.HasSuffix(arg, ".json") && !strings.Contains(strings.TrimPrefix(arg, filepath.VolumeName(arg)), ":")
}

// reportSubjects decides, and shows what was decided with the very evidence that it was decided from.
func (o *options) reportSubjects(ctx context.Context, refs []string, promoted bool) error {
	a, err := o.open(ctx, false, false, refs...)
	if err != nil {
		return err
	}
	kept := &keptEvidence{next: a.gate.Recorder, byDecision: map[string][]attest.Evidence{}}
	a.gate.Recorder = kept
	decisions, named, err := a.decide(ctx, refs, question(promoted))
	if err != nil {
		return err
	}
	cases := make([]html.Case, len(decisions))
	for i, d := range decisions {
		cases[i] = html.Case{Decision: d, Named: stage.WithoutCredentials(named[i]), Evidence: kept.byDecision[d.ID], Policy: a.gate.Policy}
	}
	return o.writeReport(cases, decisions)
}

// keptEvidence is a recorder that holds on to the evidence of each decision, and hands the record on.
type keptEvidence struct {
	next       gate.Recorder
	byDecision map[string][]attest.Evidence
}

// Record keeps the evidence, whatever the next recorder says.
func (k *keptEvidence) Record(ctx context.Context, r gate.Record) error {
	k.byDecision[r.Decision.ID] = r.Evidence
	if k.next == nil {
		return nil
	}
	return k.next.Record(ctx, r)
}

// reportStored shows decisions that were made before.
func (o *options) reportStored(ctx context.Context, file string) error {
	decisions, err := o.readDecisions(file)
	if err != nil {
		return err
	}
	cases := make([]html.Case, len(decisions))
	for i, d := range decisions {
		cases[i] = html.Case{Decision: d, Source: file}
		if err := intact(d); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	o.say("shown as %s has it, not decided again: 'sealock verify' decides", file)
	if err := o.findEvidence(ctx, cases); err != nil {
		for i := range cases {
			message, _, _ := strings.Cut(stage.WithoutCredentials(err.Error()), "\nhint: ")
			cases[i].Missing = "The evidence is not at hand: " + message
		}
	}
	return o.writeReport(cases, decisions)
}

// intact holds a decision against its own id. That shows an accident or a careless hand, not a forger's.
func intact(d gate.Decision) error {
	id := d.ID
	d.ID = ""
	raw, err := d.JSON()
	if err != nil {
		return err
	}
	if found := attest.SHA256(raw).String(); found != id {
		return usagef("the decision was edited, or written by another version: its id is %s, expected %s for what it says\nhint: decide again with 'sealock verify', or show the file as it was written", id, found)
	}
	return nil
}

// findEvidence gathers what the store has about stored decisions. What verifies under the policy at hand is evidence; the policy is shown only where it
// is the very one that decided.
func (o *options) findEvidence(ctx context.Context, cases []html.Case) error {
	var refs []string
	if r := cases[0].Decision.Repository; r != "" {
		refs = []string{r + "@" + cases[0].Decision.Subject.Digest.Primary().String()}
	}
	a, err := o.open(ctx, false, false, refs...)
	if err != nil {
		return err
	}
	for i, c := range cases {
		d := c.Decision
		evidence, _, err := a.gate.Gather(ctx, gate.Request{Subject: d.Subject, Leaves: d.Leaves})
		if err != nil {
			return err
		}
		cases[i].Evidence = evidence
		if p := a.gate.Policy; d.Policy.Digest[p.Digest.Algorithm] == p.Digest.Hex {
			cases[i].Policy = p
		}
		if len(evidence) == 0 {
			cases[i].Missing = "The evidence is not at hand: the store " + a.storeName + " has none about the artifact that verifies under the policy at hand."
		}
	}
	return nil
}

// writeReport writes every output that was asked for and gives the decisions' exit code.
func (o *options) writeReport(cases []html.Case, decisions []gate.Decision) error {
	var named []string
	for _, c := range cases {
		named = append(named, c.Named)
	}
	err := o.eachOutput(func(w io.Writer, format string) error {
		if format == "html" {
			return html.Write(w, html.Page{Cases: cases, Meaning: meaning})
		}
		return report.Write(w, format, decisions, o.text(w, named...))
	})
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(o.output, func(out string) bool { return !strings.Contains(out, "=") }) { // else the verdict was just printed
		for _, d := range decisions[:min(len(decisions), maxTold)] {
			o.say("%s", report.Headline(d, report.Options{}))
		}
	}
	for _, out := range o.output {
		if format, file, toFile := strings.Cut(out, "="); toFile && format == "html" {
			o.say("wrote %s", file)
		}
	}
	return worst(decisions)
}
