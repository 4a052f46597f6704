// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// DecisionSchema names the form of a decision in JSON.
const DecisionSchema = "sealock/decision/v1"

// Verdict is the outcome. The zero value is a refusal.
type Verdict int

// The three outcomes. Only Allowed lets anything through.
const (
	Refused   Verdict = iota // the policy said no
	Undecided                // it could not be found out
	Allowed
)

func (v Verdict) String() string {
	switch v {
	case Allowed:
		return "allowed"
	case Undecided:
		return "undecided"
	case Refused:
	}
	return "refused"
}

// MarshalText writes the verdict as a word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word; anything else is an error.
func (v *Verdict) UnmarshalText(b []byte) error {
	for _, x := range []Verdict{Refused, Undecided, Allowed} {
		if string(b) == x.String() {
			*v = x
			return nil
		}
	}
	return fmt.Errorf("verdict %q: expected allowed, refused or undecided", b)
}

// Worst is the verdict on several decisions together: undecided before refused before allowed. Of no decision at all it is a refusal.
func Worst(decisions []Decision) Verdict {
	if len(decisions) == 0 {
		return Refused
	}
	v := Allowed
	for _, d := range decisions {
		if d.Verdict == Undecided || (d.Verdict == Refused && v == Allowed) {
			v = d.Verdict
		}
	}
	return v
}

// Question is what is asked about a subject and an environment.
type Question string

// The two questions.
const (
	Enter Question = "enter" // may it be promoted into the environment
	Stay  Question = "stay"  // may what was promoted keep running there
)

// Reason is one thing that speaks against, or a warning. Code is stable; the texts are for people.
type Reason struct {
	Code     string       `json:"code"`
	Stage    string       `json:"stage,omitempty"`
	Rule     string       `json:"rule,omitempty"`
	Message  string       `json:"message"`
	Expected string       `json:"expected,omitempty"`
	Found    string       `json:"found,omitempty"`
	Fix      string       `json:"fix,omitempty"`
	Evidence []string     `json:"evidence,omitempty"`
	Key      *WaiverScope `json:"key,omitempty"` // what a waiver could be scoped to
}

// StageStatus is what became of one required stage.
type StageStatus struct {
	Name       string          `json:"name"`
	Status     string          `json:"status"` // ok, missing, refused
	Receipt    string          `json:"receipt,omitempty"`
	Signer     attest.Identity `json:"signer,omitzero"`
	FinishedAt string          `json:"finishedAt,omitempty"`
	Evidence   []EvidenceEntry `json:"evidence,omitempty"`
}

// EvidenceEntry is one statement that a stage's receipt names.
type EvidenceEntry struct {
	Type   string `json:"type"`
	Digest string `json:"digest"`
}

// Waived is a finding that does not count: a waiver accepted it, or a VEX statement says that it does no harm. Exactly one of the two is there.
type Waived struct {
	By     string  `json:"by"` // waiver or vex
	Reason Reason  `json:"reason"`
	Waiver Waiver  `json:"waiver,omitzero"`
	VEX    *VEXUse `json:"vex,omitempty"`
}

// Why says in a line because of what the finding does not count.
func (w Waived) Why() string {
	if v := w.VEX; v != nil {
		texts := slices.DeleteFunc([]string{v.Justification, v.Detail, v.Time}, func(s string) bool { return s == "" })
		return fmt.Sprintf("VEX by %s says %s: %s", v.SignedBy, v.Status, strings.Join(texts, ", "))
	}
	return fmt.Sprintf("waived by %s until %s: %s", w.Waiver.Owner, w.Waiver.Expires.Format(time.DateOnly), w.Waiver.Reason)
}

// Skip is something that was not looked at, and why.
type Skip struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// InputTime is when a statement was made, and who says so.
type InputTime struct {
	Value  string            `json:"value"`
	Source attest.TimeSource `json:"source"`
}

// Input is one statement that the decision rests on.
type Input struct {
	Digest        string    `json:"digest"`
	PredicateType string    `json:"predicateType"`
	Signer        string    `json:"signer"`
	Time          InputTime `json:"time"`
	Linked        bool      `json:"linked"` // part of the chain, not only bound by digest
}

