// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// Taken is what a store has of one stage about the source of a preview. No key stands in for that stage, whether the evidence counts or not.
type Taken struct {
	Receipt  attest.Digest    // id of the statement
	Signer   string           // as the policy calls it; empty where no signature was proven
	Subjects []attest.Subject // of the receipt
	Problem  *Reason          // why it does not count; nil if it does
}

// claim is a receipt that a store has, proven or only said to be one.
type claim struct {
	Taken
	materials []attest.ResourceDescriptor
	receipt   *receipt // nil: no signature was proven
}

// Take reads what a store has about a source, and about what may have been made from it, and has it judged by the identities of the policy itself: from then
// on these speak for the stages that they signed, and stand-ins for the others alone. A stage follows from the source if its receipt names one that does. What
// the verifier rejects is believed in nothing, except that its stage is not stood in for.
//
// An error says that the store could not be read, or holds too much; the preview is then as it was. Take is called at most once, before Check.
func (x *Preview) Take(ctx context.Context, v *attest.Verifier, s attest.Store, source attest.Subject, made []attest.Subject, at time.Time) (map[string]Taken, error) {
	if source.Digest.Primary().IsZero() || x.taken != nil {
		return nil, errors.New("evidence for a preview is taken once, about a source with a strong digest")
	}
	real, err := New(x.policy, v, s, x.gate.Version)
	if err != nil {
		return nil, err
	}
	req := Request{Subject: source, Leaves: made}
	w, err := real.gather(ctx, req)
	if err != nil {
		return nil, err
	}
	claims, unread, err := x.rejectedClaims(ctx, s, req, w)
	if err != nil {
		return nil, err
	}
	set := newEvidenceSet(x.policy, at.UTC().Truncate(time.Second), w.evidence)
	set.links = w.links
	judged := newChains(set)
	for _, r := range judged.receipts {
		c := claim{Taken{attest.Digest{Algorithm: "sha256", Hex: strings.TrimPrefix(r.id, "sha256:")}, x.policy.NameOf(r.signers[0].Signer()), r.st.Subject, r.problem}, r.link.Materials, r}
		claims[r.stage] = append(claims[r.stage], c)
	}
	if judged.tooDeep {
		return nil, limit("the chain is deeper than %d receipts, or has more than %d", MaxDepth, MaxReceipts)
	}
	taken := x.choose(source, claims, unread)
	if len(taken) > 0 {
		x.believe(taken, w)
	}
	return taken, nil
}

// rejectedClaims reads what is no evidence as what it says it is, by stage, and counts what can't be read even so, by the digest under which it lies.
func (x *Preview) rejectedClaims(ctx context.Context, s attest.Store, req Request, w *gathering) (map[string][]claim, map[string]*Reason, error) {
	claims, unread := map[string][]claim{}, map[string]*Reason{}
	if len(w.rejected) == 0 {
		return claims, unread, nil
	}
	why := map[string]*Reason{}
	for _, r := range w.rejected {
		why[r.Name] = &Reason{Code: r.Code, Message: fmt.Sprintf("%s is no evidence: %s", r.Name, r.Detail)}
	}
	for _, sub := range append([]attest.Subject{req.Subject}, req.Leaves...) {
		entries, err := s.List(ctx, sub.Digest.Primary())
		if err != nil {
			return nil, nil, fmt.Errorf("listing evidence about %s: %w", sub, err)
		}
		for _, e := range entries {
			problem := why[e.Name]
			if problem == nil {
				continue
			}
			st, id, ok := unproven(e)
			if !ok {
				unread[sub.Digest.Primary().String()] = problem
			} else if link := readLink(st); link != nil {
				claims[link.Name] = append(claims[link.Name], claim{Taken{Receipt: id, Subjects: st.Subject, Problem: problem}, link.Materials, nil})
			}
		}
	}
	return claims, unread, nil
}

// unproven reads the statement of a bundle that proves nothing.
func unproven(e attest.Stored) (attest.Statement, attest.Digest, bool) {
	if len(e.Bundle) > attest.MaxBundle {
		return attest.Statement{}, attest.Digest{}, false
	}
	payload, err := attest.UnprovenPayload(e.Bundle)
	if err != nil {
		return attest.Statement{}, attest.Digest{}, false
	}
	st, err := attest.DecodeStatement(payload)
	return st, attest.SHA256(payload), err == nil
}

// choose picks for each stage the claim that speaks for it: of those that follow from the source the newest sound one, else any that is not.
func (x *Preview) choose(source attest.Subject, claims map[string][]claim, unread map[string]*Reason) map[string]Taken {
	all := map[string]bool{}
	for name := range x.policy.Stages {
		all[name] = true
	}
	taken, known := map[string]Taken{}, map[string]map[string]bool{} // ids of what follows, by stage
	for _, name := range x.policy.StageOrder(all) {
		known[name] = map[string]bool{}
		var best *claim
		for _, c := range claims[name] {
			if x.follows(name, c, source, taken, known) {
				known[name][c.Receipt.Hex] = true
				if best == nil || c.better(*best) {
					best = &c
				}
			}
		}
		if best != nil {
			taken[name] = best.Taken
		} else if problem := x.illegible(name, source, taken, unread); problem != nil {
			taken[name] = Taken{Problem: problem}
		}
	}
	return taken
}

