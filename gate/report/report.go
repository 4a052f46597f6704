// SPDX-License-Identifier: Apache-2.0

// Package report renders decisions. The verdict is the decision's: no renderer decides anything, and the exit code does not depend on the
// format. Everything that came from outside is escaped for its sink.
package report

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report/inert"
)

// Options of the text form.
type Options struct {
	Color   bool
	Verbose bool   // say what was found sound, too
	Subject string // how the subject was named on the command line; fixes use it
}

// Formats lists the names that Write knows.
var Formats = []string{"text", "json", "sarif"}

// Write renders decisions in a format: one after the other, or as one document where the format is one.
func Write(w io.Writer, format string, decisions []gate.Decision, opt Options) error {
	var errs []error
	switch format {
	case "text":
		for _, d := range decisions {
			errs = append(errs, Text(w, d, opt))
		}
		return errors.Join(errs...)
	case "json":
		for _, d := range decisions {
			errs = append(errs, JSON(w, d))
		}
		return errors.Join(errs...)
	case "sarif":
		return SARIF(w, decisions)
	}
	return fmt.Errorf("format %q: expected one of %s", format, strings.Join(Formats, ", "))
}

// JSON writes the decision in its stable form, one line.
func JSON(w io.Writer, d gate.Decision) error {
	b, err := d.JSON()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

// Text writes the decision for people: the verdict, what speaks against with what to do, then the rest.
func Text(w io.Writer, d gate.Decision, opt Options) error {
	p := &printer{opt: opt}
	p.headline(d)
	for _, r := range d.Reasons {
		p.reason("x", red, r)
	}
	for _, r := range d.Warnings {
		p.line("  %s %s  %s", p.paint(yellow, "!"), r.Code, r.Message)
		if opt.Verbose {
			p.detail("      ", r)
		}
	}
	for _, x := range d.Waived {
		p.line("  %s %s  %s", p.paint(yellow, "~"), x.Reason.Code, x.Reason.Message)
		p.line("      %s", x.Why())
	}
	for _, s := range d.Stages {
		if s.Status == "ok" {
			p.line("  %s %-10s %s by %s", p.paint(green, "+"), s.Name, short(s.Receipt), signer(d, s)+", "+s.FinishedAt)
		}
	}
	if opt.Verbose {
		for _, s := range d.Skipped {
			p.line("  skipped %s: %s", s.What, s.Why)
		}
		p.line("  policy %s, rules %s, %d inputs, decision %s", short(digest(d)), short(d.Evaluator.Rules), len(d.Inputs), short(d.ID))
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Trace writes what each requirement looked at, and the first check that each candidate failed.
func Trace(w io.Writer, d gate.Decision, opt Options) error {
	p := &printer{opt: opt}
	for _, req := range d.Trace() {
		mark, color := "x", red
		if req.Met {
			mark, color = "+", green
		}
		p.line("%s %s", p.paint(color, mark), req.Name)
		if len(req.Candidates) == 0 {
			p.line("    no candidate: nothing in the store is of this kind and about this artifact")
		}
		for _, c := range req.Candidates {
			p.line("    %s by %s, %s", short(c.Digest), c.Signer, orDash(c.Time))
			if c.Failed == nil {
				p.line("      counts")
				continue
			}
			p.line("      does not count: %s  %s", c.Failed.Code, c.Failed.Message)
			p.detail("      ", *c.Failed)
		}
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Explain renders one decision with its requirements.
func Explain(w io.Writer, format string, d gate.Decision, opt Options) error {
	switch format {
	case "text":
		if err := Text(w, d, opt); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, "requirements:"); err != nil {
			return err
		}
		return Trace(w, d, opt)
	case "json":
		b, err := attest.EncodeJSON(struct {
			Decision     gate.Decision      `json:"decision"`
			Requirements []gate.Requirement `json:"requirements"`
		}{d, d.Trace()})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n", b)
		return err
	}
	return Write(w, format, []gate.Decision{d}, opt)
}

// Headline is the verdict in one line, without the details.
func Headline(d gate.Decision, opt Options) string {
	p := &printer{opt: opt}
	p.headline(d)
	return strings.TrimSuffix(p.b.String(), "\n")
}

type printer struct {
	opt Options
	b   strings.Builder
}

const (
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (p *printer) paint(color, s string) string {
	if !p.opt.Color {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// line writes one line. Arguments are cleaned; what paint made passes.
func (p *printer) line(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok && !strings.HasPrefix(s, "\x1b[") {
			args[i] = Clean(s)
		}
	}
	fmt.Fprintf(&p.b, format+"\n", args...)
}

func (p *printer) headline(d gate.Decision) {
	what, color := d.Environment, red
	if what == "" {
		what = "stage " + d.Stage
	}
	switch d.Verdict {
	case gate.Allowed:
		color = green
	case gate.Undecided:
		color = yellow
	case gate.Refused:
	}
	asked := ""
	if d.Question == gate.Stay {
		asked = " to stay"
	}
	p.line("%s: %s"+asked+"  %s (policy %s v%d)", what, p.paint(color, strings.ToUpper(d.Verdict.String())), d.Subject.String(), d.Policy.Name, d.Policy.Version)
}

func (p *printer) reason(mark, color string, r gate.Reason) {
	p.line("  %s %s  %s", p.paint(color, mark), r.Code, r.Message)
	p.detail("      ", r)
}

func (p *printer) detail(indent string, r gate.Reason) {
	if r.Expected != "" || r.Found != "" {
		p.line(indent+"expected %s; found %s", orDash(r.Expected), orDash(r.Found))
	}
	if r.Fix != "" {
		fix := r.Fix
		if p.opt.Subject != "" {
			fix = strings.ReplaceAll(fix, "SUBJECT", p.opt.Subject)
		}
		p.line(indent+"fix: %s", fix)
	}
}

func signer(d gate.Decision, s gate.StageStatus) string {
	for _, in := range d.Inputs {
		if in.Digest == s.Receipt {
			return in.Signer
		}
	}
	return s.Signer.String()
}

func digest(d gate.Decision) string {
	return d.Policy.Digest.Primary().String()
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

// Clean makes foreign text safe for a terminal, on one line.
func Clean(s string) string { return inert.Text(s) }