// PolicyRef names the policy that decided.
type PolicyRef struct {
	Name    string           `json:"name"`
	Version int              `json:"version"`
	URI     string           `json:"uri"`
	Digest  attest.DigestSet `json:"digest"`
}

// Evaluator names the program and the rules that decided.
type Evaluator struct {
	Version string `json:"version"`
	Rules   string `json:"rules"`
}

// Decision is the answer, with all that it rests on. Equal inputs give equal bytes.
type Decision struct {
	Schema      string           `json:"schema"`
	ID          string           `json:"id"` // sha256 of this document with an empty id
	Verdict     Verdict          `json:"verdict"`
	Question    Question         `json:"question"`
	Preview     bool             `json:"preview"`
	Subject     attest.Subject   `json:"subject"`
	Leaves      []attest.Subject `json:"leaves,omitempty"`     // the platforms of an index
	Repository  string           `json:"repository,omitempty"` // where the subject lies in a registry
	Environment string           `json:"environment"`
	Stage       string           `json:"stage,omitempty"` // where the question is about a stage rather than an environment
	At          string           `json:"at"`
	MinVersion  int              `json:"policyMinVersion,omitempty"` // the oldest policy that the enforcer takes
	Policy      PolicyRef        `json:"policy"`
	Evaluator   Evaluator        `json:"evaluator"`
	TrustRoot   string           `json:"trustRoot"`
	Insecure    []string         `json:"insecure,omitempty"` // the --insecure-… flags in force
	Stages      []StageStatus    `json:"stages"`
	Reasons     []Reason         `json:"reasons"`
	Warnings    []Reason         `json:"warnings"`
	Waived      []Waived         `json:"waived"`
	Skipped     []Skip           `json:"skipped"`
	Inputs      []Input          `json:"inputs"`

	trace []Requirement
}

// Requirement is one thing that was asked for, with every candidate that was looked at: the long answer behind a decision.
type Requirement struct {
	Name       string      `json:"name"`
	Met        bool        `json:"met"`
	Candidates []Candidate `json:"candidates"`
}

// Candidate is one statement that might have met a requirement, and the first check that it failed.
type Candidate struct {
	Digest string  `json:"digest"`
	Signer string  `json:"signer"`
	Time   string  `json:"time,omitempty"`
	Failed *Reason `json:"failed,omitempty"`
}

// Trace lists the requirements in the order in which they were checked.
func (d Decision) Trace() []Requirement { return d.trace }

// JSON is the decision in its stable form.
func (d Decision) JSON() ([]byte, error) { return attest.EncodeJSON(d) }

func (d *Decision) refuse(r Reason) { d.Reasons = append(d.Reasons, r) }

func (d *Decision) warn(r Reason) { d.Warnings = append(d.Warnings, r) }

// checks counts what a decision needs before it may allow.
type checks struct {
	policy, chain, entry, rules bool
	undecided                   bool
}

// conclude is the one place where a decision may become Allowed: every group of checks ran, and nothing speaks against.
func (d *Decision) conclude(c checks) {
	d.Verdict = Refused
	switch {
	case c.undecided:
		d.Verdict = Undecided
	case c.policy && c.chain && c.entry && c.rules && len(d.Reasons) == 0 && len(d.Inputs) > 0:
		d.Verdict = Allowed
	case len(d.Reasons) == 0:
		d.refuse(Reason{Code: CodeNoEvidence, Message: "nothing was checked", Expected: "evidence that satisfies the policy", Found: "none"})
	}
	d.seal()
}

// seal makes every list present and gives the decision its id.
func (d *Decision) seal() {
	d.Schema = DecisionSchema
	for _, list := range []*[]Reason{&d.Reasons, &d.Warnings} {
		if *list == nil {
			*list = []Reason{}
		}
	}
	if d.Stages == nil {
		d.Stages = []StageStatus{}
	}
	if d.Waived == nil {
		d.Waived = []Waived{}
	}
	if d.Skipped == nil {
		d.Skipped = []Skip{}
	}
	if d.Inputs == nil {
		d.Inputs = []Input{}
	}
	d.ID = ""
	b, err := d.JSON()
	if err != nil { // only a value that JSON can't hold gets here: there is no decision then
		d.Verdict = Undecided
		return
	}
	d.ID = attest.SHA256(b).String()
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Second).Format(time.RFC3339)
}
