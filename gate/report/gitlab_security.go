// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report/sarif"
)

// securityVersion is that of the schemas which GitLab's security reports follow, sast-report-format.json and secret-detection-report-format.json
// (https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/tree/v15.0.7/dist).
const securityVersion = "15.0.7"

// codeSecret is the code of the gate's rule over secrets.
const codeSecret = "SECRET_FOUND"

// The types of report.
const (
	typeSAST    = "sast"
	typeSecrets = "secret_detection"
)

// noCommit is what GitLab's own analyzer of secrets writes where it knows of no commit.
const noCommit = "0000000"

// The part of GitLab's security reports that is written.
type (
	securityReport struct {
		Version  string            `json:"version"`
		Scan     securityScan      `json:"scan"`
		Findings []securityFinding `json:"vulnerabilities"`
	}
	securityScan struct {
		Analyzer securityTool      `json:"analyzer"`
		Scanner  securityTool      `json:"scanner"`
		Start    string            `json:"start_time"`
		End      string            `json:"end_time"`
		Status   string            `json:"status"`
		Type     string            `json:"type"`
		Messages []securityMessage `json:"messages"`
	}
	securityTool struct {
		ID      string         `json:"id"`
		Name    string         `json:"name"`
		URL     string         `json:"url"`
		Version string         `json:"version"`
		Vendor  securityVendor `json:"vendor"`
	}
	securityVendor struct {
		Name string `json:"name"`
	}
	securityMessage struct {
		Level string `json:"level"`
		Value string `json:"value"`
	}
	securityFinding struct {
		ID          string           `json:"id"`
		Name        string           `json:"name"`
		Description string           `json:"description"`
		Severity    string           `json:"severity"`
		Solution    string           `json:"solution,omitempty"`
		Identifiers []securityName   `json:"identifiers"`
		Location    securityLocation `json:"location"`
	}
	securityName struct {
		Type  string `json:"type"`
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	securityLocation struct {
		File   string          `json:"file"`
		Start  int             `json:"start_line"`
		Commit *securityCommit `json:"commit,omitempty"` // secret detection wants one
	}
	securityCommit struct {
		SHA string `json:"sha"`
	}
)

// writeGitLabSAST writes what speaks against as findings for GitLab's security pages, the verdict first. Secrets have a report of their own, and are only counted.
func writeGitLabSAST(w io.Writer, all []shown, _ Options) error {
	return writeSecurity(w, all, typeSAST)
}

// writeGitLabSecrets writes the secrets among what speaks against.
func writeGitLabSecrets(w io.Writer, all []shown, _ Options) error {
	return writeSecurity(w, all, typeSecrets)
}

// writeSecurity writes one of the reports. The verdicts are messages of the scan, which is a success if something was decided.
func writeSecurity(w io.Writer, all []shown, kind string) error {
	tool := securityTool{ID: "sealock", Name: "sealock", URL: sarif.ProjectURI, Version: "unknown", Vendor: securityVendor{"sealock"}}
	doc := securityReport{Version: securityVersion, Findings: []securityFinding{}, Scan: securityScan{Status: "success", Type: kind, Messages: []securityMessage{}}}
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
	secrets := 0
	for _, l := range list(all, func(e entry) bool {
		if e.secret() {
			secrets++
		}
		return e.secret() == (kind == typeSecrets)
	}) {
		if l.verdict {
			level := map[gate.Verdict]string{gate.Allowed: "info", gate.Refused: "warn", gate.Undecided: "fatal"}[l.of.Verdict]
			doc.Scan.Messages = append(doc.Scan.Messages, securityMessage{level, Clean(l.Message)})
			if l.of.Verdict == gate.Allowed || kind == typeSecrets {
				continue // nothing to find, or nothing that is a secret
			}
		}
		doc.Findings = append(doc.Findings, l.security(kind))
	}
	if secrets > 0 && kind == typeSAST {
		doc.Scan.Messages = append(doc.Scan.Messages, securityMessage{"info", fmt.Sprintf("%s: see -o gitlab-secrets", number(secrets, "secret"))})
	}
	return writeDocument(w, doc)
}

// secret reports whether an entry is about a secret.
func (e entry) secret() bool { return e.Code == codeSecret }

func (l listed) security(kind string) securityFinding {
	file, line := l.of.fileOr(l.entry)
	f := securityFinding{ID: l.id, Name: limit(Clean(l.Code), maxName), Description: l.markdown(), Severity: "High",
		Identifiers: []securityName{{"sealock_code", Clean(l.Code), Clean(l.Code)}}, Location: securityLocation{File: Clean(file), Start: line}}
	if kind == typeSecrets {
		f.Location.Commit = &securityCommit{l.commit()}
	}
	if fix := l.fix(l.of); fix != "" {
		f.Solution = span(fix)
	}
	if l.Code == "" {
		f.Identifiers[0].Name, f.Identifiers[0].Value = "unknown", "unknown"
	}
	if k := l.Key; k != nil && k.Advisory != "" {
		f.Identifiers = append(f.Identifiers, securityName{"sealock_finding", Clean(k.Advisory), Clean(k.Advisory)})
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

// commit is the one that a finding is in: as the outcome says, or the one that was judged.
func (l listed) commit() string {
	return cmp.Or(plain(l.of.place(l.entry).Commit), plain(l.of.Subject.Digest["gitCommit"]), noCommit)
}
