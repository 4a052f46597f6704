// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report/sarif"
)

const (
	// maxListed bounds the findings of one report for a service: beyond it merge requests become slow, and nobody reads on. The verdict is always the first.
	maxListed = 5_000
	// maxText bounds one text in a report for GitLab, which takes 7,000 characters of a solution.
	maxText = 5_000
	maxName = 255 // of a finding
)

// listed is one entry of a report for GitLab: the verdict on a decision, or what speaks against or is warned of. What is waived is not reported.
type listed struct {
	entry
	of      shown
	verdict bool
	id      string
}

// list gives the verdicts, then the entries of the worst decisions first, as many as are taken; the verdicts say how many there are.
func list(all []shown) []listed {
	ids := fingerprints{}
	var out, rest []listed
	for _, d := range verdictsFirst(all) {
		v := listed{of: d, verdict: true, entry: entry{Reason: gate.Reason{Code: "VERDICT", Message: d.title() + "; " + d.counts()}}}
		v.id = ids.of(d, v.entry)
		out = append(out, v)
		for _, e := range d.worstFirst() {
			if e.kind != waived {
				rest = append(rest, listed{of: d, entry: e, id: ids.of(d, e)})
			}
		}
	}
	room := max(maxListed-len(out), 0)
	if len(rest) <= room {
		return append(out, rest...)
	}
	for i := range out {
		out[i].Message += fmt.Sprintf("; %d of all findings are not listed here, see -o json", len(rest)-room)
	}
	return append(out, rest[:room]...)
}

// text is the finding in a few lines.
func (l listed) text() string {
	return limit(cleaned(append([]string{l.Message}, l.detail(l.of.named)...)), maxText)
}

// markdown is the finding as GitLab shows it on a page of its own, where it reads Markdown.
func (l listed) markdown() string {
	lines := append([]string{l.Message}, l.detail(l.of.named)...)
	for i, line := range lines {
		lines[i] = span(line)
	}
	return strings.Join(lines, "\n\n")
}

// codeIssue is an entry of GitLab's Code Quality report, its part of the Code Climate format
// (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format).
type codeIssue struct {
	Description string       `json:"description"`
	CheckName   string       `json:"check_name"`
	Fingerprint string       `json:"fingerprint"`
	Severity    string       `json:"severity"` // info, minor, major, critical, blocker
	Location    codeLocation `json:"location"`
}

type codeLocation struct {
	Path  string `json:"path"`
	Lines struct {
		Begin int `json:"begin"`
	} `json:"lines"`
}

func writeCodeQuality(w io.Writer, all []shown, _ Options) error {
	out := []codeIssue{}
	for _, l := range list(all) {
		issue := codeIssue{Description: strings.ReplaceAll(l.text(), "\n", "; "), CheckName: Clean(cmp.Or(l.Rule, "sealock") + "/" + l.Code), Fingerprint: l.id, Severity: l.grade()}
		file, line := l.of.fileOr(l.entry)
		issue.Location.Path, issue.Location.Lines.Begin = Clean(file), line
		out = append(out, issue)
	}
	return writeDocument(w, out)
}

// grade is the severity of Code Quality: only what speaks against is more than minor.
func (l listed) grade() string {
	switch {
	case l.verdict && l.of.Verdict == gate.Allowed:
		return "info"
	case l.verdict:
		return "blocker"
	case l.kind == warning:
		return "minor"
	case l.severity() == "critical":
		return "critical"
	}
	return "major"
}

