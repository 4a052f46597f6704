// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// Holder is an artifact that has what was looked for.
type Holder struct {
	Subject      attest.Subject `json:"subject"`
	Matches      []Match        `json:"matches"`
	Environments []Whereabouts  `json:"environments"`
	Entries      int            `json:"entries"` // decisions about it
}

// Whereabouts is what the ledger knows of an artifact and one environment.
type Whereabouts struct {
	Environment string       `json:"environment"`
	Verdict     gate.Verdict `json:"verdict"` // of the last decision about it
	At          string       `json:"at"`
	Seq         int64        `json:"seq"`
	Promoted    string       `json:"promoted,omitempty"`  // when, as the promotion says; "": it is not known to have been
	Statement   string       `json:"statement,omitempty"` // the promotion
	Resource    string       `json:"resource,omitempty"`
	Running     string       `json:"running,omitempty"` // when "sealock drift" last found it running there; "": that is not on the record
}

// viaDrift is the actor that asks only about what runs.
const viaDrift = "drift"

// QueryError says that a question can't be understood.
type QueryError struct{ err error }

func (e *QueryError) Error() string { return e.err.Error() }

// decided is what is known of one artifact while the ledger is read.
type decided struct {
	subject attest.Subject
	digests map[string]bool // its own and those of its platforms
	cases   map[string]bool
	last    map[string]Entry  // by environment
	running map[string]string // when drift found it to run, by environment
	entries int
}

// WhoHas looks through all evidence that any decision was made from: for a package (by purl, with or without version), a vulnerability (by any of its
// ids), or a digest. It tells which artifacts have it, and what was decided about them where.
func WhoHas(ctx context.Context, l Ledger, what string) ([]Holder, error) {
	n, err := parseNeedle(what)
	if err != nil {
		return nil, &QueryError{err}
	}
	s := &search{ctx: ctx, ledger: l, needle: n, bundles: map[string]*statement{}, cases: map[string][]*statement{}}
	subjects, promoted, err := s.read()
	if err != nil {
		return nil, err
	}
	var out []Holder
	for _, key := range slices.Sorted(maps.Keys(subjects)) {
		h, err := s.holder(subjects[key], promoted)
		if err != nil {
			return nil, err
		}
		if len(h.Matches) > 0 {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b Holder) int { return cmp.Compare(a.Subject.Name, b.Subject.Name) })
	return out, nil
}

// search is the state of one question.
type search struct {
	ctx     context.Context
	ledger  Ledger
	needle  needle
	bundles map[string]*statement
	cases   map[string][]*statement
}

// statement is one statement that was looked through.
type statement struct {
	about   []string // digests of its subjects
	matches []Match
	vsa     *predicate.VSA
	id      string
}

// read goes through the entries: what was decided about which artifact, and which promotions were signed.
func (s *search) read() (map[string]*decided, []*statement, error) {
	subjects := map[string]*decided{}
	var promotions []Piece
	for line, err := range s.ledger.Lines(s.ctx, Query{}) {
		if err != nil {
			return nil, nil, err
		}
		e, err := DecodeEntry(line.Raw)
		if err != nil {
			return nil, nil, fmt.Errorf("entry %d: %w", line.Seq, err)
		}
		if e.Promotion != nil {
			promotions = append(promotions, Piece{Bundle: e.Promotion.Bundle, Statement: e.Promotion.Statement, Type: predicate.TypeVSA})
			continue
		}
		key := e.Subject.Digest.Primary().String()
		if key == "" || e.Kind != KindDecision {
			continue // it could not be made out, or nothing new was found out
		}
		d := subjects[key]
		if d == nil {
			d = &decided{digests: map[string]bool{}, cases: map[string]bool{}, last: map[string]Entry{}, running: map[string]string{}}
			subjects[key] = d
		}
		d.subject, d.entries = e.Subject, d.entries+1
		d.cases[e.Case] = true
		for _, sub := range append([]attest.Subject{e.Subject}, e.Leaves...) {
			for _, x := range sub.Digest.Digests() {
				d.digests[x.String()] = true
			}
		}
		if e.Environment != "" {
			d.last[e.Environment] = Entry{Seq: e.Seq, Verdict: e.Verdict, At: e.At}
			if e.Actor.Via == viaDrift && e.Question == gate.Stay {
				d.running[e.Environment] = e.At
			}
		}
	}
	var promoted []*statement
	for _, p := range promotions {
		st, err := s.statement(p)
		if err != nil {
			return nil, nil, err
		}
		promoted = append(promoted, st)
	}
	return subjects, promoted, nil
}

