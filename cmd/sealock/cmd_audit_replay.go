// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/audit"
	"github.com/sealock-dev/sealock/gate/report"
)

// errAudit says that a ledger, or a decision in it, is not what it should be. It has been printed.
var errAudit = verdictError{gate.Refused}

func (a *auditOptions) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show a recorded decision: its number, or its id (sha256:…)",
		Example: "  sealock audit show 12",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(ctx context.Context, l ledgerHandle, _ string) error {
				line, e, err := findEntry(ctx, l, args[0])
				if err != nil {
					return err
				}
				return a.show(ctx, l, line, e)
			})
		},
	}
}

// findEntry gives the entry of a number, or the first of a decision's id.
func findEntry(ctx context.Context, l audit.Ledger, id string) (audit.Line, audit.Entry, error) {
	q := audit.Query{Oldest: 1}
	if n, err := strconv.ParseInt(strings.TrimPrefix(id, "#"), 10, 64); err == nil && n > 0 {
		q.Seq = n
	} else if _, err := attest.ParseDigest(id); err == nil {
		q.Terms = []audit.Term{{Kind: "decision", Value: id}}
	} else {
		return audit.Line{}, audit.Entry{}, usagef("%q: expected the number of an entry, or the id of a decision (sha256:…)", id)
	}
	for line, err := range l.Lines(ctx, q) {
		if err != nil {
			return line, audit.Entry{}, err
		}
		e, err := audit.DecodeEntry(line.Raw)
		return line, e, err
	}
	return audit.Line{}, audit.Entry{}, usagef("the ledger has no entry %s\nhint: 'sealock audit list' shows what it has", id)
}

// shown is an entry with the documents that tell about it.
type shown struct {
	Hash     string        `json:"hash"`
	Entry    audit.Entry   `json:"entry"`
	Decision gate.Decision `json:"decision"`
	Case     *audit.Case   `json:"case,omitempty"`
}

func (a *auditOptions) show(ctx context.Context, l audit.Ledger, line audit.Line, e audit.Entry) error {
	x := shown{Hash: line.Hash, Entry: e}
	if sum := attest.SHA256(line.Raw).String(); sum != line.Hash {
		return fmt.Errorf("entry %d was edited: expected hash %s, found %s", e.Seq, line.Hash, sum)
	}
	if err := audit.ReadDocument(ctx, l, e.Document, &x.Decision); err != nil {
		return err
	}
	if e.Case != "" {
		x.Case = &audit.Case{}
		if err := audit.ReadDocument(ctx, l, e.Case, x.Case); err != nil {
			return err
		}
	}
	return a.eachOutput(func(w io.Writer, format string) error {
		if format == "json" {
			return jsonLines(w, []shown{x})
		}
		return a.showText(w, x)
	})
}

func (a *auditOptions) showText(w io.Writer, x shown) error {
	e := x.Entry
	rows := [][]string{{"entry", fmt.Sprintf("%d, %s, recorded %s", e.Seq, e.Kind, e.Time)}, {"hash", x.Hash}, {"decision", e.Decision},
		{"asked by", strings.TrimSpace(e.Actor.Via + " " + e.Actor.User + " " + e.Actor.Run)}, {"policy", fmt.Sprintf("%s version %d, %s", e.Policy.Name, e.Policy.Version, digests(e.Policy.Digest))},
		{"evaluator", e.Evaluator.Version + ", rules " + e.Evaluator.Rules}, {"trust root", e.TrustRoot}}
	if p := e.Promotion; p != nil {
		rows = append(rows, []string{"promoted", p.Resource + " by " + e.Actor.Name}, []string{"statement", p.Statement})
	}
	if m := e.Remedy; m != nil {
		rows = append(rows, []string{"remedy", m.Action + " of " + m.Target})
	}
	if x.Case != nil {
		rows = append(rows, []string{"evidence", fmt.Sprintf("%d statements, %d rejected", len(x.Case.Evidence), len(x.Case.Rejected))})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	return report.Text(w, x.Decision, report.Options{Color: a.color(w), Verbose: a.verbose})
}

func digests(set attest.DigestSet) string {
	var out []string
	for _, d := range set.Digests() {
		out = append(out, d.String())
	}
	return strings.Join(out, " ")
}

// table writes rows of texts from outside under each other.
func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = strings.ReplaceAll(report.Clean(c), "\t", " ")
		}
		fmt.Fprintln(t, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	return t.Flush()
}

