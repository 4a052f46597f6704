// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"sort"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// maxSkew is how far in the future a time may lie before it is called wrong.
const maxSkew = 5 * time.Minute

// statement is one verified statement with all the signatures on it.
type statement struct {
	id      string
	st      attest.Statement
	signers []attest.Evidence // sorted by signer, one a signer
	doc     any               // predicate for the rules, decoded once
}

// evidenceSet is all verified evidence of one decision, by statement.
type evidenceSet struct {
	policy *Policy
	at     time.Time
	byID   map[string]*statement
	links  links
	order  []string // ids, sorted: nothing depends on the order of arrival; a part of a statement stands under its id with # and its number

	unreadable []Rejection // collections of other tools
}

func newEvidenceSet(p *Policy, at time.Time, evidence []attest.Evidence) *evidenceSet {
	s := &evidenceSet{policy: p, at: at, byID: map[string]*statement{}, links: links{}}
	for _, e := range evidence {
		id := e.ID().String()
		st := s.byID[id]
		if st == nil {
			st = &statement{id: id, st: e.Statement()}
			s.byID[id] = st
			s.order = append(s.order, id)
		}
		st.signers = append(st.signers, e)
	}
	for _, id := range append([]string(nil), s.order...) {
		parts, err := predicate.Unwrap(s.byID[id].st)
		if err != nil {
			s.unreadable = append(s.unreadable, Rejection{id, attest.RejectCode(err), err.Error()})
		}
		for i, part := range parts { // the same signatures speak for it, and it is named by the statement that was signed
			key := fmt.Sprintf("%s#%03d", id, i)
			s.byID[key] = &statement{id: id, st: part, signers: append([]attest.Evidence(nil), s.byID[id].signers...)}
			s.order = append(s.order, key)
		}
	}
	sort.Strings(s.order)
	for _, st := range s.byID {
		sort.Slice(st.signers, func(i, j int) bool {
			a, b := st.signers[i], st.signers[j]
			if x, y := a.Signer().Principal(), b.Signer().Principal(); x != y {
				return x < y
			}
			if a.Logged() != b.Logged() { // of one signer's signatures the best counts
				return a.Logged()
			}
			if x, y := trusted(a), trusted(b); !x.Equal(y) {
				return x.After(y)
			}
			return a.BundleID().Hex < b.BundleID().Hex
		})
	}
	return s
}

func trusted(e attest.Evidence) time.Time {
	t, _ := e.Time()
	return t
}

// ofType lists the statements of a predicate type, in order of id.
func (s *evidenceSet) ofType(types ...string) []*statement {
	var out []*statement
	for _, id := range s.order {
		for _, t := range types {
			if s.byID[id].st.PredicateType == t {
				out = append(out, s.byID[id])
			}
		}
	}
	return out
}

// revokedStatement says whether a statement, or anything it is about, was revoked.
func (s *evidenceSet) revokedStatement(st *statement) *Reason {
	for _, r := range s.policy.Revoked {
		if r.Statement != "" && r.Statement == st.id {
			return &Reason{Code: CodeRevoked, Message: "the statement was revoked: " + r.Reason, Evidence: []string{st.id}}
		}
	}
	return nil
}

// revokedSubject says whether an artifact was revoked.
func (p *Policy) revokedSubject(sub attest.Subject) *Reason {
	for _, r := range p.Revoked {
		for _, d := range sub.Digest.Digests() {
			if r.Subject != "" && r.Subject == d.String() {
				return &Reason{Code: CodeRevoked, Message: "the artifact was revoked: " + r.Reason, Found: sub.String(),
					Fix: "promote another artifact; the revocation is in revoked.yaml of the policy"}
			}
		}
	}
	return nil
}

// describe names a signer by the policy's identities, or by what it is.
func (s *evidenceSet) describe(id attest.Identity) string { return s.policy.NameOf(id) }

// when is the time that counts for a statement: the latest trusted one of those who signed it (losing a signature then never makes it newer), else what
// it claims. A key's signature can be stamped anew at any time, so there a trusted time only bounds the claimed one; a certificate lives for minutes.
func when(signers []attest.Evidence, claimed string) (best time.Time, from attest.TimeSource, err error) {
	own, err := time.Parse(time.RFC3339, claimed)
	for _, e := range signers {
		t, src := e.Time()
		switch {
		case e.Signer().Key == "" || err != nil:
		case t.IsZero():
			t, src = own, attest.Claimed
		case own.Before(t):
			t = own
		}
		if t.After(best) || (!t.IsZero() && t.Equal(best) && src == attest.Authority) {
			best, from = t, src
		}
	}
	switch {
	case !best.IsZero():
		return best, from, nil
	case err != nil:
		return time.Time{}, "", fmt.Errorf("time %q is not RFC 3339", claimed)
	}
	return own, attest.Claimed, nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	out := names[0]
	for _, n := range names[1:] {
		out += ", " + n
	}
	return out
}
