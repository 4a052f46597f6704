// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// allStages reports whether every required stage has a sound receipt in the chain.
func (a *attempt) allStages() bool {
	for _, s := range a.stages {
		if s.Receipt == "" {
			return false
		}
	}
	return true
}

// aboutArtifact reports whether a stage that comes after the one that makes the artifact ran about the artifact itself, or about each of its
// platforms: one that ran about a single platform, or about the source, says nothing of the rest. Stages before it are about other things.
func (a *attempt) aboutArtifact(stage string) bool {
	if !a.p.reaches(stage, a.chain.stage, map[string]bool{}) || a.chain.newest(stage, a.req.Subject) != nil {
		return true
	}
	for _, leaf := range a.req.leaves() {
		if a.chain.newest(stage, leaf) == nil {
			return false
		}
	}
	return true
}

// checkStages demands a sound, current receipt of every required stage.
func (a *attempt) checkStages() {
	for _, name := range a.required {
		status := StageStatus{Name: name, Status: "ok"}
		current := a.chain.current(name)
		if !a.aboutArtifact(name) {
			current = nil
		}
		a.trace = append(a.trace, a.traceStage(name, current))
		if len(current) == 0 {
			r := a.missingStage(name)
			status.Status = "missing"
			if r.Code != CodeStageMissing && r.Code != CodeNoEvidence {
				status.Status = "refused"
			}
			a.refuse(r)
			a.stages = append(a.stages, status)
			continue
		}
		for _, r := range current {
			a.use(r)
			if p := a.tooOld(r); p != nil {
				status.Status = "refused"
				a.refuse(*p)
			}
		}
		if p := a.tooFewBuilders(name); p != nil {
			status.Status = "refused"
			a.refuse(*p)
		}
		newestFirst(current)
		top := current[0]
		status.Receipt, status.Signer, status.FinishedAt = top.id, top.signers[0].Signer(), rfc3339(top.time)
		for _, r := range current {
			for _, e := range r.evidence {
				status.Evidence = append(status.Evidence, EvidenceEntry{e.kind, e.id})
			}
		}
		a.stages = append(a.stages, status)
	}
}

// use records a receipt, its evidence and everything it reaches as inputs.
func (a *attempt) use(r *receipt) {
	a.used = append(a.used, r)
	var add func(*receipt)
	add = func(r *receipt) {
		if _, ok := a.inputs[r.id]; ok {
			return
		}
		a.input(r.statement, r.signers, r.link.Environment.FinishedOn, true)
		for _, e := range r.evidence {
			a.input(e.statement, e.by, r.link.Environment.FinishedOn, true)
		}
		for _, up := range r.up {
			add(up)
		}
	}
	add(r)
}

func (a *attempt) input(st *statement, signers []attest.Evidence, claimed string, isLinked bool) {
	t, src, err := when(signers, claimed)
	if err != nil {
		src = attest.Claimed
	}
	names := map[string]bool{}
	for _, e := range signers {
		names[a.chains.describe(e.Signer())] = true
		if a.chains.unlogged(e) {
			a.warnings = append(a.warnings, Reason{Code: CodeDegraded, Message: fmt.Sprintf("a signature by %s has a time stamp and no log entry, which the policy allows for %s", a.chains.describe(e.Signer()), a.p.Trust.Degraded),
				Expected: "a log entry", Found: "a time stamp of " + rfc3339(trusted(e)), Fix: "run the stage again once the log can be reached", Evidence: []string{st.id}})
		}
	}
	a.inputs[st.id] = Input{Digest: st.id, PredicateType: st.st.PredicateType, Signer: list(sortedKeys(names)), Time: InputTime{rfc3339(t), src}, Linked: isLinked}
}

// missingStage says why no receipt of a stage counts: none at all, or the first check that the best candidate failed.
func (a *attempt) missingStage(name string) Reason {
	candidates := a.candidates(name)
	fix := fmt.Sprintf("run the stage: sealock run %s", name)
	if len(candidates) == 0 {
		r := Reason{Code: CodeStageMissing, Stage: name, Message: fmt.Sprintf("stage %q has no receipt about %s", name, a.req.Subject), Fix: fix,
			Expected: "a receipt signed by " + list(a.p.Stages[name].SignedBy), Found: "none"}
		if len(a.chains.order) == 0 {
			r.Found = "no evidence about this subject in the store"
		}
		if weak, other := a.weaklyNamed(name); other != "" {
			r.Expected, r.Found, r.Evidence = "a receipt about "+other+":"+a.req.Subject.Digest[other], "receipts of the same content with another "+other+" only", []string{weak.id}
		} else if weak != nil {
			r.Code, r.Expected, r.Found, r.Evidence = attest.CodeWeakDigest, "a receipt that names it by a strong digest, "+a.req.Subject.Digest.Primary().String(), subjectNames(weak.st.Subject), []string{weak.id}
		}
		return r
	}
	newestFirst(candidates)
	c := candidates[0]
	if c.problem == nil {
		return Reason{Code: CodeStageMissing, Stage: name, Message: fmt.Sprintf("stage %q ran, but not as part of the chain of %s", name, a.req.Subject),
			Expected: "a receipt about this artifact that names the run that made it", Found: "receipt " + short(c.id), Fix: fix, Evidence: []string{c.id}}
	}
	r := *c.problem
	r.Message = fmt.Sprintf("stage %q: the receipt is not sound: %s", name, r.Message)
	r.Stage = name
	r.Evidence = append([]string{c.id}, r.Evidence...)
	if r.Fix == "" {
		r.Fix = fix
	}
	return r
}

