// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Outcome is what came of deciding an entry again.
type Outcome string

// The outcomes. Same and SameVerdict agree; Differs does not; Open was never decided from evidence.
const (
	Same        Outcome = "same"         // the same decision, byte for byte
	SameVerdict Outcome = "same verdict" // by another evaluator or other rules, which may word or weigh things otherwise
	Differs     Outcome = "differs"
	Open        Outcome = "open" // time ran out, or the store or the subject could not be read: there is nothing to decide from
)

// Replayed is one entry, decided again.
type Replayed struct {
	Seq      int64          `json:"seq"`
	Decision string         `json:"decision"`
	Outcome  Outcome        `json:"outcome"`
	Recorded gate.Verdict   `json:"recorded"`
	Now      gate.Verdict   `json:"now"`
	Then     gate.Evaluator `json:"then"` // who decided
	By       gate.Evaluator `json:"by"`   // who decided again
	Detail   string         `json:"detail,omitempty"`
}

// Evaluator reports whether another evaluator, or other rules, decided then.
func (r Replayed) Evaluator() bool { return r.Then != r.By }

// Replayer decides again. All its fields are needed but Root.
type Replayer struct {
	Ledger  Ledger
	Version string // of this evaluator
	// Load is how policies are read: with ParseKey, and without any folder of local keys.
	Load gate.LoadOptions
	// Verifier verifies evidence as a policy asks for it, by a trusted_root.json where one was kept, else by keys alone.
	Verifier func(p *gate.Policy, root []byte) (*attest.Verifier, error)
	// Root names a trusted_root.json.
	Root func(json []byte) (attest.Digest, error)

	policies map[string]opened // by Case, policy and root
}

// opened is a policy with what verifies by it.
type opened struct {
	policy   *gate.Policy
	verifier *attest.Verifier
}

// maxOpened bounds the policies that are kept compiled.
const maxOpened = 16

// Replay decides an entry again from nothing but the ledger. An error means that the ledger does not hold what it takes, or what it holds was
// changed: that is for Verify to explain.
func (r *Replayer) Replay(ctx context.Context, e Entry) (Replayed, error) {
	out, err := r.replay(ctx, e)
	if err != nil {
		return out, fmt.Errorf("replaying entry %d: %w", e.Seq, err)
	}
	return out, nil
}

func (r *Replayer) replay(ctx context.Context, e Entry) (Replayed, error) {
	out := Replayed{Seq: e.Seq, Decision: e.Decision, Recorded: e.Verdict, Then: e.Evaluator}
	if e.Kind != KindDecision {
		return out, fmt.Errorf("it is a %s, not a decision", e.Kind)
	}
	document := func(digest string) ([]byte, error) { return read(ctx, r.Ledger, digest) }
	recorded, err := document(e.Document)
	if err != nil {
		return out, err
	}
	c, files, err := readCase(e.Case, document)
	if err != nil {
		return out, err
	}
	if open(e, c) {
		out.Outcome, out.Now, out.By = Open, e.Verdict, e.Evaluator
		out.Detail = "it was left open, or refused, before evidence was judged: " + codes(e)
		return out, nil
	}
	var req gate.Request
	asked, err := document(e.Request)
	if err != nil {
		return out, err
	}
	if err := attest.DecodeJSON(asked, &req); err != nil {
		return out, fmt.Errorf("reading the request: %w", err)
	}
	o, err := r.open(c, files, document)
	if err != nil {
		return out, err
	}
	evidence, err := evidenceOf(ctx, c, o.verifier, document)
	if err != nil {
		return out, err
	}
	var rejected []gate.Rejection
	for _, x := range c.Rejected {
		rejected = append(rejected, gate.Rejection(x))
	}
	return r.compare(out, e, recorded, gate.Decide(ctx, o.policy, req, evidence, rejected, r.Version))
}

// open reports whether nothing was judged. Time that ran out can't be made to run out again.
func open(e Entry, c Case) bool {
	return c.Open || e.Verdict == gate.Undecided && slices.ContainsFunc(e.Reasons, func(x Cause) bool { return x.Code == gate.CodeTimeout })
}

func codes(e Entry) string {
	var out []string
	for _, r := range e.Reasons {
		out = append(out, r.Code)
	}
	return strings.Join(out, ", ")
}

