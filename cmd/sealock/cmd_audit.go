// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/audit"
	"github.com/sealock-dev/sealock/gate/report"
)

// auditOptions are what the commands that look into a ledger have in common.
type auditOptions struct {
	*options
}

func auditCommand(opt *options) *cobra.Command {
	a := &auditOptions{opt}
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Look into the ledger of decisions: list, show, verify, replay, export, who-has",
		Long: `Look into a ledger of decisions. Commands that let artifacts through or refuse them (run, verify, promote, rollback, admit, serve, drift) write
to the file that --ledger or SEALOCK_LEDGER names; what can't be recorded there is undecided. Where none is named, they keep a ledger in the user's state
folder as far as it can be written, and say so where it can't; 'audit' reads the same. With "none" nothing is kept. (The build for enforcers keeps none for
verify and admit unless it is named.)

Each entry holds the hash of the one before it. An entry or document that was edited, removed or moved shows. What was cut off from the end shows by
the hash of a later entry: keep the one that 'audit verify' prints, or that a decision prints with -v, where those who can write to the file can't.

A ledger must not lie in a folder that is itself judged (dir:, git:), and not on a network file system.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("no command given")
		},
	}
	cmd.AddCommand(a.listCommand(), a.showCommand(), a.verifyCommand(), a.replayCommand(), a.exportCommand(), a.whoHasCommand())
	return cmd
}

// ledgerOpen opens the ledger that is named, to read it.
func (a *auditOptions) ledgerOpen(ctx context.Context) (ledgerHandle, string, error) {
	file, asked := a.ledgerFile()
	if file == "" {
		return nil, "", usagef("no ledger: name one with --ledger")
	}
	for _, out := range a.output {
		if format, _, _ := strings.Cut(out, "="); format != "text" && format != "json" {
			return nil, "", usagef("output format %q: a ledger is shown as text or json", format)
		}
	}
	l, err := readLedger(ctx, file)
	if errors.Is(err, fs.ErrNotExist) {
		if !asked {
			return nil, "", usagef("nothing was recorded yet: there is no ledger %s\nhint: decide with --ledger FILE, and name the same file here", file)
		}
		return nil, "", usagef("there is no ledger %s", file)
	}
	return l, file, err
}

// with opens the ledger and hands it to a command.
func (a *auditOptions) with(cmd *cobra.Command, do func(ctx context.Context, l ledgerHandle, file string) error) error {
	ctx, cancel := a.context(cmd)
	defer cancel()
	l, file, err := a.ledgerOpen(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, l, file), l.Close())
}

func (a *auditOptions) listCommand() *cobra.Command {
	var since, env, verdict, subject, code, kind string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List recorded decisions, the newest first",
		Example: `  sealock audit list --env prod --verdict refused --since 720h
  sealock audit list --subject sha256:… -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := audit.Query{Newest: limit}
			for k, v := range map[string]string{"environment": env, "verdict": verdict, "subject": subject, "code": code, "kind": kind} {
				if v != "" {
					q.Terms = append(q.Terms, audit.Term{Kind: k, Value: v})
				}
			}
			var err error
			if q.Since, err = a.since(since); err != nil {
				return err
			}
			if verdict != "" && !known(verdict, []string{"allowed", "refused", "undecided"}) {
				return usagef("--verdict %q: expected allowed, refused or undecided", verdict)
			}
			if limit < 0 {
				return usagef("--limit %d: expected 0 (all) or more", limit)
			}
			return a.with(cmd, func(ctx context.Context, l ledgerHandle, _ string) error { return a.list(ctx, l, q) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&since, "since", "", "only what was recorded from then on: a day, a time, or how long ago (2027-01-31, 2027-01-31T12:00:00Z, 72h)")
	f.StringVar(&env, "env", "", "only decisions about this environment")
	f.StringVar(&verdict, "verdict", "", "only allowed, refused or undecided")
	f.StringVar(&subject, "subject", "", "only decisions about this artifact: a digest, or a name as it was given")
	f.StringVar(&code, "code", "", "only decisions with this reason code")
	f.StringVar(&kind, "kind", "", "only entries of this kind: decision or promotion")
	f.IntVar(&limit, "limit", 50, "at most so many; 0: all, the oldest first")
	return cmd
}

// since reads a point in time, or how long it is ago.
func (a *auditOptions) since(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return a.now().Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usagef("--since %q: expected 2027-01-31, 2027-01-31T12:00:00Z, or 72h", s)
}

// recordedLine is one line of the list.
type recordedLine struct {
	Hash  string      `json:"hash"`
	Entry audit.Entry `json:"entry"`
}

func (a *auditOptions) list(ctx context.Context, l audit.Ledger, q audit.Query) error {
	var all []recordedLine
	for line, err := range l.Lines(ctx, q) {
		if err != nil {
			return err
		}
		e, err := audit.DecodeEntry(line.Raw)
		if err != nil {
			return fmt.Errorf("entry %d: %w\nhint: 'sealock audit verify' tells what is wrong with the ledger", line.Seq, err)
		}
		all = append(all, recordedLine{line.Hash, e})
	}
	return a.eachOutput(func(w io.Writer, format string) error {
		if format == "json" {
			return jsonLines(w, all)
		}
		rows := make([][]string, 0, len(all))
		for _, x := range all {
			rows = append(rows, a.row(x.Entry))
		}
		return table(w, rows)
	})
}

// row is an entry in a list.
func (a *auditOptions) row(e audit.Entry) []string {
	what := strings.ToUpper(e.Verdict.String())
	var codes []string
	for _, r := range e.Reasons {
		if len(codes) == 0 || codes[len(codes)-1] != r.Code {
			codes = append(codes, r.Code)
		}
	}
	if e.Promotion != nil {
		what, codes = "PROMOTED", []string{"by " + e.Actor.Name}
	}
	if e.Remedy != nil {
		what, codes = "REMEDY", []string{e.Remedy.Action + " of " + e.Remedy.Target}
	}
	env := e.Environment
	if env == "" {
		env = "stage " + e.Stage
	}
	if e.Question != "enter" {
		env += " (" + string(e.Question) + ")"
	}
	return []string{"#" + strconv.FormatInt(e.Seq, 10), e.When().UTC().Format("2006-01-02 15:04:05Z"), env, what, e.Subject.String(), strings.Join(codes, ", ")}
}

func jsonLines[T any](w io.Writer, all []T) error {
	for _, x := range all {
		b, err := attest.EncodeJSON(x)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", b); err != nil {
			return err
		}
	}
	return nil
}

