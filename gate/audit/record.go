// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// CaseSchema names the form of a Case.
const CaseSchema = "sealock/case/v1"

// maxAppend bounds how long recording one decision may take, writers before it included.
const maxAppend = time.Minute

// Case is what a decision was made from, as a document of the ledger. Everything in it is named by digest.
type Case struct {
	Schema    string     `json:"schema"`
	Policy    CasePolicy `json:"policy"`
	TrustRoot string     `json:"trustRoot,omitempty"` // the trusted_root.json; "" where keys alone are trusted
	Evidence  []Piece    `json:"evidence"`
	Rejected  []Rejected `json:"rejected,omitempty"`
	Open      bool       `json:"open,omitempty"` // not all evidence could be gathered, or the subject could not be made out
}

// CasePolicy is the policy: Files is its digest, and at the same time that of the document which lists its files, "<hex>  <path>" a line.
type CasePolicy struct {
	Files    string `json:"files"`
	ParsedAs string `json:"parsedAs"`
	URI      string `json:"uri"`
	FromTree bool   `json:"fromTree,omitempty"`
	Signed   bool   `json:"signed,omitempty"`
}

// Piece is one bundle of verified evidence.
type Piece struct {
	Bundle    string `json:"bundle"`
	Statement string `json:"statement"`
	Type      string `json:"type"`
}

