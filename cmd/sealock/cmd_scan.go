// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
	"github.com/sealock-dev/sealock/scanners/secrets"
)

func (a *worker) scan(ctx context.Context, ref string, want stage.Want) ([]stage.Report, error) {
	created, err := a.sourceDate()
	if err != nil {
		return nil, err
	}
	res, err := a.resolve(ctx, ref)
	if err != nil {
		return nil, err
	}
	s := stage.Scanner{Progress: a.watch(), OpenDB: a.db, Now: a.now, Version: version, TempDir: os.TempDir(), Created: created}
	if want.Config {
		if s.Config, err = a.configured(ctx); err != nil {
			return nil, err
		}
	}
	if want.Pins {
		if s.Pins, err = a.pinAsker(res); err != nil {
			return nil, err
		}
	}
	return s.Scan(ctx, res, want)
}

// configured is what the policy says about configuration, if there is one: its rules, their parameters, and the declared flows.
func (a *worker) configured(ctx context.Context) (stage.Configuration, error) {
	if a.policy == "" && (a.pipeline == nil || a.pipeline.Policy == "") {
		return stage.Configured(nil), nil
	}
	p, _, err := a.readPolicy(ctx, gate.Origin{})
	if err != nil {
		return stage.Configuration{}, err
	}
	return stage.Configured(p), nil
}

// holdsConfiguration reports whether a reference is to a tree or file rather than to an image.
func (a *worker) holdsConfiguration(ref string) bool {
	r, err := subject.Parse(ref)
	if err == nil {
		r, err = r.Complete(a.path("."))
	}
	return err == nil && (r.Scheme == subject.Git || r.Scheme == subject.Dir || r.Scheme == subject.File)
}

func sbomCommand(opt *options) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "sbom SUBJECT",
		Short: "Print the SBOM of a subject",
		Long: `Print the SBOM of a subject as CycloneDX or SPDX JSON. The same subject gives the same bytes. For an index one document is
printed for each platform, one a line.`,
		Example: "  sealock sbom git:HEAD\n  sealock sbom oci-layout:out/shop --format spdx",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "cyclonedx" && format != "spdx" {
				return usagef("format %q: expected cyclonedx or spdx", format)
			}
			a, err := opt.scanning()
			if err != nil {
				return err
			}
			ctx, cancel := opt.context(cmd)
			defer cancel()
			reports, err := a.scan(ctx, args[0], stage.Want{SBOM: true})
			if err != nil {
				return err
			}
			for _, r := range reports {
				encode := r.SBOM.CycloneDX
				if format == "spdx" {
					encode = r.SBOM.SPDX
				}
				doc, err := encode()
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(opt.stdout, "%s\n", strings.TrimSuffix(string(doc), "\n")); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "cyclonedx", "cyclonedx or spdx")
	return cmd
}

// scanResult is the JSON form of a scan of one leaf of a subject.
type scanResult struct {
	Subject attest.Subject      `json:"subject"`
	Vulns   *predicate.Vulns    `json:"vulns,omitempty"`
	Secrets *predicate.Findings `json:"secrets,omitempty"`
	Config  *predicate.Findings `json:"config,omitempty"`

	unverifiedPins int
}

