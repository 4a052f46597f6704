// SPDX-License-Identifier: Apache-2.0

package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sealock-dev/sealock/gate"
)

// Bounds of what is written out; the count beside a list is always that of all.
const (
	maxCards = 12   // reasons in full
	maxTable = 1000 // further reasons, warnings, waived findings, in a table
)

// verdict is an outcome for the page.
type verdict struct {
	Word, Class, Sentence string
}

func verdictOf(v gate.Verdict) verdict {
	switch v {
	case gate.Allowed:
		return verdict{"allowed", "ok", "Nothing speaks against it."}
	case gate.Undecided:
		return verdict{"undecided", "open", "It could not be found out. Treat it as refused, and try again."}
	case gate.Refused:
	}
	return verdict{"refused", "bad", "The policy says no."}
}

// caseView is one decision for the template. All its texts are inert.
type caseView struct {
	ID, Subject, Digest, Place, Asked, At, Decision string
	Verdict                                         verdict
	Notices                                         []string
	Next                                            []string
	Cards                                           []reasonView
	Further, Warnings, Waived                       reasonTable
	Skipped                                         []string
	Chain                                           chainView
	Flows                                           flowsView
	Vulns, Packages                                 listed
	Policy                                          policyView
	Inputs                                          []inputView
	Replay                                          []command
	Brief                                           bool // it is no decision: there is no chain and no input
	Parts                                           []partView
}

// partView is one part of what is no decision.
type partView struct {
	Name, Why string
	Verdict   verdict
}

// reasonView is one reason.
type reasonView struct {
	Code, Where, Message, Expected, Found, Fix, Meaning, Why string
}

// reasonTable is the first of many reasons, and how many there are.
type reasonTable struct {
	Rows  []reasonView
	Count int
}

// Left is how many are not shown.
func (t reasonTable) Left() int { return t.Count - len(t.Rows) }

// builder makes one view.
type builder struct {
	id     string
	c      Case
	d      gate.Decision
	p      *gate.Policy
	found  counted
	inputs map[string]int // by digest
}

func newCase(id string, c Case, meaning func(string) string) (caseView, error) {
	b := &builder{id: id, c: c, d: c.Decision, p: c.Policy, found: count(c), inputs: map[string]int{}}
	for i, in := range b.d.Inputs {
		b.inputs[in.Digest] = i
	}
	d := b.d
	v := caseView{ID: id, Subject: plain(cmp.Or(d.Subject.Name, c.Named, "an artifact")), Digest: plain(d.Subject.Digest.Primary().String()), At: clock(d.At), Decision: plain(d.ID), Verdict: verdictOf(d.Verdict)}
	v.Place = plain(cmp.Or(c.What, d.Environment, "stage "+d.Stage))
	v.Asked = "May it enter " + v.Place + "?"
	switch {
	case c.What != "":
		v.sumUp(c)
	case d.Question == gate.Stay:
		v.Asked = "May it stay in " + v.Place + "?"
	case d.Environment == "":
		v.Asked = "Was " + v.Place + " done as it must be?"
	}
	v.Notices = b.notices()
	cards := b.reasons(d.Reasons)
	v.Cards = cards[:min(maxCards, len(cards))]
	if meaning != nil {
		for i, r := range v.Cards {
			v.Cards[i].Meaning = plain(meaning(r.Code))
		}
	}
	v.Further = tableOf(cards[len(v.Cards):])
	v.Warnings = tableOf(b.reasons(d.Warnings))
	v.Waived = tableOf(b.waived())
	v.Next = b.next(cards)
	for _, s := range d.Skipped {
		v.Skipped = append(v.Skipped, plain(s.What+": "+s.Why))
	}
	v.Chain = b.chain()
	v.Flows = flows(id, c, b.found)
	var counts map[string]int
	v.Vulns, counts = vulnerabilities(id, c, b.found)
	v.Packages = packages(id, c, b.found, counts)
	v.Inputs = b.inputViews()
	v.Replay = b.replay()
	var err error
	v.Policy, err = b.policy()
	return v, err
}

