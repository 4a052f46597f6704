// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// checkCoverage demands, for each kind of evidence that is about the artifact itself and that a required stage lists, a statement about
// each platform, by the newest run about it; for the other kinds, one about what the run contributes to the chain. What a run found out
// about its other products says nothing here.
func (a *attempt) checkCoverage() {
	for _, kind := range predicate.Kinds {
		stages := a.demanding(kind)
		if !predicate.AboutArtifact[kind] || len(stages) == 0 {
			continue
		}
		for _, leaf := range a.req.leaves() {
			if !a.covered(kind, stages, leaf) {
				a.refuse(Reason{Code: CodeEvidenceMissing, Message: fmt.Sprintf("no %s evidence about %s itself", kind, leaf), Expected: fmt.Sprintf("%s evidence by stage %s", kind, list(stages)),
					Found: "none about this digest", Fix: "run the stage again: sealock run " + stages[0]})
			}
		}
	}
	for _, stage := range a.required {
		for _, kind := range a.p.Stages[stage].Evidence {
			for _, r := range a.chain.current(stage) {
				if !predicate.AboutArtifact[kind] && !a.contributes(r, kind) {
					a.refuse(Reason{Code: CodeEvidenceSubject, Stage: stage, Message: fmt.Sprintf("the %s evidence of stage %q is about none of its products in this chain", kind, stage),
						Expected: "evidence about " + subjectNames(a.chain.subjectsOf(r)), Found: "evidence about other products", Fix: "run the stage again: sealock run " + stage, Evidence: []string{r.id}})
				}
			}
		}
	}
}

// contributes reports whether a run has evidence of a kind about the artifact, or each platform of it that the run is about; for a run about
// neither, about any other subject of the chain.
func (a *attempt) contributes(r *receipt, kind string) bool {
	about := func(s attest.Subject) bool {
		for _, e := range r.evidence {
			if e.kind == kind && e.st.About(s.Digest) {
				return true
			}
		}
		return false
	}
	leaves, others := 0, false
	for _, s := range a.chain.subjectsOf(r) {
		switch {
		case isOneOf(s, []attest.Subject{a.req.Subject}) && about(s):
			return true
		case isOneOf(s, a.req.leaves()):
			leaves++
			if !about(s) {
				return false
			}
		default:
			others = others || about(s)
		}
	}
	return leaves > 0 || others
}

// demanding lists the required stages that must bring evidence of a kind. For a question about a stage only those count that are about
// the artifact; for an environment all do, so that a scan of something else can't stand for a scan of the artifact.
func (a *attempt) demanding(kind string) []string {
	var out []string
	for _, s := range a.required {
		for _, k := range a.p.Stages[s].Evidence {
			if k == kind && (a.kind != "" || s == a.req.Stage || a.chain.newest(s, a.req.Subject) != nil) {
				out = append(out, s)
			}
		}
	}
	return out
}

func (a *attempt) covered(kind string, stages []string, leaf attest.Subject) bool {
	for _, s := range stages {
		r := a.chain.newest(s, leaf)
		if r == nil {
			continue
		}
		for _, e := range r.evidence {
			if e.kind == kind && e.st.About(leaf.Digest) {
				return true
			}
		}
	}
	return false
}

// checkRevokedSubjects refuses when the artifact, a platform of it, or anything it was made from was revoked.
func (a *attempt) checkRevokedSubjects() {
	all := append([]attest.Subject(nil), a.chain.subjects...)
	seen := map[string]bool{}
	var made func(*receipt)
	made = func(r *receipt) {
		if seen[r.id] {
			return
		}
		seen[r.id] = true
		for _, m := range r.link.Materials {
			if !strings.HasPrefix(m.Name, predicate.ReceiptPrefix) {
				all = append(all, attest.Subject{Name: m.Name, Digest: m.Digest})
			}
		}
		for _, up := range r.up {
			made(up)
		}
	}
	for _, r := range a.used {
		made(r)
	}
	for _, s := range all {
		if r := a.p.revokedSubject(s); r != nil {
			a.refuse(*r)
		}
	}
}