func (a *auditOptions) replayCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "replay ID | --all",
		Short: "Decide again from what the ledger holds, and compare",
		Long: `Decide again from nothing but what the ledger holds: the policy, the trust root and the evidence of then, and the time for which it was decided.
Every signature is verified again. The decision must be the same, byte for byte; where another version of sealock or other rules decided then, the
verdict must be the same, and what differs is named. Decisions that were left open before evidence was judged have nothing to be decided from.`,
		Example: "  sealock audit replay 12\n  sealock audit replay --all -o json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) == 1) {
				return usagef("expected the entry to replay, or --all")
			}
			return a.with(cmd, func(ctx context.Context, l ledgerHandle, _ string) error {
				if all {
					return a.replayAll(ctx, l)
				}
				_, e, err := findEntry(ctx, l, args[0])
				if err != nil {
					return err
				}
				one, err := a.replayer(l).Replay(ctx, e)
				return a.printReplayed([]audit.Replayed{one}, []error{err}, err)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every decision in the ledger")
	return cmd
}

// replayer decides by policies as this program reads them.
func (a *auditOptions) replayer(l audit.Ledger) *audit.Replayer {
	return &audit.Replayer{Ledger: l, Version: version, Load: gate.LoadOptions{ParseKey: parseKey, Timeout: ruleTimeout},
		Root: func(json []byte) (attest.Digest, error) {
			root, err := sigstore.LoadTrustedRoot(json)
			if err != nil {
				return attest.Digest{}, err
			}
			return root.Digest(), nil
		},
		Verifier: func(p *gate.Policy, json []byte) (*attest.Verifier, error) {
			trust := sigstore.Trust{}
			if json != nil {
				root, err := sigstore.LoadTrustedRoot(json)
				if err != nil {
					return nil, err
				}
				trust = trustIn(p, root)
			}
			auth, err := sigstore.NewAuthenticator(p.Keys(), trust)
			if err != nil {
				return nil, err
			}
			return attest.NewVerifier(auth)
		}}
}

func (a *auditOptions) replayAll(ctx context.Context, l audit.Ledger) error {
	r := a.replayer(l)
	var out []audit.Replayed
	var errs []error
	for line, err := range l.Lines(ctx, audit.Query{Terms: []audit.Term{{Kind: "kind", Value: audit.KindDecision}}}) {
		if err != nil {
			return err
		}
		e, err := audit.DecodeEntry(line.Raw)
		if err != nil {
			return fmt.Errorf("entry %d: %w", line.Seq, err)
		}
		one, err := r.Replay(ctx, e)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		out, errs = append(out, one), append(errs, err)
	}
	return a.printReplayed(out, errs, nil)
}

// printReplayed tells what came of it; errs has an error for each that could not be replayed.
func (a *auditOptions) printReplayed(all []audit.Replayed, errs []error, single error) error {
	count := map[audit.Outcome]int{}
	failed := false
	for i, x := range all { //nolint:gosec // there is an error, or nil, for each
		if errs[i] != nil { //nolint:gosec // likewise
			failed = true
			all[i].Outcome, all[i].Detail = "failed", errs[i].Error() //nolint:gosec // likewise
			continue
		}
		count[x.Outcome]++
		failed = failed || x.Outcome == audit.Differs
	}
	if single != nil {
		return single
	}
	err := a.eachOutput(func(w io.Writer, format string) error {
		if format == "json" {
			return jsonLines(w, all)
		}
		var rows [][]string
		for _, x := range all {
			if x.Outcome != audit.Same || len(all) == 1 || a.verbose {
				rows = append(rows, []string{"#" + strconv.FormatInt(x.Seq, 10), string(x.Outcome), "was " + x.Recorded.String() + ", is " + x.Now.String(), x.Detail})
			}
		}
		if err := table(w, rows); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "%d decisions: %d same, %d same verdict, %d differ, %d open\n", len(all), count[audit.Same], count[audit.SameVerdict], count[audit.Differs], count[audit.Open])
		return err
	})
	if failed {
		return errors.Join(err, errAudit)
	}
	return err
}

func (a *auditOptions) whoHasCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "who-has PACKAGE | VULNERABILITY | DIGEST",
		Short: "Tell which artifacts have a package, a vulnerability or a digest, and where they were promoted and run",
		Long: `Look through the bills of materials and vulnerability scans behind every recorded decision. A package URL without version means every version; a
vulnerability is found by any of its ids that the scan names; a digest is looked for among artifacts, and in all that they were made from.

What runs is known from 'sealock drift' with the same --ledger, as of when it looked.

A vulnerability that no recorded scan knew of is not found: ask for the package. Nothing found exits with 0 as well.`,
		Example: `  sealock audit who-has pkg:maven/org.apache.logging.log4j/log4j-core
  sealock audit who-has CVE-2021-44228 -o json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd, func(ctx context.Context, l ledgerHandle, _ string) error {
				found, err := audit.WhoHas(ctx, l, args[0])
				var query *audit.QueryError
				if errors.As(err, &query) {
					return usageError{err}
				}
				if err != nil {
					return err
				}
				return a.printHolders(args[0], found)
			})
		},
	}
}

func (a *auditOptions) printHolders(what string, found []audit.Holder) error {
	return a.eachOutput(func(w io.Writer, format string) error {
		if format == "json" {
			return jsonLines(w, found)
		}
		for _, h := range found {
			fmt.Fprintln(w, report.Clean(h.Subject.Name+"@"+h.Subject.Digest.Primary().String()))
			var rows [][]string
			for i, m := range h.Matches {
				if i == 5 && !a.verbose {
					rows = append(rows, []string{"  …", fmt.Sprintf("%d more: -v shows them", len(h.Matches)-i)})
					break
				}
				rows = append(rows, []string{"  has", m.What, m.Package, m.Type})
			}
			for _, e := range h.Environments {
				promoted := "not known to be promoted"
				if e.Promoted != "" {
					promoted = "promoted " + e.Promoted
				}
				last := ""
				if e.Seq != 0 {
					last = fmt.Sprintf("last decision %s %s (#%d)", e.Verdict, e.At, e.Seq)
				}
				runs := "not recorded as running"
				if e.Running != "" {
					runs = "running " + e.Running
				}
				rows = append(rows, []string{"  in " + e.Environment, promoted, runs, last, e.Resource})
			}
			if err := table(w, rows); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(w, "%d artifacts have %s\n", len(found), report.Clean(what))
		return err
	})
}
