// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Outcome is what was found out where there is more to say than decisions do: by a check before a push, or of what runs. It is written in the forms that decisions
// have, and is none: it has no id, nothing can be done with it, and it never leaves this package as one.
type Outcome struct {
	What     string       // "check" or "drift": what lines begin with
	Verdict  gate.Verdict // on all of it; required, the zero value is a refusal
	Preview  bool         // it counts nowhere, and every form says so
	Subject  attest.Subject
	At       string         // RFC 3339
	Version  string         // sealock's own
	Policy   gate.PolicyRef // without a name there is none
	Reasons  []gate.Reason
	Warnings []gate.Reason
	Waived   []gate.Waived
	Skipped  []gate.Skip // what was assumed, or not looked at
	Parts    []Part
	Places   map[string]Place // of reasons, by the fingerprint of their key

	Decisions []gate.Decision // behind it; the page shows each
}

// Part is something that has a verdict of its own: an environment, or a workload.
type Part struct {
	Name    string
	Verdict gate.Verdict
	Why     string // what speaks against, in a line; may be empty
}

// Place is where something was found that a reason does not say.
type Place struct {
	File   string // below -C, with slashes
	Line   int    // from 1; 0: the file as a whole
	Commit string // in which it is; "": not known
}

// WriteOutcome renders an outcome in a format, except in JSON: what made it has a form of its own there.
func WriteOutcome(w io.Writer, name string, o Outcome, opt Options) error {
	all := []shown{o.shown(opt)}
	for _, f := range formats {
		switch {
		case f.name != name:
		case name == "json":
			return fmt.Errorf("rendering as json: %s has a form of its own", o.What)
		case name == "html":
			return o.writePage(w, opt)
		default:
			return writeAll(w, f, all, opt)
		}
	}
	return unknownFormat(name)
}

func (o Outcome) decision() gate.Decision {
	return gate.Decision{Verdict: o.Verdict, Question: gate.Enter, Preview: o.Preview, Subject: o.Subject, At: o.At, Policy: o.Policy, Evaluator: gate.Evaluator{Version: o.Version},
		Reasons: o.Reasons, Warnings: o.Warnings, Waived: o.Waived, Skipped: o.Skipped}
}

func (o Outcome) shown(opt Options) shown {
	return shown{Decision: o.decision(), dir: opt.Dir, base: opt.Base, what: o.What, parts: o.Parts, places: o.Places}
}
