// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sealock-dev/sealock/gate"
)

const (
	// maxMarkdown bounds a document: a step summary of GitHub may have 1 MiB, for everything that a step adds to it
	// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits), a note of GitLab 1,000,000 characters.
	maxMarkdown = 900_000
	// maxDecisions bounds the decisions that a document has; the worst come first.
	maxDecisions = 500
	// maxSpan bounds one text from outside, in characters.
	maxSpan = 2_000
)

// writeMarkdown writes a summary for a step or a merge request. Every text from outside stands in a code span: there is no link, image, mention, reference or
// markup in one.
func writeMarkdown(w io.Writer, all []shown, opt Options) error {
	m := &markdown{opt: opt}
	if len(all) != 1 {
		m.line("## %s sealock: %s%s for %s", symbol(verdictOf(all)), strings.ToUpper(verdictOf(all).String()), previewed(all), number(len(all), "decision"))
	}
	order := verdictsFirst(all)
	for i, d := range order {
		if i == maxDecisions {
			m.line("\n… and %s more, none of them worse: see `-o json`.", number(len(order)-i, "decision"))
			break
		}
		m.heading(d)
	}
	for i, d := range order {
		if i < maxDecisions {
			m.details(d, len(order) > 1)
		}
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

// verdictsFirst puts what is undecided or refused before what is allowed.
func verdictsFirst(all []shown) []shown {
	out := make([]shown, 0, len(all))
	for _, v := range []gate.Verdict{gate.Undecided, gate.Refused, gate.Allowed} {
		for _, d := range all {
			if d.Verdict == v {
				out = append(out, d)
			}
		}
	}
	return out
}

func symbol(v gate.Verdict) string {
	switch v {
	case gate.Allowed:
		return "✅"
	case gate.Undecided:
		return "❔"
	case gate.Refused:
	}
	return "❌"
}

type markdown struct {
	b   strings.Builder
	opt Options
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

// heading is the verdict, which is always there.
func (m *markdown) heading(d shown) {
	m.line("## %s %s: %s", symbol(d.Verdict), span(d.where()), d.word())
	policy := fmt.Sprintf("policy %s version %d", span(d.Policy.Name), d.Policy.Version)
	if d.what != "" && d.Policy.Name == "" {
		policy = "no policy"
	}
	m.line("\n%s, %s: **%s**\n", span(d.subject()), policy, d.counts())
	for i, p := range d.parts {
		if i == maxDecisions {
			m.line("- … and %d more", len(d.parts)-i)
			break
		}
		text := fmt.Sprintf("- %s %s: %s", symbol(p.Verdict), span(p.Name), p.Verdict)
		if p.Why != "" {
			text += ", " + span(p.Why)
		}
		m.line("%s", text)
	}
	if len(d.parts) > 0 {
		m.line("")
	}
}

// details are the entries, as far as there is room, and the stages.
func (m *markdown) details(d shown, several bool) {
	if several {
		m.line("### %s %s\n", span(d.where()), span(d.Subject.String()))
	}
	all := d.worstFirst()
	at := 0
	for _, section := range []struct {
		kind  kind
		title string
	}{{against, ""}, {warning, "Warnings"}, {waived, "Waived"}} {
		count := 0
		for _, e := range all {
			if e.kind == section.kind {
				count++
			}
		}
		if count == 0 {
			continue
		}
		part := all[at : at+count]
		at += count
		if section.title != "" {
			m.line("\n<details><summary>%s: %d</summary>\n", section.title, count)
		}
		m.list(d, part)
		if section.title != "" {
			m.line("\n</details>")
		}
	}
	m.stages(d)
	m.skipped(d)
}

// list writes entries while there is room, and says how many there was none for.
func (m *markdown) list(d shown, part []entry) {
	seen := map[string]bool{}
	for i, e := range part {
		why := ""
		if e.kind == against && !seen[e.Code] {
			why = m.opt.meaning(e.Code)
		}
		seen[e.Code] = true
		item := item(d, e, why)
		if m.b.Len()+len(item) > maxMarkdown {
			m.line("- … and %d more: see `-o json`", len(part)-i)
			return
		}
		m.b.WriteString(item)
	}
}

func item(d shown, e entry, why string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- **%s** %s\n", span(e.Code), span(e.Message))
	for _, f := range [][2]string{{"expected", e.Expected}, {"found", e.Found}, {"fix", e.fix(d)}, {"why", why}, {"", e.why}} {
		switch {
		case f[1] == "":
		case f[0] == "":
			fmt.Fprintf(&b, "  - %s\n", span(f[1]))
		default:
			fmt.Fprintf(&b, "  - %s: %s\n", f[0], span(f[1]))
		}
	}
	if waive := e.waive(d); e.kind == against && waive != "" {
		fmt.Fprintf(&b, "  - if the policy's owner accepts it: %s\n", span(waive))
	}
	return b.String()
}

// skipped says what a preview, or an outcome, took for granted or did not look at.
func (m *markdown) skipped(d shown) {
	if !d.Preview && d.what == "" || len(d.Skipped) == 0 {
		return
	}
	m.line("\n<details><summary>Assumed: %d</summary>\n", len(d.Skipped))
	for i, s := range d.Skipped {
		item := fmt.Sprintf("- %s: %s\n", span(s.What), span(s.Why))
		if m.b.Len()+len(item) > maxMarkdown {
			m.line("- … and %d more: see `-o json`", len(d.Skipped)-i)
			break
		}
		m.b.WriteString(item)
	}
	m.line("\n</details>")
}

func (m *markdown) stages(d shown) {
	if len(d.Stages) == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n<details><summary>Stages: %d</summary>\n\n", len(d.Stages))
	for _, s := range d.Stages {
		fmt.Fprintf(&b, "- %s: %s", span(s.Name), span(s.Status))
		if s.Receipt != "" {
			fmt.Fprintf(&b, ", %s by %s, %s", span(short(s.Receipt)), span(signer(d, s)), span(s.FinishedAt))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\nDecision %s with policy %s\n\n</details>\n", span(d.ID), span(d.Policy.Digest.Primary().String()))
	if m.b.Len()+b.Len() <= maxMarkdown {
		m.b.WriteString(b.String())
	}
}

// span is a text from outside as a code span. Its fence is longer than any run of backticks in it (https://spec.commonmark.org/0.31.2/#code-spans), it has no line
// break, and it is never in a table, where a bar would end it.
func span(s string) string {
	s = Clean(s)
	if n := utf8.RuneCountInString(s); n > maxSpan {
		s = fmt.Sprintf("%s… (%d characters more)", string([]rune(s)[:maxSpan]), n-maxSpan)
	}
	longest, run := 0, 0
	for _, c := range s {
		if run++; c != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence, pad := strings.Repeat("`", longest+1), ""
	if s == "" {
		return "-"
	}
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' || s[len(s)-1] == ' ' {
		pad = " "
	}
	return fence + pad + s + pad + fence
}
