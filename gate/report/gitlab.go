// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
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

// list gives the verdicts, then the entries that are of interest, those of the worst decisions first, as many as are taken; the verdicts say how many there are.
func list(all []shown, of func(entry) bool) []listed {
	ids := fingerprints{}
	var out, rest []listed
	for _, d := range verdictsFirst(all) {
		v := listed{of: d, verdict: true, entry: entry{Reason: gate.Reason{Code: "VERDICT", Message: d.title() + "; " + d.counts()}}}
		v.id = ids.of(d, v.entry)
		out = append(out, v)
		for _, e := range d.worstFirst() {
			if e.kind != waived && of(e) {
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
	return limit(cleaned(append([]string{l.Message}, l.detail(l.of)...)), maxText)
}

// markdown is the finding as GitLab shows it on a page of its own, where it reads Markdown.
func (l listed) markdown() string {
	lines := append([]string{l.Message}, l.detail(l.of)...)
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
	for _, l := range list(all, func(entry) bool { return true }) {
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
