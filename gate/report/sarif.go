// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report/sarif"
)

// Scan is what one scan of a subject found. What was not looked for is nil.
type Scan struct {
	Subject  attest.Subject
	Vulns    *predicate.Vulns
	Findings []*predicate.Findings
}

// ScanSARIF writes scans as one SARIF log, a run for each tool and subject. A scan judges nothing, so the levels are those of the findings.
func ScanSARIF(w io.Writer, scans []Scan) error {
	var runs []sarif.Run
	for _, s := range scans {
		if s.Vulns != nil {
			runs = append(runs, vulnsRun(s.Subject, *s.Vulns))
		}
		for _, f := range s.Findings {
			runs = append(runs, findingsRun(s.Subject, *f))
		}
	}
	return sarif.Write(w, runs)
}

// maxResults is how many results of a run GitHub keeps (https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support), the worst of them first here.
const maxResults = 5_000

// writeSARIF writes a run for each decision: a result for the verdict unless it is allowed, then one for each reason, warning and waived reason. Verdict and counts are
// in the run's properties. A result without a place is shown at the pipeline's file, as code scanning services take none without.
func writeSARIF(w io.Writer, all []shown, opt Options) error {
	var runs []sarif.Run
	for _, d := range all {
		runs = append(runs, decisionRun(d, opt))
	}
	return sarif.Write(w, runs)
}

func decisionRun(d shown, opt Options) sarif.Run {
	run := sarif.NewRun("sealock", Clean(d.Evaluator.Version), sarif.ProjectURI)
	entries := d.worstFirst()
	run.Properties = map[string]any{"verdict": d.Verdict, "decision": Clean(d.ID), "subject": Clean(d.Subject.Name), "environment": Clean(d.Environment), "question": d.Question, "preview": d.Preview,
		"reasons": len(d.Reasons), "warnings": len(d.Warnings), "waived": len(d.Waived)}
	run.Invocations[0].EndTimeUTC = Clean(d.At)
	ids, room := fingerprints{}, maxResults
	if d.Verdict != gate.Allowed {
		room--
		verdict := entry{Reason: gate.Reason{Code: "VERDICT", Message: d.title() + "; " + d.counts()}}
		if left := len(entries) - room; left > 0 {
			verdict.Message += fmt.Sprintf("; %d of them are not listed here, see -o json", left)
		}
		run.Add(decisionResult(d, verdict, ids), sarif.Rule{ShortDescription: &sarif.Text{Text: "The verdict of the gate"}})
	}
	if left := len(entries) - room; left > 0 {
		run.Properties["omitted"] = left
		entries = entries[:room]
	}
	for _, e := range entries {
		rule := sarif.Rule{}
		if text := opt.meaning(e.Code); text != "" {
			rule.ShortDescription = &sarif.Text{Text: text}
		}
		if severity := e.severity(); severity != "" && e.kind == against { // of the worst, which comes first
			rule.Properties = map[string]any{"security-severity": cvss(severity)}
		}
		run.Add(decisionResult(d, e, ids), rule)
	}
	return run
}

func decisionResult(d shown, e entry, ids fingerprints) sarif.Result {
	text := cleaned(append([]string{e.Message}, e.detail(d)...))
	res := sarif.Result{RuleID: Clean(e.Code), Level: [...]string{against: "error", warning: "warning", waived: "note"}[e.kind], Message: plainText(text), Properties: map[string]any{},
		Fingerprints: map[string]string{"sealock/v1": ids.of(d, e)}}
	for name, value := range map[string]string{"stage": e.Stage, "rule": e.Rule, "severity": e.severity()} {
		if value != "" {
			res.Properties[name] = Clean(value)
		}
	}
	file, line := d.fileOr(e)
	at := &sarif.Physical{Artifact: sarif.Artifact{URI: fileURI(file)}}
	if line > 0 {
		at.Region = &sarif.Region{StartLine: line}
	}
	res.Locations = []sarif.Location{{Physical: at}}
	if e.kind == waived {
		res.Suppressions = []sarif.Suppression{{Kind: "external", Justification: Clean(e.why)}}
	}
	return res
}