// open loads the policy as it was and the verifier that goes with it.
func (r *Replayer) open(c Case, files map[string]string, document func(string) ([]byte, error)) (opened, error) {
	key := fmt.Sprintf("%+v %s", c.Policy, c.TrustRoot)
	if o, ok := r.policies[key]; ok {
		return o, nil
	}
	content := map[string][]byte{}
	for name, digest := range files {
		data, err := document(digest)
		if err != nil {
			return opened{}, fmt.Errorf("reading %s of the policy: %w", name, err)
		}
		content[name] = data
	}
	var root []byte
	if c.TrustRoot != "" {
		var err error
		if root, err = document(c.TrustRoot); err != nil {
			return opened{}, fmt.Errorf("reading the trust root: %w", err)
		}
	}
	opt := r.Load
	opt.Origin = gate.Origin{FromTree: c.Policy.FromTree, Signed: c.Policy.Signed}
	opt.LocalKey = func(name string) ([]byte, error) {
		if pem, ok := content["local:"+name]; ok {
			return pem, nil
		}
		return nil, errors.New("the ledger does not hold it")
	}
	opt.TrustRoot = func([]byte) (attest.Digest, error) {
		if root == nil {
			return attest.Digest{}, errors.New("the ledger holds no trust root for it")
		}
		return r.Root(root)
	}
	p, err := gate.ParsePolicy(c.Policy.ParsedAs, content, opt)
	if err != nil {
		return opened{}, fmt.Errorf("loading the policy as it was: %w", err)
	}
	if p.Digest.String() != c.Policy.Files {
		return opened{}, fmt.Errorf("the policy has digest %s, expected %s", p.Digest, c.Policy.Files)
	}
	p.URI = c.Policy.URI
	v, err := r.Verifier(p, root)
	if err != nil {
		return opened{}, err
	}
	if r.policies == nil || len(r.policies) >= maxOpened {
		r.policies = map[string]opened{}
	}
	r.policies[key] = opened{p, v}
	return r.policies[key], nil
}

// evidenceOf verifies every bundle again: the ledger's word is not enough.
func evidenceOf(ctx context.Context, c Case, v *attest.Verifier, document func(string) ([]byte, error)) ([]attest.Evidence, error) {
	var out []attest.Evidence
	for _, p := range c.Evidence {
		raw, err := document(p.Bundle)
		if err != nil {
			return nil, err
		}
		e, err := v.Verify(ctx, raw)
		if err != nil {
			return nil, fmt.Errorf("evidence %s no longer verifies: %w", p.Bundle, err)
		}
		if e.ID().String() != p.Statement {
			return nil, fmt.Errorf("evidence %s states %s, expected %s", p.Bundle, e.ID(), p.Statement)
		}
		out = append(out, e)
	}
	return out, nil
}

// compare holds a decision against the recorded one, and against the entry that names that.
func (r *Replayer) compare(out Replayed, e Entry, recorded []byte, d gate.Decision) (Replayed, error) {
	raw, err := d.JSON()
	if err != nil {
		return out, err
	}
	out.Now, out.By = d.Verdict, d.Evaluator
	switch {
	case bytes.Equal(raw, recorded) && !e.tells(d):
		out.Outcome, out.Detail = Differs, "the entry says something else than the decision that it names"
	case bytes.Equal(raw, recorded):
		out.Outcome = Same
	case out.Now == out.Recorded && out.Evaluator():
		out.Outcome, out.Detail = SameVerdict, out.change()
	default:
		out.Outcome, out.Detail = Differs, "the same evaluator, rules, policy, evidence and time give another decision"
		if out.Evaluator() {
			out.Detail = out.change()
		}
	}
	return out, nil
}

// tells reports whether an entry says of a decision what is written of it.
func (e Entry) tells(d gate.Decision) bool {
	want, _, err := (&Recorder{}).entry(d)
	if err != nil {
		return false
	}
	want.Schema, want.Seq, want.Previous, want.Time, want.Kind, want.Actor, want.Request, want.Case = e.Schema, e.Seq, e.Previous, e.Time, e.Kind, e.Actor, e.Request, e.Case
	_, a, err := want.canonical()
	_, b, err2 := e.canonical()
	return errors.Join(err, err2) == nil && bytes.Equal(a, b)
}

// change says what evaluates otherwise than then.
func (r Replayed) change() string {
	var out []string
	if r.Then.Version != r.By.Version {
		out = append(out, fmt.Sprintf("evaluator %s then, %s now", r.Then.Version, r.By.Version))
	}
	if r.Then.Rules != r.By.Rules {
		out = append(out, fmt.Sprintf("rules %s then, %s now", r.Then.Rules, r.By.Rules))
	}
	return strings.Join(out, "; ")
}