// weaklyNamed finds a receipt of a stage that names the artifact by a digest which proves nothing, or only by some of what makes it the same: then
// it names an algorithm by which they differ.
func (a *attempt) weaklyNamed(stage string) (weak *receipt, differ string) {
	want := a.req.Subject.Digest
	for _, r := range a.chains.receipts {
		for _, s := range r.st.Subject {
			if r.stage != stage || !s.Digest.Overlaps(want) || s.Digest.Matches(want) {
				continue
			}
			for _, algorithm := range sortedKeys(want) {
				if have, ok := s.Digest[algorithm]; ok && have != want[algorithm] {
					return r, algorithm
				}
			}
			weak = r
		}
	}
	return weak, ""
}

// candidates are the receipts of a stage about any subject of the chain, sound or not.
func (a *attempt) candidates(name string) []*receipt {
	var out []*receipt
	for _, r := range a.chains.receipts {
		if r.stage == name && aboutAny(r.st, a.chain.subjects) {
			out = append(out, r)
		}
	}
	if len(out) > 0 || len(a.chain.product) > 0 {
		return out
	}
	for _, r := range a.chains.receipts { // without a product nothing is known of what came before: say what there is
		if r.stage == name && r.problem != nil {
			out = append(out, r)
		}
	}
	return out
}

func (a *attempt) traceStage(name string, current []*receipt) Requirement {
	req := Requirement{Name: "stage " + name, Met: len(current) > 0}
	counts := map[string]bool{}
	for _, r := range current {
		counts[r.id] = true
	}
	for _, r := range a.candidates(name) {
		c := Candidate{Digest: r.id, Signer: a.chains.describe(r.statement.signers[0].Signer()), Time: rfc3339(r.time), Failed: r.problem}
		if r.problem == nil && !counts[r.id] {
			c.Failed = &Reason{Code: CodeStageMissing, Message: "a newer run counts, or the run is not part of this chain"}
		}
		req.Candidates = append(req.Candidates, c)
	}
	return req
}

func (a *attempt) tooOld(r *receipt) *Reason {
	maxAge := a.p.Stages[r.stage].MaxAge
	limit := maxAge.Stay
	if a.req.Question == Enter && maxAge.Enter > 0 && (limit == 0 || maxAge.Enter < limit) {
		limit = maxAge.Enter
	}
	age := a.req.At.Sub(r.time)
	if limit == 0 || age <= time.Duration(limit) {
		return nil
	}
	return &Reason{Code: CodeStageTooOld, Stage: r.stage, Message: fmt.Sprintf("the newest run of stage %q is too old", r.stage), Expected: "at most " + limit.String() + " old",
		Found: age.Truncate(time.Minute).String() + ", finished " + rfc3339(r.time), Fix: "run the stage again: sealock run " + r.stage, Evidence: []string{r.id}}
}

// tooFewBuilders counts independent builders over the sound receipts of a stage about the artifact: distinct people or jobs, each as another identity of the
// policy, so that neither two subjects of one pattern nor two names of one signer are two builders.
func (a *attempt) tooFewBuilders(stage string) *Reason {
	rule := a.p.Stages[stage]
	if rule.Builders.Threshold < 2 {
		return nil
	}
	names := map[string]map[string]bool{} // who built → as which identities
	for _, r := range a.chain.members {
		if r.stage != stage || !r.st.About(a.req.Subject.Digest) {
			continue
		}
		for _, e := range r.signers {
			person := a.p.person(e.Signer())
			if names[person] == nil {
				names[person] = map[string]bool{}
			}
			for _, n := range a.p.namesAmong(e.Signer(), rule.SignedBy) {
				names[person][n] = true
			}
		}
	}
	found := pairs(names)
	if found >= rule.Builders.Threshold {
		return nil
	}
	return &Reason{Code: CodeBuilders, Stage: stage, Message: "too few independent builders made this digest", Expected: fmt.Sprint(rule.Builders.Threshold), Found: fmt.Sprint(found),
		Fix: "build it on another listed builder"}
}

// pairs is how many can be paired, each with a name of its own: a largest matching.
func pairs(names map[string]map[string]bool) int {
	taken := map[string]string{} // name → who has it
	var seat func(who string, tried map[string]bool) bool
	seat = func(who string, tried map[string]bool) bool {
		for _, n := range sortedKeys(names[who]) {
			if tried[n] {
				continue
			}
			tried[n] = true
			if other, full := taken[n]; !full || seat(other, tried) {
				taken[n] = who
				return true
			}
		}
		return false
	}
	count := 0
	for _, who := range sortedKeys(names) {
		if seat(who, map[string]bool{}) {
			count++
		}
	}
	return count
}
