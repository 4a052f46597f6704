// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// signedBy returns the signatures on a statement by distinct, listed, valid signers, or the reason why there are too few. Two identities of one person are
// one signer.
func (s *evidenceSet) signedBy(st *statement, names []string, threshold int) ([]attest.Evidence, *Reason) {
	var counted []attest.Evidence
	var problem *Reason
	seen := map[string]bool{}
	for _, e := range st.signers {
		person := s.policy.person(e.Signer())
		if seen[person] {
			continue
		}
		if r := s.badSigner(st.st, e, names); r != nil {
			if problem == nil || (problem.Code == CodeSigner && r.Code != CodeSigner) { // a stranger's signature says least
				problem = r
			}
			continue
		}
		seen[person] = true
		counted = append(counted, e)
	}
	if len(counted) >= max(threshold, 1) {
		return counted, nil
	}
	if problem != nil && threshold <= 1 {
		return nil, problem
	}
	r := &Reason{Code: CodeThreshold, Message: "too few signatures by distinct identities",
		Expected: fmt.Sprintf("%d of %s", threshold, list(names)), Found: fmt.Sprint(len(counted)), Evidence: []string{st.id}}
	if problem != nil {
		r.Message += "; one does not count: " + problem.Message
	}
	return nil, r
}

// badSigner says why one signature does not count for a role.
func (s *evidenceSet) badSigner(st attest.Statement, e attest.Evidence, names []string) *Reason {
	about := func(r *Reason) *Reason {
		if r != nil {
			r.Evidence = []string{e.ID().String()}
		}
		return r
	}
	matched := s.policy.namesAmong(e.Signer(), names) // another name of the same signer has times of its own, which say nothing about this role
	if len(matched) == 0 {
		return about(s.policy.notAllowed(e.Signer(), names))
	}
	if r := s.revokedSigner(e); r != nil {
		return about(r)
	}
	if r := s.badTime(e, matched); r != nil {
		return about(r)
	}
	return about(s.badBuilder(st, matched))
}

// badTime holds the time of a signature against the windows of its signer, the present, and what the policy asks of logs.
func (s *evidenceSet) badTime(e attest.Evidence, matched []string) *Reason {
	t := trusted(e)
	switch {
	case t.After(s.at.Add(maxSkew)):
		return &Reason{Code: CodeTimeInFuture, Message: "the signature lies in the future", Expected: "not after " + rfc3339(s.at), Found: rfc3339(t)}
	case t.IsZero() && e.Signer().Key == "":
		return &Reason{Code: CodeNoTrustedTime, Message: "nobody vouches for the time at which the certificate was used", Expected: "a time stamp, or a log entry with a time", Found: "none"}
	case s.unlogged(e) && !s.policy.excused(e, s.at):
		return &Reason{Code: CodeUnlogged, Message: "the signature is in no transparency log", Expected: s.policy.logRule(), Found: "a time stamp of " + rfc3339(t) + " only",
			Fix: "run the stage again now that the log can be reached"}
	case t.IsZero():
		t = s.at
	}
	for _, name := range matched {
		if s.policy.inWindow(name, t) {
			return nil
		}
	}
	return &Reason{Code: CodeKeyExpired, Message: "the key was not valid at the time of the signature", Found: rfc3339(t) + " by " + s.describe(e.Signer()),
		Expected: "a time between notBefore and notAfter of the identity"}
}

// unlogged reports whether a certificate's signature lacks the log entries that the policy asks for.
func (s *evidenceSet) unlogged(e attest.Evidence) bool {
	return e.Signer().Key == "" && s.policy.Trust.Log == LogRequired && !e.Logged()
}

// excused reports whether the policy does without a log for a signature of this age. Only an authority's time stamp tells its age.
func (p *Policy) excused(e attest.Evidence, at time.Time) bool {
	t, source := e.Time()
	return p.Trust.Degraded > 0 && source == attest.Authority && !t.IsZero() && at.Sub(t) <= time.Duration(p.Trust.Degraded)
}

func (p *Policy) logRule() string {
	if p.Trust.Degraded > 0 {
		return fmt.Sprintf("a log entry, or a time stamp at most %s old", p.Trust.Degraded)
	}
	return "a log entry"
}

// badBuilder holds the builder that provenance names against those that its signer may speak for (C-24: a right signer and a wrong builder).
func (s *evidenceSet) badBuilder(st attest.Statement, matched []string) *Reason {
	id, isProvenance := builderID(st)
	if !isProvenance {
		return nil
	}
	var expected []string
	for _, name := range matched {
		switch s.policy.Identities[name].Builder {
		case "", id:
			return nil
		default:
			expected = append(expected, s.policy.Identities[name].Builder)
		}
	}
	return &Reason{Code: CodeBuilderID, Message: fmt.Sprintf("the provenance of %s names another builder", list(matched)), Expected: strings.Join(expected, " or "), Found: quoted(id),
		Fix: "build on the builder that the policy names, or correct identities." + matched[0] + ".builder"}
}

// builderID is the builder that a statement names, and whether it is provenance. One that can't be read names none.
func builderID(st attest.Statement) (string, bool) {
	if !contains(predicate.Types[predicate.KindProvenance], st.PredicateType) {
		return "", false
	}
	var p struct {
		Builder    predicate.Builder    `json:"builder"` // SLSA v0.2
		RunDetails predicate.RunDetails `json:"runDetails"`
	}
	switch {
	case predicate.Decode(st, &p) != nil:
		return "", true
	case st.PredicateType == predicate.TypeProvenance:
		return p.RunDetails.Builder.ID, true
	}
	return p.Builder.ID, true
}

// revokedSigner says whether the policy took back a key, a name or a certificate by the time of a signature.
func (s *evidenceSet) revokedSigner(e attest.Evidence) *Reason {
	id, t := e.Signer(), trusted(e)
	for _, r := range s.policy.RevokedSigner(id) {
		// A signature before the revocation counts only if somebody else vouches for its time.
		if r.From.IsZero() || t.IsZero() || !t.Before(r.From) {
			out := &Reason{Code: CodeRevoked, Message: "the signer was revoked: " + r.Reason, Found: s.describe(id)}
			if !r.From.IsZero() {
				out.Expected, out.Found = "a signature with a trusted time before "+rfc3339(r.From), out.Found+" at "+trustedTime(t)
			}
			return out
		}
	}
	return nil
}

// RevokedSigner lists the revocations that name a signer: its key, one of its names in the policy, or its certificate. Each holds from its time on.
func (p *Policy) RevokedSigner(id attest.Identity) []Revocation {
	var out []Revocation
	for _, r := range p.Revoked {
		hit := r.Serial != "" && id.Serial != "" && sameSerial(r.Serial, id.Serial)
		if r.Identity != "" {
			hit = r.Identity == id.Key || p.MaySign(id, []string{r.Identity})
		}
		if hit {
			out = append(out, r)
		}
	}
	return out
}

func trustedTime(t time.Time) string {
	if t.IsZero() {
		return "a time for which nobody else vouches"
	}
	return rfc3339(t)
}

// sameSerial compares serial numbers, which some write with zeros before them.
func sameSerial(a, b string) bool { return strings.TrimLeft(a, "0") == strings.TrimLeft(b, "0") }
