// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Schema names the form of an entry.
const Schema = "sealock/ledger/v1"

// Bounds of what is recorded and read.
const (
	MaxEntry    = 1 << 20  // bytes of one entry
	MaxDocument = 64 << 20 // bytes of one document
	maxReasons  = 200      // reasons named in an entry; the decision holds all
	maxText     = 512      // bytes of a name or message that comes from outside, as an entry holds it
)

// The kinds of entries.
const (
	KindDecision    = "decision"
	KindPromotion   = "promotion"
	KindRemediation = "remediation"
	KindBreakGlass  = "break-glass"
)

// Actor is who asked, as far as is known.
type Actor struct {
	Via    string          `json:"via"`              // the command, or the server that asked: verify, promote, run, admission, drift
	User   string          `json:"user,omitempty"`   // of the CI system or of the machine; not proven
	Run    string          `json:"run,omitempty"`    // the pipeline run
	Signer attest.Identity `json:"signer,omitzero"`  // of a promotion; proven by its signature
	Name   string          `json:"signed,omitempty"` // what the policy calls the signer
}

// Cause is one reason of a decision, without its text.
type Cause struct {
	Code  string `json:"code"`
	Stage string `json:"stage,omitempty"`
	Rule  string `json:"rule,omitempty"`
}

// Promoted is a promotion that was signed.
type Promoted struct {
	Statement string `json:"statement"` // id of the VSA
	Bundle    string `json:"bundle"`    // the document that holds it
	Resource  string `json:"resource"`  // where it was promoted to
}

// Remedied is what is done about drift. The entry is written before.
type Remedied struct {
	Action string `json:"action"` // restart, scale-to-zero, evict
	Target string `json:"target"` // namespace/Kind/name
}

// Broken is a break-glass statement by which an artifact was let in against a decision. The entry is written before.
type Broken struct {
	Statement string `json:"statement"`
	Bundle    string `json:"bundle"` // the document that holds it
	By        string `json:"by"`     // as the policy calls them
	Reason    string `json:"reason"`
	Expires   string `json:"expires"`
}

// Entry is one line of a ledger. Its hash is the sha256 of its bytes as Encode gives them.
type Entry struct {
	Schema      string           `json:"schema"`
	Seq         int64            `json:"seq"`      // from 1
	Previous    string           `json:"previous"` // hash of the entry before, "" for the first
	Time        string           `json:"time"`     // when it was recorded; the decision has its own
	Kind        string           `json:"kind"`
	Actor       Actor            `json:"actor"`
	Decision    string           `json:"decision"` // id
	Verdict     gate.Verdict     `json:"verdict"`
	Question    gate.Question    `json:"question"`
	Environment string           `json:"environment,omitempty"`
	Stage       string           `json:"stage,omitempty"`
	At          string           `json:"at"`
	Subject     attest.Subject   `json:"subject"`
	Leaves      []attest.Subject `json:"leaves,omitempty"`
	Repository  string           `json:"repository,omitempty"`
	Policy      gate.PolicyRef   `json:"policy"`
	Evaluator   gate.Evaluator   `json:"evaluator"`
	TrustRoot   string           `json:"trustRoot"`
	Reasons     []Cause          `json:"reasons"`
	Document    string           `json:"document"`            // digest of the whole decision
	Request     string           `json:"request,omitempty"`   // digest of what was asked, of an entry of kind decision
	Case        string           `json:"case,omitempty"`      // digest of the Case: what it was made from, of the same kind
	Promotion   *Promoted        `json:"promotion,omitempty"` // of an entry of that kind
	Remedy      *Remedied        `json:"remedy,omitempty"`    // of an entry of kind remediation
	Glass       *Broken          `json:"glass,omitempty"`     // of an entry of kind break-glass
}

// Encode gives the bytes that are hashed.
func (e Entry) Encode() ([]byte, error) { return attest.EncodeJSON(e) }

// canonical is Encode, and the entry as reading those bytes gives it: what is no UTF-8 changes once, here.
func (e Entry) canonical() (Entry, []byte, error) {
	raw, err := e.Encode()
	if err != nil {
		return e, nil, err
	}
	var again Entry
	if err := attest.DecodeJSON(raw, &again); err != nil {
		return e, nil, fmt.Errorf("writing entry: %w", err)
	}
	if raw, err = again.Encode(); err != nil {
		return e, nil, err
	}
	if len(raw) > MaxEntry {
		return e, nil, fmt.Errorf("the entry would have %d bytes, limit %d", len(raw), MaxEntry)
	}
	return again, raw, nil
}

// Seal gives an entry its place behind a head, and its bytes and hash.
func (e Entry) Seal(after Head) (Entry, Line, error) {
	e.Schema, e.Seq, e.Previous = Schema, after.Seq+1, after.Hash
	e, raw, err := e.canonical()
	return e, Line{Seq: e.Seq, Hash: attest.SHA256(raw).String(), Raw: raw}, err
}

// DecodeEntry reads an entry and refuses bytes that Encode would not have written.
func DecodeEntry(raw []byte) (Entry, error) {
	var e Entry
	if len(raw) > MaxEntry {
		return e, fmt.Errorf("entry has %d bytes, limit %d", len(raw), MaxEntry)
	}
	if err := attest.DecodeJSON(raw, &e); err != nil {
		return e, fmt.Errorf("reading entry: %w", err)
	}
	again, err := e.Encode()
	if err != nil {
		return e, err
	}
	switch {
	case e.Schema != Schema:
		return e, fmt.Errorf("entry is of schema %.40q, expected %q\nhint: a newer sealock may have written it", e.Schema, Schema)
	case !bytes.Equal(raw, again):
		return e, fmt.Errorf("entry is not in the form in which entries are written")
	}
	return e, nil
}

// Terms are what an entry can be found by, each once, kind and value.
func (e Entry) Terms() []Term {
	seen := map[Term]bool{}
	var out []Term
	add := func(kind, value string) {
		if t := (Term{kind, value}); value != "" && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	add("kind", e.Kind)
	add("decision", e.Decision)
	add("environment", e.Environment)
	add("verdict", e.Verdict.String())
	for _, s := range append([]attest.Subject{e.Subject}, e.Leaves...) {
		for _, d := range s.Digest.Digests() {
			add("subject", d.String())
		}
	}
	add("subject", e.Subject.Name)
	for _, r := range e.Reasons {
		add("code", r.Code)
	}
	return out
}

// Term is one property of an entry.
type Term struct{ Kind, Value string }

// When is the time at which it was recorded.
func (e Entry) When() time.Time {
	t, _ := time.Parse(time.RFC3339Nano, e.Time) // the zero time is never in a period that is asked for
	return t
}

// references are the documents that an entry names itself.
func (e Entry) references() []string {
	out := []string{e.Document}
	if e.Kind == KindDecision {
		out = append(out, e.Request, e.Case)
	}
	if e.Promotion != nil {
		out = append(out, e.Promotion.Bundle)
	}
	if e.Glass != nil {
		out = append(out, e.Glass.Bundle)
	}
	return out
}

// cut bounds a text from outside.
func cut(s string) string {
	if len(s) > maxText {
		s = s[:maxText] + "…"
	}
	return strings.ToValidUTF8(s, "")
}