// holder puts together what is known of one artifact.
func (s *search) holder(d *decided, promoted []*statement) (Holder, error) {
	h := Holder{Subject: d.subject, Matches: []Match{}, Environments: []Whereabouts{}, Entries: d.entries}
	if !s.needle.digest.IsZero() && d.digests[s.needle.digest.String()] {
		h.Matches = append(h.Matches, Match{What: s.needle.text, Type: "subject"})
	}
	all := promoted
	for _, c := range slices.Sorted(maps.Keys(d.cases)) {
		list, err := s.evidence(c)
		if err != nil {
			return h, err
		}
		all = append(slices.Clip(all), list...)
	}
	vsas := map[string]Whereabouts{}
	for _, st := range all {
		own := slices.ContainsFunc(st.about, func(x string) bool { return d.digests[x] })
		if own && st.vsa != nil {
			where(vsas, st)
		}
		if own || !s.needle.digest.IsZero() { // a digest is also looked for in what the artifact was made from
			for _, m := range st.matches {
				if !slices.Contains(h.Matches, m) {
					h.Matches = append(h.Matches, m)
				}
			}
		}
	}
	for env, e := range d.last {
		w := vsas[env]
		w.Environment, w.Verdict, w.At, w.Seq, w.Running = env, e.Verdict, e.At, e.Seq, d.running[env]
		vsas[env] = w
	}
	for _, env := range slices.Sorted(maps.Keys(vsas)) {
		h.Environments = append(h.Environments, vsas[env])
	}
	return h, nil
}

// where notes the environments of a promotion; the newest counts.
func where(out map[string]Whereabouts, st *statement) {
	for _, level := range st.vsa.VerifiedLevels {
		env, ok := strings.CutPrefix(level, predicate.EnvironmentLevel)
		if w := out[env]; ok && st.vsa.VerificationResult == "PASSED" && w.Promoted <= st.vsa.TimeVerified {
			out[env] = Whereabouts{Environment: env, Promoted: st.vsa.TimeVerified, Statement: st.id, Resource: st.vsa.ResourceURI}
		}
	}
}

// evidence looks through what a decision was made from.
func (s *search) evidence(digest string) ([]*statement, error) {
	if out, ok := s.cases[digest]; ok {
		return out, nil
	}
	raw, err := read(s.ctx, s.ledger, digest)
	if err != nil {
		return nil, err
	}
	var c Case
	if err := attest.DecodeJSON(raw, &c); err != nil {
		return nil, fmt.Errorf("reading the list of evidence %s: %w", digest, err)
	}
	out := []*statement{}
	for _, p := range c.Evidence {
		st, err := s.statement(p)
		if err != nil {
			return nil, err
		}
		if len(st.matches) > 0 || st.vsa != nil {
			out = append(out, st)
		}
	}
	s.cases[digest] = out
	return out, nil
}

// statement looks through one statement, once. It was verified when it was recorded.
func (s *search) statement(p Piece) (*statement, error) {
	if st := s.bundles[p.Bundle]; st != nil {
		return st, nil
	}
	raw, err := read(s.ctx, s.ledger, p.Bundle)
	if err != nil {
		return nil, err
	}
	payload, err := attest.UnprovenPayload(raw)
	if err != nil {
		return nil, fmt.Errorf("reading evidence %s: %w", p.Bundle, err)
	}
	if sum := attest.SHA256(payload).String(); sum != p.Statement {
		return nil, fmt.Errorf("evidence %s states %s, expected %s", p.Bundle, sum, p.Statement)
	}
	decoded, err := attest.DecodeStatement(payload)
	if err != nil {
		return nil, fmt.Errorf("reading statement %s: %w", p.Statement, err)
	}
	st := &statement{id: p.Statement}
	for _, sub := range decoded.Subject {
		for _, d := range sub.Digest.Digests() {
			st.about = append(st.about, d.String())
		}
	}
	if st.matches, err = s.needle.in(p.Statement, decoded, payload); err != nil {
		return nil, err
	}
	var vsa predicate.VSA
	if decoded.PredicateType == predicate.TypeVSA && predicate.Decode(decoded, &vsa) == nil {
		st.vsa = &vsa
	}
	if decoded.PredicateType == predicate.TypeVSA || decoded.PredicateType == predicate.TypeSVR { // they list what they rest on: that is not what an artifact has
		st.matches = nil
	}
	s.bundles[p.Bundle] = st
	return st, nil
}