// Rejected is something in the store that was no evidence.
type Rejected struct {
	Name   string `json:"name"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Recorder writes decisions to a ledger. It is a gate.Recorder.
type Recorder struct {
	Ledger Ledger
	Now    func() time.Time
	Actor  Actor
	// TrustRoot gives the trusted_root.json by which a policy's evidence is verified, nil where keys alone are trusted.
	TrustRoot func(p *gate.Policy) ([]byte, error)
	// Recorded is told about each entry; may be nil. Its hash is what Options.Head wants.
	Recorded func(Entry, Head)
}

// Record appends a decision.
func (r *Recorder) Record(ctx context.Context, rec gate.Record) error {
	docs, c, err := r.collect(rec)
	if err != nil {
		return err
	}
	list, err := attest.EncodeJSON(c)
	if err != nil {
		return fmt.Errorf("writing the list of evidence: %w", err)
	}
	e, doc, err := r.entry(rec.Decision)
	if err != nil {
		return err
	}
	asked, err := attest.EncodeJSON(rec.Request)
	if err != nil {
		return fmt.Errorf("writing the request: %w", err)
	}
	question := document(asked)
	docs = append(docs, document(list), question, doc)
	e.Kind, e.Case, e.Request = KindDecision, attest.SHA256(list).String(), question.Digest.String()
	return r.append(ctx, e, docs)
}

// Promotion appends that a decision was acted on: the VSA that was signed over it. Name is what the policy calls the signer.
func (r *Recorder) Promotion(ctx context.Context, d gate.Decision, vsa attest.Evidence, resource, name string) error {
	e, doc, err := r.entry(d)
	if err != nil {
		return err
	}
	e.Kind, e.Actor.Signer, e.Actor.Name = KindPromotion, vsa.Signer(), cut(name)
	e.Promotion = &Promoted{Statement: vsa.ID().String(), Bundle: vsa.BundleID().String(), Resource: cut(resource)}
	return r.append(ctx, e, []Document{doc, {vsa.BundleID(), vsa.Bundle()}})
}

// Remediation appends that something is about to be done because of a decision.
func (r *Recorder) Remediation(ctx context.Context, d gate.Decision, what Remedied) error {
	e, doc, err := r.entry(d)
	if err != nil {
		return err
	}
	e.Kind, e.Remedy = KindRemediation, &Remedied{Action: cut(what.Action), Target: cut(what.Target)}
	return r.append(ctx, e, []Document{doc})
}

// BreakGlass appends that an artifact is about to be let in against a decision, by a statement that was signed for that.
func (r *Recorder) BreakGlass(ctx context.Context, d gate.Decision, by gate.Emergency, statement attest.Evidence) error {
	e, doc, err := r.entry(d)
	if err != nil {
		return err
	}
	e.Kind, e.Actor.Signer, e.Actor.Name = KindBreakGlass, statement.Signer(), cut(by.By)
	e.Glass = &Broken{Statement: by.Statement, Bundle: statement.BundleID().String(), By: cut(by.By), Reason: cut(by.Reason), Expires: predicate.Time(by.Expires)}
	return r.append(ctx, e, []Document{doc, {statement.BundleID(), statement.Bundle()}})
}

func (r *Recorder) append(ctx context.Context, e Entry, docs []Document) error {
	for _, d := range docs {
		if len(d.Bytes) > MaxDocument {
			return fmt.Errorf("document %s has %d bytes, limit %d", d.Digest.Short(), len(d.Bytes), MaxDocument)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, maxAppend)
	defer cancel()
	head, err := r.Ledger.Append(ctx, docs, func(h Head) (Entry, Line, error) {
		e.Time = r.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		sealed, line, err := e.Seal(h)
		if err == nil {
			e = sealed
		}
		return sealed, line, err
	})
	if err == nil && r.Recorded != nil {
		r.Recorded(e, head)
	}
	return err
}

// entry fills in what the decision says, and gives the document of the whole.
func (r *Recorder) entry(d gate.Decision) (Entry, Document, error) {
	raw, err := d.JSON()
	if err != nil {
		return Entry{}, Document{}, fmt.Errorf("writing the decision: %w", err)
	}
	doc := document(raw)
	e := Entry{Actor: r.Actor, Decision: d.ID, Verdict: d.Verdict, Question: d.Question, Environment: cut(d.Environment), Stage: cut(d.Stage), At: d.At,
		Subject: d.Subject, Leaves: d.Leaves, Repository: cut(d.Repository), Policy: d.Policy, Evaluator: d.Evaluator, TrustRoot: d.TrustRoot, Reasons: []Cause{}, Document: doc.Digest.String()}
	e.Actor.User, e.Actor.Run, e.Subject.Name, e.Policy.URI = cut(e.Actor.User), cut(e.Actor.Run), cut(e.Subject.Name), cut(e.Policy.URI)
	seen := map[Cause]bool{}
	for _, x := range d.Reasons {
		c := Cause{cut(x.Code), cut(x.Stage), cut(x.Rule)}
		if !seen[c] && len(e.Reasons) < maxReasons {
			seen[c] = true
			e.Reasons = append(e.Reasons, c)
		}
	}
	return e, doc, nil
}

// collect lists what a decision was made from, with the bytes.
func (r *Recorder) collect(rec gate.Record) ([]Document, Case, error) {
	p := rec.Policy
	if p == nil {
		return nil, Case{}, errors.New("a decision without a policy can't be recorded")
	}
	c := Case{Schema: CaseSchema, Evidence: []Piece{}, Open: rec.Open,
		Policy: CasePolicy{Files: p.Digest.String(), ParsedAs: p.ParsedAs(), URI: p.URI, FromTree: p.Origin.FromTree, Signed: p.Origin.Signed}}
	docs := policyDocuments(p)
	root, err := r.TrustRoot(p)
	if err != nil {
		return nil, c, fmt.Errorf("reading the trust root: %w", err)
	}
	if root != nil {
		doc := document(root)
		if c.TrustRoot = doc.Digest.String(); c.TrustRoot != rec.Decision.TrustRoot {
			return nil, c, fmt.Errorf("the trust root changed while it was decided: expected %s, found %s\nhint: try again", rec.Decision.TrustRoot, c.TrustRoot)
		}
		docs = append(docs, doc)
	}
	for _, e := range rec.Evidence {
		docs = append(docs, Document{e.BundleID(), e.Bundle()})
		c.Evidence = append(c.Evidence, Piece{e.BundleID().String(), e.ID().String(), e.Statement().PredicateType})
	}
	slices.SortFunc(c.Evidence, func(a, b Piece) int { return cmp.Compare(a.Bundle, b.Bundle) })
	c.Evidence = slices.Compact(c.Evidence)
	for _, x := range rec.Rejected {
		c.Rejected = append(c.Rejected, Rejected(x))
	}
	slices.SortFunc(c.Rejected, func(a, b Rejected) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Detail, b.Detail))
	})
	return docs, c, nil
}

// policyDocuments are the files of a policy and the list of them, whose digest is the policy's.
func policyDocuments(p *gate.Policy) []Document {
	var names []string
	for name := range p.Files {
		names = append(names, name)
	}
	slices.Sort(names)
	var list strings.Builder
	out := make([]Document, 0, len(names)+1)
	for _, name := range names {
		list.WriteString(p.Files[name].Hex + "  " + name + "\n")
		out = append(out, Document{p.Files[name], p.Content(name)})
	}
	return append(out, Document{p.Digest, []byte(list.String())})
}

func document(b []byte) Document { return Document{attest.SHA256(b), b} }