func findingsRun(subject attest.Subject, f predicate.Findings) sarif.Run {
	run := sarif.NewRun(f.Scanner.Name, f.Scanner.Version, "")
	run.Properties = map[string]any{"subject": subject.String(), "category": f.Category, "rulesDigest": f.Scanner.RulesDigest, "suppressionsIgnored": len(f.Suppressed)}
	run.Invocations[0] = sarif.Invocation{ExecutionSuccessful: f.Complete, StartTimeUTC: f.StartedOn, EndTimeUTC: f.FinishedOn}
	about := make(map[string]predicate.FindingRule, len(f.Rules))
	for _, r := range f.Rules {
		about[r.ID] = r
	}
	for _, x := range f.Findings {
		rule := sarif.Rule{}
		if r, known := about[x.Rule]; known {
			rule.ShortDescription, rule.Properties = &sarif.Text{Text: r.Title}, map[string]any{"security-severity": cvss(r.Severity)}
			if r.Description != "" {
				rule.FullDescription = &sarif.Text{Text: r.Description}
			}
			if len(r.References) > 0 {
				rule.HelpURI = r.References[0]
			}
		}
		run.Add(findingResult(x), rule)
	}
	return run
}

func findingResult(x predicate.Finding) sarif.Result {
	text := x.Message
	if x.Fix != "" {
		text += "\nfix: " + x.Fix
	}
	res := sarif.Result{RuleID: x.Rule, Level: sarifLevel(x.Severity), Message: plainText(text), Properties: map[string]any{"severity": x.Severity}}
	if x.Baseline {
		res.Baseline = "unchanged"
	}
	if x.Fingerprint != "" {
		res.Fingerprints = map[string]string{"sealock/v1": x.Fingerprint}
	}
	loc := sarif.Location{}
	if x.Path != "" {
		loc.Physical = &sarif.Physical{Artifact: sarif.Artifact{URI: fileURI(x.Path)}}
		if x.Line > 0 {
			loc.Physical.Region = &sarif.Region{StartLine: x.Line, StartColumn: max(x.Column, 0)}
			if x.EndLine > x.Line {
				loc.Physical.Region.EndLine = x.EndLine
			}
		}
	}
	if x.Resource != "" {
		loc.Logical = []sarif.Logical{{FullyQualifiedName: x.Resource}}
	}
	if loc.Physical != nil || loc.Logical != nil {
		res.Locations = []sarif.Location{loc}
	}
	if x.Commit != "" {
		res.Properties["commit"] = x.Commit
	}
	return res
}

func vulnsRun(subject attest.Subject, v predicate.Vulns) sarif.Run {
	run := sarif.NewRun("grype", v.Scanner.Version, v.Scanner.URI)
	run.Properties = map[string]any{"subject": subject.String(), "dataBuilt": v.Scanner.DB.Built, "dataDigest": v.Scanner.DB.Digest}
	run.Invocations[0].StartTimeUTC, run.Invocations[0].EndTimeUTC = v.Metadata.ScanStartedOn, v.Metadata.ScanFinishedOn
	for _, r := range v.Scanner.Result {
		severity := "unknown"
		for _, s := range r.Severity {
			if s.Method == "sealock" {
				severity = s.Score
			}
		}
		for _, a := range r.Annotations {
			text := fmt.Sprintf("%s %s has %s", a.Name, a.Version, r.ID)
			if len(a.FixedIn) > 0 {
				text += "\nfix: update to " + strings.Join(a.FixedIn, " or ")
			}
			res := sarif.Result{RuleID: r.ID, Level: sarifLevel(severity), Message: plainText(text),
				Fingerprints: map[string]string{"sealock/v1": r.ID + " " + a.PURL}, Properties: map[string]any{"severity": severity, "purl": a.PURL, "kev": a.KEV, "epss": a.EPSS}}
			if a.Baseline {
				res.Baseline = "unchanged"
			}
			for _, file := range a.Locations {
				res.Locations = append(res.Locations, sarif.Location{Physical: &sarif.Physical{Artifact: sarif.Artifact{URI: fileURI(strings.TrimPrefix(file, "/"))}}})
			}
			run.Add(res, sarif.Rule{Properties: map[string]any{"security-severity": cvss(severity)}})
		}
	}
	return run
}

// plainText is a message without links: viewers make one of [text](target) (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, 3.11.6).
func plainText(s string) sarif.Text { return sarif.Text{Text: strings.ReplaceAll(s, "](", "] (")} }

// sarifLevel maps a severity to SARIF's three levels; what is not known counts as bad.
func sarifLevel(severity string) string {
	switch severity {
	case "medium":
		return "warning"
	case "low", "negligible":
		return "note"
	}
	return "error"
}

// cvss is a score in the middle of a severity's band (https://nvd.nist.gov/vuln-metrics/cvss), by which code scanning services sort.
func cvss(severity string) string {
	return cmp.Or(map[string]string{"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "negligible": "0.1"}[severity], "8.0")
}

// fileURI escapes a path below the root as a relative URI.
func fileURI(path string) string { return (&url.URL{Path: path}).String() }