// verifyCommand checks a ledger, or an export of one.
func (a *auditOptions) verifyCommand() *cobra.Command {
	var opt audit.Options
	cmd := &cobra.Command{
		Use:   "verify [EXPORT]",
		Short: "Check that the ledger, or an export of it, is as it was written",
		Long: `Check every entry, its place in the chain, every document that it rests on, and the indexes beside them. The first entry that is wrong is named.

With --head, an entry of that hash must be there: the one place where those who can write to the file can't hide that its end was cut off, or that all
of it was written anew.`,
		Example: `  sealock audit verify --head sha256:…
  sealock audit verify ledger.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if d, err := attest.ParseDigest(opt.Head); opt.Head != "" && (err != nil || d.Algorithm != "sha256") {
				return usagef("--head %q: expected sha256:… as 'audit verify' prints it", opt.Head)
			}
			if len(args) == 1 {
				return a.verifyExport(args[0], opt)
			}
			return a.with(cmd, func(ctx context.Context, l ledgerHandle, file string) error {
				r, err := audit.Verify(ctx, l, opt)
				if err != nil {
					return err
				}
				return a.printVerified(file, r)
			})
		},
	}
	cmd.Flags().StringVar(&opt.Head, "head", "", "hash of an entry that is known from elsewhere, and must be there")
	return cmd
}

func (a *auditOptions) verifyExport(file string, opt audit.Options) error {
	f, err := os.Open(a.path(file))
	if err != nil {
		return usagef("reading export: %w", err)
	}
	defer f.Close()
	r, err := audit.VerifyExport(f, opt)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return a.printVerified(file, r)
}

func (a *auditOptions) printVerified(file string, r *audit.Report) error {
	err := a.eachOutput(func(w io.Writer, format string) error {
		if format == "json" {
			return jsonLines(w, []*audit.Report{r})
		}
		var b strings.Builder
		for i, f := range r.Faults {
			at := ""
			if f.Seq != 0 {
				at = fmt.Sprintf("entry %d: ", f.Seq)
			}
			if i == 10 && !a.verbose {
				fmt.Fprintf(&b, "  … and more: -v shows them\n")
				break
			}
			fmt.Fprintf(&b, "  x %s%s\n", at, report.Clean(f.What))
		}
		state := "is as it was written"
		if !r.Sound() {
			state = "is NOT as it was written"
		}
		_, err := fmt.Fprintf(w, "%s %s: %d entries, %d documents\n%shead %s\n", report.Clean(file), state, r.Entries, r.Documents, b.String(), r.Head)
		return err
	})
	if err == nil && !r.Sound() {
		err = errAudit
	}
	return err
}

func (a *auditOptions) exportCommand() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "export [--to FILE]",
		Short: "Write the whole ledger as JSON lines, which can be verified without it",
		Long: `Write the whole ledger as JSON lines: each document once, in base64, before the first entry that rests on it; each entry with its hash; last the
head. 'sealock audit verify FILE' checks it, and so can anybody: the hash of an entry is the sha256 of its bytes as they stand in the line.`,
		Example: "  sealock audit export --to ledger.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(ctx context.Context, l ledgerHandle, _ string) error {
				var head audit.Head
				err := a.write(to, to != "", func(w io.Writer) error {
					var err error
					head, err = audit.Export(ctx, l, w)
					return err
				})
				if err == nil {
					a.say("%d entries, head %s", head.Seq, head.Hash)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "file to write to, not standard output")
	return cmd
}
