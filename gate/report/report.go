// SPDX-License-Identifier: Apache-2.0

// Package report renders decisions, for people and for the services that they work with.
//
// Use: Write with one of Formats; Explain for one decision with all that was looked at; WriteOutcome for what is no decision; ScanSARIF for what scans found.
//
// Guarantees. The verdict is the decision's: no renderer decides anything, every format has the verdict and the same counts, and the exit code does not
// depend on the format. Text from outside is first made inert (package inert) and then escaped for its sink, so that it can't start a line, a command of a
// CI service, markup, or a link. Where a service takes no more, the verdict stays, and it is said how much was left out. Rendering evaluates nothing.
//
// Limits. Only JSON has everything; the others have what their readers can use.
package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report/inert"
)

// Options say how a text is to look, and what its readers need that no decision holds.
type Options struct {
	Color    bool
	Verbose  bool                     // say what was found sound, too, and leave nothing out
	Width    int                      // columns of the terminal; 0: lines are not wrapped
	Subjects []string                 // as they were named on the command line: one for each decision, or one for all; fixes use it
	Meaning  func(code string) string // why a reason code matters; nil: it is not said
	Dir      string                   // the folder that -C names, for commands to type; "" or "." is none
	Base     string                   // the folder in the repository that the paths of findings are below, with slashes; "" is its root
	Policy   *gate.Policy             // draws the chain of Explain as a tree; nil: as a list
}

// named is how the subject of the decision at i was named, or "".
func (o Options) named(i int) string {
	switch {
	case i < len(o.Subjects):
		return o.Subjects[i]
	case len(o.Subjects) == 1:
		return o.Subjects[0]
	}
	return ""
}

// meaning is why a code matters, or "".
func (o Options) meaning(code string) string {
	if o.Meaning == nil {
		return ""
	}
	return o.Meaning(code)
}

// format is a form that decisions can be written in.
type format struct {
	name  string
	write func(w io.Writer, all []shown, opt Options) error
}

// formats lists them in the order of the documentation.
var formats = append([]format{
	{"text", writeText},
	{"json", writeJSON},
	{"sarif", writeSARIF},
	{"junit", writeJUnit},
	{"markdown", writeMarkdown},
	{"github", writeGitHub},
	{"codequality", writeCodeQuality},
	{"gitlab-sast", writeGitLabSAST},
	{"gitlab-secrets", writeGitLabSecrets},
	{"dotenv", writeDotenv},
}, pages()...)

// Formats lists the names that Write knows.
func Formats() []string {
	out := make([]string, len(formats))
	for i, f := range formats {
		out[i] = f.name
	}
	return out
}

// Write renders decisions in a format: one after the other, or as one document where the format is one. A document is written at once.
func Write(w io.Writer, name string, decisions []gate.Decision, opt Options) error {
	for _, f := range formats {
		if f.name == name {
			return writeAll(w, f, show(decisions, opt), opt)
		}
	}
	return unknownFormat(name)
}

func unknownFormat(name string) error {
	return fmt.Errorf("format %q: expected one of %s", name, strings.Join(Formats(), ", "))
}

func writeAll(w io.Writer, f format, all []shown, opt Options) error {
	var b bytes.Buffer
	if err := f.write(&b, all, opt); err != nil {
		return fmt.Errorf("rendering as %s: %w", f.name, err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func writeJSON(w io.Writer, all []shown, _ Options) error {
	for _, d := range all {
		b, err := d.JSON()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", b); err != nil {
			return err
		}
	}
	return nil
}

// Explain renders decisions with their requirements: in text followed by the chain, in JSON beside the decision. The other formats are as Write has them.
func Explain(w io.Writer, name string, decisions []gate.Decision, opt Options) error {
	if name != "text" && name != "json" {
		return Write(w, name, decisions, opt)
	}
	var errs []error
	for _, d := range show(decisions, opt) {
		if name == "text" {
			p := &printer{opt: opt}
			p.decision(d)
			p.line("requirements:")
			p.requirements(d)
			p.chain(d)
			_, err := io.WriteString(w, p.b.String())
			errs = append(errs, err)
			continue
		}
		b, err := attest.EncodeJSON(struct {
			Decision     gate.Decision      `json:"decision"`
			Requirements []gate.Requirement `json:"requirements"`
		}{d.Decision, d.requirements})
		if err == nil {
			_, err = fmt.Fprintf(w, "%s\n", b)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Clean makes foreign text safe for a terminal, on one line.
func Clean(s string) string { return inert.Text(s) }
