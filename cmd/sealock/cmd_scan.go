// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/stage"
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
	return s.Scan(ctx, res, want)
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
}

func scanCommand(opt *options) *cobra.Command {
	var kinds []string
	var revs string
	cmd := &cobra.Command{
		Use:   "scan SUBJECT",
		Short: "Scan a subject and print what was found; judge nothing, store nothing",
		Long: `Scan a subject for vulnerable packages and for secrets, and print what was found. A scan only records: whether a finding matters is the
gate's to say, so findings do not change the exit code. With --range the commits of a Git range are searched for secrets, history included.`,
		Example: "  sealock scan git:HEAD\n  sealock scan oci-layout:out/shop --only vulns -o json\n  sealock scan git:HEAD --only secrets --range origin/main..HEAD",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want := stage.Want{}
			for _, k := range kinds {
				switch k {
				case predicate.KindVulns:
					want.Vulns = true
				case predicate.KindSecrets:
					want.Secrets = true
				default:
					return usagef("--only %q: expected vulns or secrets", k)
				}
			}
			a, err := opt.scanning()
			if err != nil {
				return err
			}
			defer a.closeDB()
			ctx, cancel := opt.context(cmd)
			defer cancel()
			results, err := a.scanResults(ctx, args[0], want, revs)
			if err != nil {
				return err
			}
			return a.printScan(results)
		},
	}
	cmd.Flags().StringSliceVar(&kinds, "only", []string{predicate.KindVulns, predicate.KindSecrets}, "what to look for: vulns, secrets")
	cmd.Flags().StringVar(&revs, "range", "", "search these commits for secrets instead of the tree, for example origin/main..HEAD")
	return cmd
}

func (a *worker) scanResults(ctx context.Context, ref string, want stage.Want, revs string) ([]scanResult, error) {
	var out []scanResult
	if revs != "" {
		if !want.Secrets {
			return nil, usagef("--range is about secrets: give --only secrets")
		}
		f, err := secrets.ScanGitRange(ctx, a.path("."), revs, secrets.Options{Now: a.now, TempDir: os.TempDir()})
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
	for _, r := range reports {
		out = append(out, scanResult{r.Source.Subject, r.Vulns, r.Secrets})
	}
	return out, err
}

func (a *app) printScan(results []scanResult) error {
	return a.eachOutput(func(w io.Writer, format string) error {
		for _, r := range results {
			if err := writeScan(w, format, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func writeScan(w io.Writer, format string, r scanResult) error {
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
		b.WriteString(report.Clean(fmt.Sprintf(format, args...)) + "\n")
	}
	line("%s", r.Subject.String())
	if r.Vulns != nil {
		line("  vulnerabilities: %s (data built %s)", stage.Severities(*r.Vulns), r.Vulns.Scanner.DB.Built)
		for _, v := range bySeverity(r.Vulns.Scanner.Result) {
			line("    %s", vulnLine(v))
		}
	}
	if r.Secrets != nil {
		line("  secrets: %d found in %d files, %d commits", len(r.Secrets.Findings), r.Secrets.Scope.Files, r.Secrets.Scope.Commits)
		for _, f := range r.Secrets.Findings {
			line("    %-8s %s:%d:%d  %s  %s", f.Severity, f.Path, f.Line, f.Column, f.Rule, f.Message)
		}
		for _, s := range r.Secrets.Suppressed {
			line("    the tree asks to ignore something: %s at %s:%d (it was looked at all the same)", s.Kind, s.Path, s.Line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

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