func scanCommand(opt *options) *cobra.Command {
	var kinds []string
	var revs, since string
	var checkPins bool
	cmd := &cobra.Command{
		Use:   "scan SUBJECT",
		Short: "Scan a subject and print what was found; judge nothing, store nothing",
		Long: `Scan a subject for vulnerable packages, for secrets and, where it is a tree, for faults in its configuration (Kubernetes manifests, charts, Terraform,
Dockerfiles, Compose files, pipelines), and print what was found. A scan only records: whether a finding matters is the gate's to say, so
findings do not change the exit code. With --range the commits of a Git range are searched for secrets, history included. With --new-since what was
there in an older revision, or in a bill of materials, is marked, and the text form leaves it out.

A scan uses no network, with one exception that has to be asked for: --check-pins asks the repository of every action that is pinned to a commit
whether one of its branches or tags has that commit, since GitHub also serves the commits of forks under its name. It runs "git ls-remote" and, where
needed, "git fetch" against $GITHUB_SERVER_URL (https://github.com if it is not set), which so learns the names of these repositories, this machine's address, and what
your own configuration of Git tells it, credentials included; the commits that you pin are not sent. If a repository does not answer, its pins are findings and the exit code is 2.`,
		Example: "  sealock scan git:HEAD\n  sealock scan oci-layout:out/shop --only vulns -o json\n  sealock scan git:HEAD --only secrets --range origin/main..HEAD\n  sealock scan git:HEAD --new-since origin/main",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want := stage.Want{}
			for _, k := range kinds {
				switch k {
				case predicate.KindVulns:
					want.Vulns = true
				case predicate.KindSecrets:
					want.Secrets = true
				case predicate.KindConfig:
					want.Config = true
				default:
					return usagef("--only %q: expected vulns, secrets or config", k)
				}
			}
			a, err := opt.scanning()
			if err != nil {
				return err
			}
			defer a.closeDB()
			ctx, cancel := opt.context(cmd)
			defer cancel()
			want.Config = want.Config && (cmd.Flags().Changed("only") || a.holdsConfiguration(args[0]))
			if want.Pins = checkPins; checkPins {
				if err := a.mayCheckPins(want); err != nil {
					return err
				}
			}
			results, err := a.scanResults(ctx, args[0], want, revs, since)
			if err != nil {
				return err
			}
			return errors.Join(a.printScan(results), unverified(results))
		},
	}
	cmd.Flags().StringSliceVar(&kinds, "only", []string{predicate.KindVulns, predicate.KindSecrets, predicate.KindConfig}, "what to look for: vulns, secrets, config")
	cmd.Flags().StringVar(&revs, "range", "", "search these commits for secrets instead of the tree, for example origin/main..HEAD")
	cmd.Flags().BoolVar(&checkPins, "check-pins", false, "ask each pinned action's repository ($GITHUB_SERVER_URL or https://github.com, by git) whether the commit is its own; sends it the repositories' names and your Git credentials for it, if any")
	cmd.Flags().StringVar(&since, "new-since", "", "mark what was there before: a Git revision, or a file with a bill of materials (FILE.json, FILE.xml, file:PATH)")
	return cmd
}

func (a *worker) scanResults(ctx context.Context, ref string, want stage.Want, revs, since string) ([]scanResult, error) {
	var out []scanResult
	if revs != "" {
		if !want.Secrets {
			return nil, usagef("--range is about secrets: give --only secrets")
		}
		git, err := subject.OpenGit(ctx, a.path("."), a.environ)
		if err != nil {
			return nil, err
		}
		f, err := secrets.ScanGitRange(ctx, a.path("."), revs, secrets.Options{Now: a.now, TempDir: os.TempDir(), Git: git.Program(), Trusted: git.Trusted()})
		if err != nil {
			return nil, err
		}
		out = append(out, scanResult{Subject: attest.Subject{Name: revs, Digest: attest.DigestSet{}}, Secrets: &f})
		want.Secrets = false
	}
	if want == (stage.Want{}) {
		return out, nil
	}
	reports, err := a.scan(ctx, ref, want)
	if err == nil && since != "" {
		err = a.newSince(ctx, since, want, reports)
	}
	for _, r := range reports {
		out = append(out, scanResult{r.Source.Subject, r.Vulns, r.Secrets, r.Config, r.UnverifiedPins})
	}
	return out, err
}

func (a *app) printScan(results []scanResult) error {
	return a.eachOutput(func(w io.Writer, format string) error {
		if format == "sarif" {
			return report.ScanSARIF(w, sarifScans(results))
		}
		for _, r := range results {
			if err := writeScan(w, format, terminalWidth(w), r); err != nil {
				return err
			}
		}
		return nil
	})
}