func writeDocument(w io.Writer, v any) error {
	b, err := attest.EncodeJSON(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

// sastVersion is that of the schema which the report follows
// (https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/blob/v15.0.7/dist/sast-report-format.json).
const sastVersion = "15.0.7"

// The part of GitLab's SAST report that is written.
type (
	sastReport struct {
		Version  string        `json:"version"`
		Scan     sastScan      `json:"scan"`
		Findings []sastFinding `json:"vulnerabilities"`
	}
	sastScan struct {
		Analyzer sastTool      `json:"analyzer"`
		Scanner  sastTool      `json:"scanner"`
		Start    string        `json:"start_time"`
		End      string        `json:"end_time"`
		Status   string        `json:"status"`
		Type     string        `json:"type"`
		Messages []sastMessage `json:"messages"`
	}
	sastTool struct {
		ID      string     `json:"id"`
		Name    string     `json:"name"`
		URL     string     `json:"url"`
		Version string     `json:"version"`
		Vendor  sastVendor `json:"vendor"`
	}
	sastVendor struct {
		Name string `json:"name"`
	}
	sastMessage struct {
		Level string `json:"level"`
		Value string `json:"value"`
	}
	sastFinding struct {
		ID          string       `json:"id"`
		Name        string       `json:"name"`
		Description string       `json:"description"`
		Severity    string       `json:"severity"`
		Solution    string       `json:"solution,omitempty"`
		Identifiers []sastName   `json:"identifiers"`
		Location    sastLocation `json:"location"`
	}
	sastName struct {
		Type  string `json:"type"`
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	sastLocation struct {
		File  string `json:"file"`
		Start int    `json:"start_line"`
	}
)

// writeGitLabSAST writes what speaks against as findings for GitLab's security pages. The verdicts are also messages of the scan, which is a success if something was
// decided.
func writeGitLabSAST(w io.Writer, all []shown, _ Options) error {
	tool := sastTool{ID: "sealock", Name: "sealock", URL: sarif.ProjectURI, Version: "unknown", Vendor: sastVendor{"sealock"}}
	doc := sastReport{Version: sastVersion, Findings: []sastFinding{}, Scan: sastScan{Status: "success", Type: "sast", Messages: []sastMessage{}}}
	if verdictOf(all) == gate.Undecided {
		doc.Scan.Status = "failure"
	}
	var first time.Time
	for _, d := range all {
		tool.Version = cmp.Or(Clean(d.Evaluator.Version), tool.Version)
		if t, err := time.Parse(time.RFC3339, d.At); err == nil && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	doc.Scan.Analyzer, doc.Scan.Scanner = tool, tool
	doc.Scan.Start = first.UTC().Format("2006-01-02T15:04:05") // a decision is made for one moment
	doc.Scan.End = doc.Scan.Start
	for _, l := range list(all) {
		if l.verdict {
			level := map[gate.Verdict]string{gate.Allowed: "info", gate.Refused: "warn", gate.Undecided: "fatal"}[l.of.Verdict]
			doc.Scan.Messages = append(doc.Scan.Messages, sastMessage{level, Clean(l.Message)})
			if l.of.Verdict == gate.Allowed {
				continue // nothing to find
			}
		}
		doc.Findings = append(doc.Findings, l.sast())
	}
	return writeDocument(w, doc)
}

func (l listed) sast() sastFinding {
	file, line := l.of.fileOr(l.entry)
	f := sastFinding{ID: l.id, Name: limit(Clean(l.Code), maxName), Description: l.markdown(), Severity: "High",
		Identifiers: []sastName{{"sealock_code", Clean(l.Code), Clean(l.Code)}}, Location: sastLocation{Clean(file), line}}
	if fix := l.fix(l.of.named); fix != "" {
		f.Solution = span(fix)
	}
	if l.Code == "" {
		f.Identifiers[0].Name, f.Identifiers[0].Value = "unknown", "unknown"
	}
	if k := l.Key; k != nil && k.Advisory != "" {
		f.Identifiers = append(f.Identifiers, sastName{"sealock_finding", Clean(k.Advisory), Clean(k.Advisory)})
	}
	switch severity := l.severity(); {
	case l.kind == warning:
		f.Severity = "Info"
	case severity == "negligible":
		f.Severity = "Low"
	case severity != "":
		f.Severity = strings.ToUpper(severity[:1]) + severity[1:]
	}
	return f
}
