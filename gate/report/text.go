// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sealock-dev/sealock/gate"
)

// maxShown is how many of one code are shown before the rest is only counted.
const maxShown = 5

func writeText(w io.Writer, all []shown, opt Options) error {
	p := &printer{opt: opt}
	for _, d := range all {
		p.decision(d)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Text writes one decision for people: the verdict, what speaks against with what to do, then the rest.
func Text(w io.Writer, d gate.Decision, opt Options) error {
	return Write(w, "text", []gate.Decision{d}, opt)
}

// Headline is the verdict in one line, without the details.
func Headline(d gate.Decision, opt Options) string {
	p := &printer{opt: opt}
	p.headline(shown{Decision: d})
	return strings.TrimSuffix(p.b.String(), "\n")
}

// printer makes lines for a terminal.
type printer struct {
	opt Options
	b   strings.Builder
}

const (
	red    = "31"
	green  = "32"
	yellow = "33"
)

// painted is a text of ours with its colour. It is a type of its own, so that nothing from outside passes for one.
type painted string

func (p *printer) paint(color, s string) painted {
	if !p.opt.Color {
		return painted(s)
	}
	return painted("\x1b[" + color + "m" + s + "\x1b[0m")
}

// line writes one line. Texts are cleaned; what paint made passes.
func (p *printer) line(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = Clean(s)
		}
	}
	fmt.Fprintf(&p.b, format+"\n", args...)
}

// mark is a sign of one column at the begin of a line.
func (p *printer) mark(color, sign, text string) {
	p.para("  "+string(p.paint(color, sign))+" ", 4, 6, text)
}

// para writes a text behind a beginning of some columns; on a terminal it wraps, and goes on indented. The text is cleaned.
func (p *printer) para(begin string, columns, indent int, text string) {
	for _, l := range wrap(Clean(text), p.opt.Width, columns, indent) {
		p.b.WriteString(begin + l + "\n")
		begin = strings.Repeat(" ", indent)
	}
}

// Fold makes a text, cleaned, into lines for a terminal of so many columns; the lines that follow are indented. Without a terminal (0 columns) it stays one line.
func Fold(text string, columns, indent int) string {
	return strings.Join(wrap(Clean(text), columns, 0, indent), "\n"+strings.Repeat(" ", indent))
}

// minWrap is the room below which wrapping makes a text harder to read, not easier.
const minWrap = 20

// wrap cuts a text at its spaces. A word that is longer than a line stays whole, as it may be something to copy; so does a command.
func wrap(text string, width, first, rest int) []string {
	if width-max(first, rest) < minWrap || strings.Contains(text, "sealock ") || strings.Contains(text, ": git ") {
		return []string{text}
	}
	var out []string
	var line strings.Builder
	room, used := width-first, 0
	for i, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		if used > 0 && used+1+n > room {
			out = append(out, strings.TrimRight(line.String(), " "))
			line.Reset()
			room, used = width-rest, 0
		} else if i > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(word)
		used += n
	}
	return append(out, line.String())
}

func (p *printer) headline(d shown) {
	color := red
	switch d.Verdict {
	case gate.Allowed:
		color = green
	case gate.Undecided:
		color = yellow
	case gate.Refused:
	}
	verdict := strings.ToUpper(d.Verdict.String())
	p.line("%s: %s%s  %s%s", d.where(), p.paint(color, verdict), strings.TrimPrefix(d.word(), verdict), d.subject(), d.policy())
}

func (p *printer) decision(d shown) {
	p.headline(d)
	if len(d.Reasons)+len(d.Warnings)+len(d.Waived) > 1 {
		p.line("  %s", d.counts())
	}
	for _, part := range d.parts {
		p.part(part)
	}
	seen, more := map[string]int{}, []string{}
	waivable := 0
	for _, e := range d.worstOfEach() {
		if e.kind == against && e.waive(d) != "" {
			waivable++
		}
		group := e.group()
		if seen[group]++; seen[group] > maxShown && !p.opt.Verbose {
			if seen[group] == maxShown+1 {
				more = append(more, group)
			}
			continue
		}
		p.entry(d, e, seen[group] == 1)
	}
	for _, group := range more {
		p.line("  … and %d more of %s: -v shows all", seen[group]-maxShown, group[1:])
	}
	if waivable > maxNew {
		p.line("  so many at once? An old repository can start from what it has, by a baseline: sealock waive --help")
	}
	p.stages(d)
}

// maxNew is how many findings a change may bring before they look like those of a repository that meets the gate for the first time.
const maxNew = 20

