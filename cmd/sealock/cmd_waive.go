// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

type waiveOptions struct {
	*options
	gate.Waiver
	until, decision string
	baseline        bool
}

func waiveCommand(opt *options) *cobra.Command {
	w := &waiveOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "waive FINDING --until DAY --reason TEXT --owner WHO | waive --baseline --decision FILE",
		Short: "Accept a finding for a time: write an entry into waivers.yaml of the policy",
		Long: `Write an entry into waivers.yaml of the policy folder; what stands there stays as it is. FINDING is an advisory (CVE-2026-0001) or the rule of a
scanner, with --rule and where it holds: --purl, --path, --resource, --subject or --fingerprint. With --decision, a decision in JSON, it is the number of
a reason, its fingerprint or its advisory, and the rest is taken from there. That an advisory is accepted wherever it turns up needs --everywhere.

With --baseline, write what a decision refuses into baseline.yaml, so that an old repository can start; the policy says for which rules and until when
(baseline). Once there is one, this only takes out what is mended: what is new stays out.`,
		Example: `  sealock waive CVE-2026-0001 --purl pkg:npm/left-pad@1.0.0 --until 2027-01-31 --reason "not reached" --owner alice
  sealock verify --env prod -o json=decision.json; sealock waive 1 --decision decision.json --until 2027-01-31 --reason "test data" --owner alice
  sealock waive --baseline --decision decision.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			switch {
			case w.baseline && len(args) == 0 && w.decision != "":
				return w.writeBaseline(ctx)
			case !w.baseline && len(args) == 1:
				return w.waive(ctx, args[0])
			}
			return usagef("expected a finding, or --baseline with --decision FILE")
		},
	}
	f := cmd.Flags()
	f.StringVar(&w.until, "until", "", "day on which the waiver ends, such as 2027-01-31, or a time with zone")
	f.StringVar(&w.Reason, "reason", "", "why the finding is accepted")
	f.StringVar(&w.Owner, "owner", "", "who answers for it")
	f.StringVar(&w.Ticket, "ticket", "", "where it is followed up")
	f.StringVar(&w.Rule, "rule", "", "rule of the gate (default vulnerabilities for advisories)")
	f.StringVar(&w.Scope.PURL, "purl", "", "only in this package, by its purl")
	f.StringVar(&w.Scope.Path, "path", "", "only in this file")
	f.StringVar(&w.Scope.Resource, "resource", "", "only in this resource of a configuration file")
	f.StringVar(&w.Scope.Subject, "subject", "", "only in this artifact, by its digest")
	f.StringVar(&w.Scope.Fingerprint, "fingerprint", "", "only this one finding")
	f.BoolVar(&w.Scope.Everywhere, "everywhere", false, "wherever the advisory turns up; with --subject: all that the rule finds in it")
	f.StringVar(&w.decision, "decision", "", "decision in JSON, as 'verify -o json' writes it")
	f.BoolVar(&w.baseline, "baseline", false, "write baseline.yaml instead")
	return cmd
}

// advisoryPrefixes are those of ids that name vulnerabilities.
var advisoryPrefixes = []string{"CVE-", "GHSA-", "GO-", "RUSTSEC-", "PYSEC-", "ALAS-", "RHSA-", "DSA-", "USN-", "ELSA-", "SUSE-", "OSV-"}

// waive appends to waivers.yaml, checks that the whole still reads, and replaces the file at once.
func (w *waiveOptions) waive(ctx context.Context, finding string) error {
	if w.Reason == "" || w.Owner == "" {
		return usagef("a waiver needs a reason and somebody who answers for it: --reason \"…\" --owner WHO")
	}
	expires, err := w.end()
	if err != nil {
		return err
	}
	a, err := w.open(ctx, false, false)
	if err != nil {
		return err
	}
	if err := w.name(finding); err != nil {
		return err
	}
	if w.decision == "" && w.Scope.PURL != "" && !strings.Contains(w.Scope.PURL, "@") {
		return usagef("--purl %s names no version, and a waiver holds for one package exactly: %s@VERSION", w.Scope.PURL, w.Scope.PURL)
	}
	w.From, w.Expires = w.now().UTC().Truncate(time.Second), expires
	file, data, err := a.policyFile("waivers.yaml")
	if err != nil {
		return err
	}
	out, err := gate.AddWaiver(file, data, w.Waiver, a.gate.Policy)
	if err != nil {
		return usageError{err}
	}
	if err := a.writePolicyFile(file, out); err != nil {
		return err
	}
	a.say("%s is accepted until %s: %s", w.Rule, w.Expires.Format(time.DateOnly), w.Scope)
	a.say("wrote %s; raise the policy's version and roll it out", file)
	return nil
}

func (w *waiveOptions) end() (time.Time, error) {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, w.until); err == nil {
			if !t.After(w.now()) {
				return time.Time{}, usagef("--until %s is over", w.until)
			}
			return t.UTC().Truncate(time.Second), nil
		}
	}
	return time.Time{}, usagef("--until %q: expected a day such as 2027-01-31, or a time with zone such as 2027-01-31T00:00:00Z", w.until)
}

// name finds out which rule and what a finding is about.
func (w *waiveOptions) name(finding string) error {
	if w.decision != "" {
		return w.fromDecision(finding)
	}
	if isFingerprint(finding) {
		w.Scope.Fingerprint = finding
	} else {
		w.Scope.Advisory = finding
	}
	for _, prefix := range advisoryPrefixes {
		if w.Rule == "" && strings.HasPrefix(finding, prefix) {
			w.Rule = "vulnerabilities"
		}
	}
	if w.Rule == "" {
		return usagef("which rule of the gate is %q a finding of?\nhint: say --rule, for example config, sast, secrets; or name a decision with --decision", finding)
	}
	return nil
}

func isFingerprint(s string) bool {
	d := attest.Digest{Algorithm: "sha256", Hex: s}
	return d.Validate() == nil
}

// minPrefix is how much of a fingerprint names a finding.
const minPrefix = 8

// fromDecision takes rule and scope from a reason of a decision.
func (w *waiveOptions) fromDecision(finding string) error {
	decisions, err := w.readDecisions(w.decision)
	if err != nil {
		return err
	}
	var reasons []gate.Reason
	for _, d := range decisions {
		reasons = append(reasons, d.Reasons...)
	}
	var found []gate.Reason
	if n, err := strconv.Atoi(finding); err == nil && n >= 1 && n <= len(reasons) {
		found = reasons[n-1 : n]
	} else {
		for _, r := range reasons {
			if r.Key != nil && (r.Key.Advisory == finding || len(finding) >= minPrefix && strings.HasPrefix(r.Key.Fingerprint, finding)) && w.within(*r.Key) {
				found = append(found, r)
			}
		}
	}
	switch {
	case len(found) == 0:
		return usagef("no reason of the %d in %s is %q", len(reasons), w.decision, finding)
	case len(found) > 1:
		return usagef("%d reasons are %q\nhint: name one by its number or fingerprint, or narrow it with --purl, --path or --resource", len(found), finding)
	}
	r := found[0]
	switch {
	case r.Rule == "" || !gate.Waivable(r.Code):
		return usagef("%s is no finding that could be accepted: %s", r.Code, r.Message)
	case r.Key == nil:
		return usagef("%s names nothing that a waiver could be about: %s", r.Code, r.Message)
	}
	key, given := *r.Key, w.Scope
	w.Rule, w.Scope = r.Rule, key
	w.Scope.Subject, w.Scope.Everywhere = given.Subject, given.Everywhere // of the next build it is another
	if key.Fingerprint == "" {
		w.Scope.Subject = key.Subject // it has no other name
	}
	if given.Everywhere {
		w.Scope = gate.WaiverScope{Advisory: key.Advisory, Everywhere: true}
	} else if key.PURL != "" {
		w.Scope.Fingerprint = given.Fingerprint // advisory and package say it all, and to people
	}
	return nil
}

// within reports whether a reason is where the flags say.
func (w *waiveOptions) within(key gate.WaiverScope) bool {
	for _, f := range [][2]string{{w.Scope.PURL, key.PURL}, {w.Scope.Path, key.Path}, {w.Scope.Resource, key.Resource}} {
		if f[0] != "" && f[0] != f[1] {
			return false
		}
	}
	return true
}

// maxDecisions bounds the decisions of one file.
const maxDecisions = 10_000

// readDecisions reads decisions in JSON, one or several after the other.
func (o *options) readDecisions(file string) ([]gate.Decision, error) {
	data, err := o.readReport(file, attest.MaxPayload)
	if err != nil {
		return nil, err
	}
	var out []gate.Decision
	for dec := json.NewDecoder(strings.NewReader(string(data))); ; {
		var raw json.RawMessage
		if err := dec.Decode(&raw); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, usagef("%s is no decision: %w\nhint: write one with -o json=FILE", file, err)
		}
		var d struct {
			gate.Decision
			Explained *gate.Decision `json:"decision"` // as 'explain' writes it
		}
		if err := attest.DecodeJSON(raw, &d); err != nil {
			return nil, usagef("%s is no decision: %w\nhint: write one with -o json=FILE", file, err)
		}
		if d.Explained != nil {
			d.Decision = *d.Explained
		}
		if d.Schema != gate.DecisionSchema || len(out) >= maxDecisions {
			return nil, usagef("%s: schema is %q, expected %q\nhint: write a decision with -o json=FILE", file, d.Schema, gate.DecisionSchema)
		}
		if d.Preview && o.command != "report" {
			return nil, usagef("%s is a preview, and nothing is done because of one\nhint: decide with 'sealock verify -o json=FILE'", file)
		}
		out = append(out, d.Decision)
	}
	if len(out) == 0 {
		return nil, usagef("%s holds no decision", file)
	}
	return out, nil
}

// writeBaseline begins a baseline, or takes out of it what a decision no longer has.
func (w *waiveOptions) writeBaseline(ctx context.Context) error {
	decisions, err := w.readDecisions(w.decision)
	if err != nil {
		return err
	}
	a, err := w.open(ctx, false, false)
	if err != nil {
		return err
	}
	p := a.gate.Policy
	if len(p.Baseline.Rules) == 0 {
		return usagef("the policy has no baseline\nhint: say in policy.yaml for which rules and until when: baseline: {rules: [config, sast], until: 2027-06-30T00:00:00Z}")
	}
	var found []gate.Baselined
	for _, d := range decisions {
		if d.Verdict == gate.Undecided {
			return usagef("%s is undecided: what was found is not known", w.decision)
		}
		for i, r := range append(d.Reasons, d.Warnings...) {
			told := i >= len(d.Reasons) && r.Code != gate.CodeBaselined
			if k := r.Key; !told && k != nil && k.Fingerprint != "" && known(r.Rule, p.Baseline.Rules) && gate.Waivable(r.Code) {
				found = append(found, gate.Baselined{Rule: r.Rule, Fingerprint: k.Fingerprint, Advisory: k.Advisory, PURL: k.PURL, Path: k.Path, Resource: k.Resource})
			}
		}
	}
	file, data, err := a.policyFile(gate.BaselineFile)
	if err != nil {
		return err
	}
	var before *gate.Baseline
	if data != nil {
		b, err := gate.ParseBaseline(file, data, p)
		if err != nil {
			return usageError{err}
		}
		before = &b
	}
	after, fresh, gone := before.Shrink(found)
	if _, err := gate.ParseBaseline(file, after.YAML(), p); err != nil {
		return usageError{err}
	}
	if err := a.writePolicyFile(file, after.YAML()); err != nil {
		return err
	}
	for _, x := range fresh {
		a.say("new, and not in the baseline: %s %s", x.Rule, strings.Join(strings.Fields(x.Path+" "+x.Resource+" "+x.PURL+" "+x.Advisory), " "))
	}
	a.say("wrote %s: %d findings, %d taken out; raise the policy's version and roll it out", file, len(after.Findings), len(gone))
	return nil
}

// policyFile reads a file of the policy folder, nil if it is not there. A policy that is no folder can't be written to.
func (a *app) policyFile(name string) (string, []byte, error) {
	uri := a.policy
	if uri == "" {
		uri = a.pipeline.Policy
	}
	folder := a.path(uri)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return "", nil, usagef("policy %s is no folder: write %s where the policy is kept", uri, name)
	}
	file := filepath.Join(folder, name)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil, nil
	}
	return file, data, err
}

func (a *app) writePolicyFile(file string, data []byte) error {
	if err := a.save(file, data); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}