func sarifScans(results []scanResult) []report.Scan {
	out := make([]report.Scan, 0, len(results))
	for _, r := range results {
		s := report.Scan{Subject: r.Subject, Vulns: r.Vulns}
		for _, f := range []*predicate.Findings{r.Secrets, r.Config} {
			if f != nil {
				s.Findings = append(s.Findings, f)
			}
		}
		out = append(out, s)
	}
	return out
}

func writeScan(w io.Writer, format string, columns int, r scanResult) error {
	if format == "json" {
		b, err := attest.EncodeJSON(r)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n", b)
		return err
	}
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(report.Fold(fmt.Sprintf(format, args...), columns, 13) + "\n")
	}
	line("%s", r.Subject.String())
	if r.Vulns != nil {
		line("  vulnerabilities: %s (data built %s)", stage.Severities(*r.Vulns), r.Vulns.Scanner.DB.Built)
		known := 0
		for _, v := range bySeverity(r.Vulns.Scanner.Result) {
			if len(v.Annotations) > 0 && v.Annotations[0].Baseline {
				known++
				continue
			}
			line("    %s", vulnLine(v))
		}
		if known > 0 {
			line("    %d were there before", known)
		}
	}
	if r.Secrets != nil {
		line("  secrets: %d found in %s, %s", len(r.Secrets.Findings), plural(r.Secrets.Scope.Files, "file"), plural(r.Secrets.Scope.Commits, "commit"))
		writeFindings(line, *r.Secrets)
	}
	if r.Config != nil {
		line("  configuration: %d found in %s", len(r.Config.Findings), plural(r.Config.Scope.Files, "file"))
		writeFindings(line, *r.Config)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeFindings writes what one scanner found, where, and what to do about it.
func writeFindings(line func(string, ...any), f predicate.Findings) {
	known := 0
	for _, x := range f.Findings {
		if x.Baseline {
			known++
			continue
		}
		line("    %-8s %s:%d:%d  %s  %s", x.Severity, x.Path, x.Line, x.Column, x.Rule, x.Message)
		if x.Resource != "" && x.Resource != x.Path {
			line("             in %s", x.Resource)
		}
		for i, part := range strings.Split(x.Fix, "\n") {
			switch {
			case i > 0:
				line("                  %s", part)
			case part != "":
				line("             fix: %s", part)
			}
		}
	}
	if known > 0 {
		line("    %d were there before", known)
	}
	for _, s := range f.Suppressed {
		line("    the tree asks to ignore something: %s at %s:%d (it was looked at all the same)", s.Kind, s.Path, s.Line)
	}
	if f.SkippedN > 0 {
		line("    not looked at: %s: %s", plural(f.SkippedN, "file"), strings.Join(f.Skipped[:min(len(f.Skipped), maxShownSkips)], ", "))
	}
}

const maxShownSkips = 3 // the JSON form names them all

var levels = map[string]int{"critical": 0, "high": 1, "unknown": 2, "medium": 3, "low": 4, "negligible": 5}

func level(r predicate.VulnResult) string {
	for _, s := range r.Severity {
		if s.Method == "sealock" {
			return s.Score
		}
	}
	return "unknown"
}

func bySeverity(in []predicate.VulnResult) []predicate.VulnResult {
	out := append([]predicate.VulnResult(nil), in...)
	sort.SliceStable(out, func(i, j int) bool { return levels[level(out[i])] < levels[level(out[j])] })
	return out
}

func vulnLine(r predicate.VulnResult) string {
	s := fmt.Sprintf("%-10s %-20s", level(r), r.ID)
	for _, a := range r.Annotations {
		s += fmt.Sprintf(" %s %s", a.Name, a.Version)
		switch {
		case len(a.FixedIn) > 0:
			s += ", fixed in " + strings.Join(a.FixedIn, ", ")
		default:
			s += ", " + a.FixState
		}
		if a.KEV {
			s += ", exploited"
		}
	}
	return s
}