// part writes what an outcome says of one environment or workload.
func (p *printer) part(part Part) {
	color, sign := red, "x"
	switch part.Verdict {
	case gate.Allowed:
		color, sign = green, "+"
	case gate.Undecided:
		color, sign = yellow, "?"
	case gate.Refused:
	}
	text := part.Name + "  " + part.Verdict.String()
	if part.Why != "" {
		text += ": " + part.Why
	}
	p.mark(color, sign, text)
}

// entry writes one reason, warning or waived reason. What holds for all of its code is said with the first.
func (p *printer) entry(d shown, e entry, first bool) {
	text := e.Code + "  " + e.Message
	switch e.kind {
	case against:
		p.mark(red, "x", text)
		p.detail("      ", d, e)
		if why := p.opt.meaning(e.Code); first && why != "" {
			p.para("      why: ", 11, 11, why)
		}
		if waive := e.waive(d); waive != "" && (first || p.opt.Verbose) {
			p.line("      or, if the policy's owner accepts it: %s", waive)
		}
	case warning:
		p.mark(yellow, "!", text)
		if p.opt.Verbose {
			p.detail("      ", d, e)
		}
	case waived:
		p.mark(yellow, "~", text)
		p.para("      ", 6, 8, e.why)
	}
}

func (p *printer) detail(indent string, d shown, e entry) {
	p.found(indent, e)
	p.remedy(indent, d, e)
	if p.opt.Verbose && len(e.Evidence) > 0 {
		p.line("%sevidence %s", indent, strings.Join(e.Evidence, ", "))
	}
}

// found says what was expected, what is there, and where.
func (p *printer) found(indent string, e entry) {
	n := len(indent)
	var sides []string
	for _, side := range [][2]string{{"expected ", e.Expected}, {"found ", e.Found}} {
		if side[1] != "" {
			sides = append(sides, side[0]+side[1])
		}
	}
	if len(sides) > 0 {
		p.para(indent, n, n+2, strings.Join(sides, "; "))
	}
	if file, line := e.place(); file != "" && !strings.Contains(e.Message, e.Key.Path) {
		p.para(indent, n, n+2, "in "+at(file, line))
	}
}

// remedy says what to do about it.
func (p *printer) remedy(indent string, d shown, e entry) {
	if fix := e.fix(d); fix != "" {
		p.para(indent+"fix: ", len(indent)+5, len(indent)+5, fix)
	}
}

func at(file string, line int) string {
	if line > 0 {
		return fmt.Sprintf("%s:%d", file, line)
	}
	return file
}

// stages says what is sound, and if asked for, all that the decision rests on.
func (p *printer) stages(d shown) {
	for _, s := range d.Stages {
		if s.Status == "ok" {
			p.line("  %s %-10s %s by %s", p.paint(green, "+"), s.Name, short(s.Receipt), signer(d, s)+", "+s.FinishedAt)
		}
	}
	if p.opt.Verbose {
		for _, s := range d.Skipped {
			p.line("  skipped %s: %s", s.What, s.Why)
		}
		p.line("  policy %s, rules %s, %d inputs, decision %s", short(d.Policy.Digest.Primary().String()), short(d.Evaluator.Rules), len(d.Inputs), short(d.ID))
	}
}

// requirements says what each requirement looked at, and the first check that each candidate failed.
func (p *printer) requirements(d shown) {
	for _, req := range d.requirements {
		sign, color := "x", red
		if req.Met {
			sign, color = "+", green
		}
		p.line("%s %s", p.paint(color, sign), req.Name)
		if len(req.Candidates) == 0 {
			p.line("    no candidate: nothing in the store is of this kind and about this artifact")
		}
		for _, c := range req.Candidates {
			p.line("    %s by %s, %s", short(c.Digest), c.Signer, orDash(c.Time))
			if c.Failed == nil {
				p.line("      counts")
				continue
			}
			p.para("      ", 6, 8, "does not count: "+c.Failed.Code+"  "+c.Failed.Message)
			p.found("      ", entry{Reason: *c.Failed})
			if !req.Met { // else another one counts, and nothing is to be mended
				p.remedy("      ", d, entry{Reason: *c.Failed})
			}
		}
	}
}

func signer(d shown, s gate.StageStatus) string {
	for _, in := range d.Inputs {
		if in.Digest == s.Receipt {
			return in.Signer
		}
	}
	return s.Signer.String()
}

func short(id string) string {
	if len(id) > 19 {
		return id[:19]
	}
	return id
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
