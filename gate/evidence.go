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
	order  []string // ids, sorted: nothing depends on the order of arrival; a part of a statement stands under its id with # and its number

	unreadable []Rejection // collections of other tools
}

func newEvidenceSet(p *Policy, at time.Time, evidence []attest.Evidence) *evidenceSet {
	s := &evidenceSet{policy: p, at: at, byID: map[string]*statement{}}
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
			return a.BundleID().Hex < b.BundleID().Hex
		})
	}
	return s
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

// signedBy returns the signatures on a statement by distinct, listed, valid signers, or the reason why there are too few.
func (s *evidenceSet) signedBy(st *statement, names []string, threshold int) ([]attest.Evidence, *Reason) {
	var counted []attest.Evidence
	var problem *Reason
	seen := map[string]bool{}
	for _, e := range st.signers {
		if seen[e.Signer().Principal()] {
			continue
		}
		if r := s.badSigner(e, names); r != nil {
			if problem == nil {
				problem = r
			}
			continue
		}
		seen[e.Signer().Principal()] = true
		counted = append(counted, e)
	}
	if len(counted) >= max(threshold, 1) {
		return counted, nil
	}
	if problem != nil && threshold <= 1 {
		return nil, problem
	}
	return nil, &Reason{Code: CodeThreshold, Message: "too few signatures by distinct identities",
		Expected: fmt.Sprintf("%d of %s", threshold, list(names)), Found: fmt.Sprint(len(counted)), Evidence: []string{st.id}}
}

// badSigner says why one signature does not count for a role.
func (s *evidenceSet) badSigner(e attest.Evidence, names []string) *Reason {
	who := s.describe(e.Signer())
	if !s.policy.MaySign(e.Signer(), names) {
		return &Reason{Code: CodeSigner, Message: "signed by an identity that may not sign this", Expected: "one of " + list(names), Found: who,
			Fix: "sign with a listed identity, or add the identity to the policy", Evidence: []string{e.ID().String()}}
	}
	if r := s.revokedSigner(e); r != nil {
		return r
	}
	when, _ := e.Time()
	if when.IsZero() {
		when = s.at
	}
	allowed := s.policy.expand(names) // another name of the same key has a window of its own, which says nothing about this role
	for _, name := range s.policy.Names(e.Signer()) {
		k := s.policy.keys[name]
		if allowed[name] && (k.notBefore.IsZero() || !when.Before(k.notBefore)) && (k.notAfter.IsZero() || !when.After(k.notAfter)) {
			return nil
		}
	}
	return &Reason{Code: CodeKeyExpired, Message: "the key was not valid at the time of the signature", Found: rfc3339(when) + " by " + who,
		Expected: "a time between notBefore and notAfter of the identity", Evidence: []string{e.ID().String()}}
}

func (s *evidenceSet) revokedSigner(e attest.Evidence) *Reason {
	when, _ := e.Time()
	for _, r := range s.policy.Revoked {
		hit := r.Serial != "" && r.Serial == e.Signer().Serial
		if r.Identity != "" {
			hit = r.Identity == e.Signer().Key
			for name := range s.policy.expand([]string{r.Identity}) {
				hit = hit || s.policy.keys[name].id == e.Signer().Key
			}
		}
		// A signature before the revocation counts only if somebody else vouches for its time.
		if hit && (r.From.IsZero() || when.IsZero() || !when.Before(r.From)) {
			return &Reason{Code: CodeRevoked, Message: "the signer was revoked: " + r.Reason, Found: s.describe(e.Signer()), Evidence: []string{e.ID().String()}}
		}
	}
	return nil
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

// when is the time that counts for a statement: trusted where there is one, else what it claims.
func when(signers []attest.Evidence, claimed string) (time.Time, attest.TimeSource, error) {
	for _, e := range signers {
		if t, src := e.Time(); !t.IsZero() {
			return t, src, nil
		}
	}
	t, err := time.Parse(time.RFC3339, claimed)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("time %q is not RFC 3339", claimed)
	}
	return t, attest.Claimed, nil
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