// sumUp makes the view one of what is no decision.
func (v *caseView) sumUp(c Case) {
	v.Brief, v.Asked = true, plain("Result of "+c.What)
	if c.Decision.Verdict == gate.Refused {
		v.Verdict.Sentence = "Something speaks against it."
	}
	for i, p := range c.Parts {
		if i == maxTable {
			v.Parts = append(v.Parts, partView{Name: fmt.Sprintf("… and %d more", len(c.Parts)-i)})
			break
		}
		v.Parts = append(v.Parts, partView{plain(p.Name), plain(p.Why), verdictOf(p.Verdict)})
	}
}

// notices are what a reader must know before all else.
func (b *builder) notices() []string {
	var out []string
	if b.d.Preview {
		out = append(out, "This is a preview: evidence was assumed, and the answer counts nowhere.")
	}
	if b.c.Source != "" {
		out = append(out, plain("This decision was read from "+b.c.Source+" and not made again. Its words are those of the file; the commands below check it."))
	}
	if len(b.d.Insecure) > 0 {
		out = append(out, plain("Checks were weakened by "+strings.Join(b.d.Insecure, ", ")+"."))
	}
	if b.c.Missing != "" {
		out = append(out, plain(b.c.Missing))
	} else if n := b.found.missing; n > 0 {
		out = append(out, plural(n, "statement")+" of the inputs below can't be shown: not at hand any more, or no longer verified.")
	}
	return out
}

func (b *builder) reasons(list []gate.Reason) []reasonView {
	out := make([]reasonView, 0, len(list))
	for _, r := range list {
		var where []string
		if r.Rule != "" {
			where = append(where, "rule "+r.Rule)
		} else if r.Stage != "" {
			where = append(where, "stage "+r.Stage)
		}
		if k := r.Key; k != nil && k.Path != "" {
			where = append(where, k.Path)
		}
		out = append(out, reasonView{Code: plain(r.Code), Where: plain(strings.Join(where, ", ")), Message: plain(r.Message), Expected: plain(r.Expected), Found: plain(r.Found),
			Fix: plain(b.named(r.Fix))})
	}
	return out
}

func (b *builder) waived() []reasonView {
	var out []reasonView
	for _, w := range b.d.Waived {
		r := b.reasons([]gate.Reason{w.Reason})[0]
		r.Why = plain(w.Why())
		out = append(out, r)
	}
	return out
}

// named puts the subject into the text of a fix.
func (b *builder) named(fix string) string {
	return strings.ReplaceAll(fix, "SUBJECT", b.subject())
}

func tableOf(list []reasonView) reasonTable {
	return reasonTable{list[:min(maxTable, len(list))], len(list)}
}

// next is what to do, in the order of the reasons, each once.
func (b *builder) next(reasons []reasonView) []string {
	const most = 5
	var out []string
	for _, r := range reasons {
		if r.Fix != "" && !slices.Contains(out, r.Fix) {
			out = append(out, r.Fix)
		}
	}
	if len(out) > most {
		out = append(out[:most], fmt.Sprintf("and %d more; each reason below says what to do about it", len(out)-most))
	}
	if b.d.Verdict == gate.Allowed && b.d.Question == gate.Enter && b.d.Environment != "" && !b.d.Preview {
		out = append(out, plain("promote it: sealock promote "+b.subject()+" --to "+b.d.Environment))
	}
	return out
}

// subject is how to name the artifact on a command line.
func (b *builder) subject() string {
	switch {
	case b.c.Named != "":
		return word(b.c.Named)
	case b.d.Repository != "":
		return word(b.d.Repository + "@" + b.d.Subject.Digest.Primary().String())
	}
	return "SUBJECT"
}

// absent says why a list is not there.
func absent(c Case, what string) string {
	if c.Missing != "" {
		return "Not shown: the evidence is not at hand."
	}
	return "No evidence that counted has " + what + "."
}

// clock writes a time for people. What is no time stays as it is.
func clock(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return plain(s)
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// short is the beginning of a digest.
func short(id string) string {
	const most = 19
	id = plain(id)
	if utf8.RuneCountInString(id) <= most {
		return id
	}
	return string([]rune(id)[:most]) + "…"
}
