// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"slices"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// checkAttached demands the evidence that others attach to the artifact by its digest: about each platform, or, for kinds that are not about the
// content of one, about the index.
func (a *attempt) checkAttached() {
	for _, want := range a.p.Attached {
		if a.kind == "" || !wantsKind(want, a.kind) {
			continue
		}
		req := Requirement{Name: "attached " + want.Type, Met: true}
		taken := map[string]bool{}
		for _, leaf := range a.req.leaves() {
			about := []attest.Subject{leaf}
			if !predicate.AboutArtifact[want.Type] {
				about = append(about, a.req.Subject)
			}
			found, problem := a.newestAttached(want, about, &req)
			if found == nil {
				req.Met = false
				r := Reason{Code: CodeEvidenceMissing, Message: fmt.Sprintf("no %s evidence is attached to %s", want.Type, leaf), Expected: "signed by " + list(want.SignedBy), Found: "none"}
				if problem != nil {
					r = *problem
				}
				a.refuse(r)
				continue
			}
			if !taken[found.id] {
				taken[found.id] = true
				a.attached = append(a.attached, *found)
			}
			if _, isLinked := a.inputs[found.id]; !isLinked {
				a.input(found.statement, found.by, predicate.TimeOf(found.st), false)
			}
		}
		a.trace = append(a.trace, req)
	}
}

// newestAttached picks the newest statement of a kind that counts, or says what was wrong with one that does not. That others signed a
// statement of that kind too is nothing wrong with it: a stage of the chain may have made it.
func (a *attempt) newestAttached(want Attached, about []attest.Subject, req *Requirement) (found *linked, problem *Reason) {
	var foundTime time.Time
	for _, st := range a.chains.ofType(predicate.Types[want.Type]...) {
		if predicate.KindOf(st.st) != want.Type || !aboutAny(st.st, about) {
			continue
		}
		by, p := a.chains.signedBy(st, want.SignedBy, 1)
		if p == nil {
			p = a.chains.revokedStatement(st)
		}
		t, _, _ := when(by, predicate.TimeOf(st.st)) // no time sorts first: anything dated is newer
		if p == nil && t.After(a.req.At.Add(maxSkew)) {
			p = &Reason{Code: CodeTimeInFuture, Message: fmt.Sprintf("the attached %s evidence lies in the future", want.Type), Expected: "not after " + rfc3339(a.req.At), Found: rfc3339(t), Evidence: []string{st.id}}
		}
		req.Candidates = append(req.Candidates, Candidate{Digest: st.id, Signer: a.chains.describe(st.signers[0].Signer()), Time: rfc3339(t), Failed: p})
		if p != nil {
			if p.Code != CodeSigner {
				problem = p
			}
			continue
		}
		if found == nil || t.After(foundTime) || t.Equal(foundTime) && typeRank(st.st) <= typeRank(found.st) { // a last tie goes to the greater id, as with receipts
			found, foundTime = &linked{want.Type, st, by}, t
		}
	}
	return found, problem
}

// typeRank is the place of a statement's type among those of its kind: of two that say the same at one time, the type that sealock writes counts.
func typeRank(st attest.Statement) int {
	return slices.Index(predicate.Types[predicate.KindOf(st)], st.PredicateType)
}

func wantsKind(want Attached, kind string) bool {
	for _, k := range want.Artifacts {
		if k == kind {
			return true
		}
	}
	return len(want.Artifacts) == 0
}

// claimedTime is the time that a predicate gives for itself, or "".
func claimedTime(st attest.Statement) string {
	var p struct {
		FinishedOn   string                 `json:"finishedOn"`
		TimeVerified string                 `json:"timeVerified"`
		TimeCreated  string                 `json:"timeCreated"`
		Metadata     predicate.ScanMetadata `json:"metadata"`
		RunDetails   predicate.RunDetails   `json:"runDetails"`
	}
	if predicate.Decode(st, &p) != nil {
		return ""
	}
	for _, t := range []string{p.FinishedOn, p.TimeVerified, p.TimeCreated, p.Metadata.ScanFinishedOn, p.RunDetails.Metadata.FinishedOn} {
		if t != "" {
			return t
		}
	}
	return ""
}