// follows reports whether a claim is about the source, or names a receipt that follows from it and, of what that made, the very thing that is taken.
func (x *Preview) follows(name string, c claim, source attest.Subject, taken map[string]Taken, known map[string]map[string]bool) bool {
	after := x.policy.Stages[name].After
	if len(after) == 0 {
		return slices.ContainsFunc(c.Subjects, func(s attest.Subject) bool { return s.Digest.Matches(source.Digest) })
	}
	return slices.ContainsFunc(after, func(a After) bool {
		named := slices.ContainsFunc(c.materials, func(m attest.ResourceDescriptor) bool {
			return m.Name == predicate.ReceiptPrefix+a.Stage && known[a.Stage][m.Digest["sha256"]]
		})
		return named && slices.ContainsFunc(taken[a.Stage].Subjects, func(s attest.Subject) bool {
			return slices.ContainsFunc(c.materials, func(m attest.ResourceDescriptor) bool { return s.Digest.Matches(m.Digest) })
		})
	})
}

func (c claim) better(than claim) bool {
	switch {
	case (c.Problem == nil) != (than.Problem == nil):
		return c.Problem == nil
	case c.receipt == nil || than.receipt == nil:
		return c.receipt != nil || (than.receipt == nil && c.Receipt.Hex > than.Receipt.Hex)
	}
	return newer(c.receipt, than.receipt)
}

// illegible is why nothing stands for a stage of which nothing is there: it may be what can't be read, where the stage's evidence would lie.
func (x *Preview) illegible(name string, source attest.Subject, taken map[string]Taken, unread map[string]*Reason) *Reason {
	after := x.policy.Stages[name].After
	if len(after) == 0 {
		return unread[source.Digest.Primary().String()]
	}
	for _, a := range after {
		for _, s := range taken[a.Stage].Subjects {
			if problem := unread[s.Digest.Primary().String()]; problem != nil && !s.Digest.Matches(source.Digest) {
				return problem
			}
		}
	}
	return nil
}

// believe lets the identities of the policy speak for themselves again, beside those that stand for them.
func (x *Preview) believe(taken map[string]Taken, w *gathering) {
	q := *x.gate.Policy
	q.names, q.keys, q.certificates, q.Trust = maps.Clone(q.names), maps.Clone(x.policy.keys), x.policy.certificates, x.policy.Trust
	for id, names := range x.policy.names {
		q.names[id] = append(slices.Clone(q.names[id]), names...)
	}
	// Whoever signs and the key that stands for him are one person, also where the policy does not know him as one.
	q.People = maps.Clone(x.policy.People)
	if q.People == nil {
		q.People = map[string][]string{}
	}
	for name, id := range x.policy.Identities {
		if id.SubjectPattern == "" && len(id.AnyOf) == 0 {
			q.People["~"+name] = []string{name} // sorts behind people whom the policy knows, who come first
		}
	}
	q.Stages = maps.Clone(x.policy.Stages)
	for name, s := range q.Stages {
		if has(taken, name) {
			continue
		}
		s.After = slices.Clone(s.After)
		for i, a := range s.After { // its run is yet to come
			s.After[i].SameRun = a.SameRun && !has(taken, a.Stage)
		}
		q.Stages[name] = s
	}
	x.gate.Policy, x.taken, x.evidence, x.rejected = &q, taken, w.evidence, w.rejected
}

// admit puts what was taken beside what stand-ins signed. These speak for no stage that the store has evidence of, sign nothing that is in it, and supply nothing
// that a receipt in it names.
func (x *Preview) admit(assumed *gathering) ([]attest.Evidence, []Rejection) {
	out, rejected := slices.Clone(x.evidence), append(slices.Clone(x.rejected), assumed.rejected...)
	real := map[string]bool{} // hex of the ids of statements
	for _, e := range x.evidence {
		real[e.ID().Hex] = true
		link := readLink(e.Statement())
		if link == nil {
			continue
		}
		for _, ref := range link.Byproducts.Evidence {
			real[ref.Digest["sha256"]] = true
		}
		for _, m := range link.Materials {
			real[m.Digest["sha256"]] = real[m.Digest["sha256"]] || strings.HasPrefix(m.Name, predicate.ReceiptPrefix)
		}
	}
	for _, e := range assumed.evidence {
		why := ""
		if link := readLink(e.Statement()); link != nil && has(x.taken, link.Name) {
			why = fmt.Sprintf("nobody stands in for stage %q: the store has evidence of it", link.Name)
		} else if real[e.ID().Hex] {
			why = "nobody stands in for what a receipt of the store names"
		}
		if why == "" {
			out = append(out, e)
		} else {
			rejected = append(rejected, Rejection{"stand-in " + e.ID().Short(), CodeSigner, why})
		}
	}
	return out, rejected
}
