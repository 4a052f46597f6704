// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// Bounds of a chain.
const (
	MaxDepth    = 32  // receipts from a product back to its first source
	MaxReceipts = 512 // receipts about everything a chain reaches
)

// receipt is the signed Link of one stage run, judged. It is sound if problem is nil.
type receipt struct {
	*statement
	stage    string
	link     predicate.Link
	signers  []attest.Evidence
	time     time.Time
	ended    time.Time // as the receipt itself says
	source   attest.TimeSource
	up       []*receipt // the receipts among its materials
	height   int        // receipts on the longest way back, this one included
	evidence []linked
	problem  *Reason
}

// linked is one statement that a receipt names.
type linked struct {
	kind string
	*statement
	by []attest.Evidence
}

// chains judges the receipts of an evidence set. Each is judged once.
type chains struct {
	*evidenceSet
	memo     map[string]*receipt
	tooDeep  bool       // a bound was hit: nothing may be concluded
	receipts []*receipt // every receipt of a stage that the policy knows, by id
}

func newChains(s *evidenceSet) *chains {
	c := &chains{evidenceSet: s, memo: map[string]*receipt{}}
	links := s.ofType(predicate.TypeLink)
	if len(links) > MaxReceipts {
		c.tooDeep = true
		return c
	}
	for _, st := range links {
		if r := c.receipt(st.id); r != nil {
			c.receipts = append(c.receipts, r)
		}
	}
	return c
}

// receipt judges the statement with this id as a receipt. It is nil if there is no such statement, or it is no receipt of a stage
// that the policy knows.
func (c *chains) receipt(id string) *receipt {
	if r, ok := c.memo[id]; ok {
		return r
	}
	st := c.byID[id]
	if st == nil || st.st.PredicateType != predicate.TypeLink {
		return nil
	}
	link := c.links.of(id, st.st)
	if link == nil {
		return nil
	}
	r := &receipt{statement: st, link: *link}
	r.stage = r.link.Name
	stage, known := c.policy.Stages[r.stage]
	if !known {
		return nil
	}
	// A receipt can't name itself: its id is a hash over what it names. The entry made here ends any loop all the same.
	c.memo[id] = r
	r.problem = &Reason{Code: CodeUpstreamMissing, Message: "the receipt depends on itself"}
	r.problem = c.judge(r, stage)
	return r
}

// judge runs the checks of soundness in order and returns the first that fails.
func (c *chains) judge(r *receipt, stage Stage) *Reason {
	if p := c.revokedStatement(r.statement); p != nil {
		return p
	}
	// (a) signed by the identities of its own stage
	signers, p := c.signedBy(r.statement, stage.SignedBy, stage.Threshold)
	r.signers = signers
	if r.signers == nil {
		r.signers = r.statement.signers
	}
	if t, src, err := when(r.signers, r.link.Environment.FinishedOn); err == nil {
		r.time, r.source = t, src
	}
	r.ended, _ = time.Parse(time.RFC3339, r.link.Environment.FinishedOn) // checkTimes refuses what can't be read
	if p != nil {
		return p
	}
	if p := c.checkTimes(r); p != nil {
		return p
	}
	if code := r.link.Byproducts.ExitCode; code != 0 {
		return &Reason{Code: CodeStageFailed, Message: "the stage's command failed", Expected: "exit code 0", Found: fmt.Sprint(code)}
	}
	if p := checkAbout(r, stage); p != nil {
		return p
	}
	// (b) every receipt among the materials resolves to a sound one
	if p := c.checkUpstream(r); p != nil {
		return p
	}
	// (c) each stage that must come before is among them, and something it made was used
	for _, a := range stage.After {
		if p := c.checkAfter(r, a); p != nil {
			return p
		}
	}
	// (d) the evidence is there, of the right type, by this stage, about its products
	return c.checkEvidence(r, stage)
}

func (c *chains) checkTimes(r *receipt) *Reason {
	env := r.link.Environment
	start, err1 := time.Parse(time.RFC3339, env.StartedOn)
	end, err2 := time.Parse(time.RFC3339, env.FinishedOn)
	if err1 != nil || err2 != nil || end.Before(start) {
		return &Reason{Code: CodeTimeInconsistent, Message: "the receipt's times contradict each other", Expected: "startedOn before finishedOn, both RFC 3339",
			Found: fmt.Sprintf("%.40q and %.40q", env.StartedOn, env.FinishedOn)}
	}
	for _, t := range []time.Time{end, r.time} {
		if t.After(c.at.Add(maxSkew)) {
			return &Reason{Code: CodeTimeInFuture, Message: "the receipt's time lies in the future", Expected: "not after " + rfc3339(c.at), Found: rfc3339(t)}
		}
	}
	return nil
}

// checkAbout refuses the run of a stage that looked at something else than it is for, such as at one folder of a commit.
func checkAbout(r *receipt, stage Stage) *Reason {
	for _, s := range r.st.Subject {
		if stage.About == AboutGit && (s.Digest["gitCommit"] == "" || s.Digest["gitTree256"] == "") {
			return &Reason{Code: CodeStageSubject, Message: "the stage is to be about commits of Git, and was about something else", Expected: "subjects with gitCommit and gitTree256",
				Found: s.String(), Fix: fmt.Sprintf("name git:HEAD under subjects of stage %q in sealock.yaml, and nothing else, and run it again", r.stage)}
		}
	}
	return nil
}

func (c *chains) checkUpstream(r *receipt) *Reason {
	r.height = 1
	for _, m := range r.link.Materials {
		name, isReceipt := strings.CutPrefix(m.Name, predicate.ReceiptPrefix)
		if !isReceipt {
			continue
		}
		id := attest.Digest{Algorithm: "sha256", Hex: m.Digest["sha256"]}.String()
		up := c.receipt(id)
		if up == nil || up.stage != name {
			return &Reason{Code: CodeUpstreamMissing, Stage: name, Message: fmt.Sprintf("the receipt of stage %q that this one names is not there", name),
				Expected: id, Found: "nothing verified with that digest", Fix: "restore the evidence, or run both stages again"}
		}
		if up.problem != nil {
			return &Reason{Code: up.problem.Code, Stage: name, Message: fmt.Sprintf("the receipt of stage %q that this one names is not sound: %s", name, up.problem.Message),
				Expected: up.problem.Expected, Found: up.problem.Found, Fix: up.problem.Fix, Evidence: []string{id}}
		}
		r.up = append(r.up, up)
		r.height = max(r.height, up.height+1)
	}
	if r.height > MaxDepth {
		c.tooDeep = true
		return &Reason{Code: attest.CodeLimit, Message: "the chain is too deep", Expected: fmt.Sprintf("at most %d receipts one after the other", MaxDepth), Found: fmt.Sprint(r.height)}
	}
	return nil
}

func (c *chains) checkAfter(r *receipt, a After) *Reason {
	worst := &Reason{Code: CodeUpstreamMissing, Stage: a.Stage, Message: fmt.Sprintf("names no receipt of stage %q, which must come before", a.Stage),
		Expected: "a material " + predicate.ReceiptPrefix + a.Stage, Found: "none", Fix: fmt.Sprintf("run stage %q first, then this one", a.Stage)}
	for _, up := range r.up {
		if up.stage != a.Stage {
			continue
		}
		if a.SameRun && !sameRun(up, r) {
			worst = &Reason{Code: CodeNotSameRun, Stage: a.Stage, Message: fmt.Sprintf("stage %q ran in another pipeline run", a.Stage),
				Expected: nameOfRun(r), Found: nameOfRun(up), Fix: "run both stages in one pipeline run"}
			continue
		}
		if usesProduct(r, up) {
			return nil
		}
		worst = &Reason{Code: CodeUpstreamUnlinked, Stage: a.Stage, Message: fmt.Sprintf("none of the products of stage %q is among the materials", a.Stage),
			Expected: subjectNames(up.st.Subject), Found: "other materials", Fix: "make a product of the earlier stage an input of this one"}
	}
	return worst
}

func usesProduct(r, up *receipt) bool {
	for _, s := range up.st.Subject {
		if uses(r, s) {
			return true
		}
	}
	return false
}

func (c *chains) checkEvidence(r *receipt, stage Stage) *Reason {
	have := map[string]bool{}
	for _, ref := range r.link.Byproducts.Evidence {
		id := attest.Digest{Algorithm: "sha256", Hex: ref.Digest["sha256"]}.String()
		bad := func(code, msg, expected, found string) *Reason {
			return &Reason{Code: code, Stage: r.stage, Message: fmt.Sprintf("evidence %q %s", ref.Name, msg), Expected: expected, Found: found,
				Fix: fmt.Sprintf("restore it, or run stage %q again", r.stage), Evidence: []string{id}}
		}
		st := c.byID[id]
		if st == nil {
			return bad(CodeEvidenceMissing, "that the receipt names is not there", id, "nothing verified with that digest")
		}
		_, isKind := predicate.Types[ref.Name]
		if st.st.PredicateType != ref.PredicateType || (isKind && predicate.KindOf(st.st) != ref.Name) {
			return bad(CodeEvidenceType, "is of another type than the receipt says", ref.PredicateType, st.st.PredicateType)
		}
		if p := c.revokedStatement(st); p != nil {
			return p
		}
		by, p := c.signedBy(st, stage.SignedBy, 1)
		if p != nil {
			p.Message = fmt.Sprintf("evidence %q: %s", ref.Name, p.Message)
			return p
		}
		if !aboutAny(st.st, r.st.Subject) {
			return bad(CodeEvidenceSubject, "is about none of the products of its stage", subjectNames(r.st.Subject), subjectNames(st.st.Subject))
		}
		have[ref.Name] = true
		r.evidence = append(r.evidence, linked{ref.Name, st, by})
	}
	for _, kind := range stage.Evidence {
		if !have[kind] {
			return &Reason{Code: CodeEvidenceMissing, Stage: r.stage, Message: fmt.Sprintf("the receipt names no evidence %q", kind), Expected: list(stage.Evidence),
				Found: list(sortedKeys(have)), Fix: fmt.Sprintf("add %q to the evidence of stage %q in sealock.yaml and run it again", kind, r.stage)}
		}
	}
	return nil
}

func aboutAny(st attest.Statement, subjects []attest.Subject) bool {
	for _, s := range subjects {
		if st.About(s.Digest) {
			return true
		}
	}
	return false
}

func subjectNames(subjects []attest.Subject) string {
	names := make([]string, 0, len(subjects))
	for i, s := range subjects {
		if i == 4 {
			names = append(names, fmt.Sprintf("… %d in all", len(subjects)))
			break
		}
		names = append(names, s.String())
	}
	return list(names)
}

// chain is all that belongs to one artifact: the receipts of the stage that made it, what they reach, and the side stages.
type chain struct {
	stage    string
	product  []*receipt // sound receipts of the product stage about the artifact, newest first
	members  map[string]*receipt
	subjects []attest.Subject
}

// of builds the chain of an artifact from the sound receipts of the stage that makes it. An index comes with its platforms.
func (c *chains) of(d attest.Subject, leaves []attest.Subject, stage string) *chain {
	ch := &chain{stage: stage, members: map[string]*receipt{}, subjects: []attest.Subject{d}}
	for _, leaf := range leaves {
		if !ch.knows(leaf) {
			ch.subjects = append(ch.subjects, leaf)
		}
	}
	for _, r := range c.receipts {
		if r.stage == stage && r.problem == nil && r.st.About(d.Digest) {
			ch.product = append(ch.product, r)
		}
	}
	newestFirst(ch.product)
	for _, r := range ch.product {
		ch.add(r)
	}
	for grown := len(ch.product) > 0; grown; {
		grown = false
		for _, r := range c.receipts {
			if r.problem == nil && ch.members[r.id] == nil && ch.belongs(r) {
				ch.add(r)
				grown = true
			}
		}
	}
	return ch
}

// add takes in a receipt and everything it reaches. Of an earlier stage's products only those that were used become subjects of the
// chain: what else that stage made is another artifact.
func (ch *chain) add(r *receipt) {
	if ch.members[r.id] != nil {
		return
	}
	ch.members[r.id] = r
	for _, up := range r.up {
		for _, s := range up.st.Subject {
			if uses(r, s) && !ch.knows(s) {
				ch.subjects = append(ch.subjects, s)
			}
		}
		ch.add(up)
	}
}

// uses reports whether an artifact is among the materials of a receipt.
func uses(r *receipt, s attest.Subject) bool {
	for _, m := range r.link.Materials {
		if !strings.HasPrefix(m.Name, predicate.ReceiptPrefix) && s.Digest.Matches(m.Digest) {
			return true
		}
	}
	return false
}

func (ch *chain) knows(s attest.Subject) bool {
	for _, have := range ch.subjects {
		if have.Digest.Matches(s.Digest) {
			return true
		}
	}
	return false
}

// belongs reports whether a receipt is a side stage of the chain: about one of its subjects, and naming one of its receipts;
// or a new run of a stage that is in it, about the same subject.
func (ch *chain) belongs(r *receipt) bool {
	about := false
	for _, s := range ch.subjects {
		about = about || r.st.About(s.Digest)
	}
	if !about {
		return false
	}
	for _, up := range r.up {
		if ch.members[up.id] != nil {
			return true
		}
	}
	if len(r.up) > 0 {
		return false
	}
	for _, m := range ch.members {
		if m.stage == r.stage && aboutAny(r.st, m.st.Subject) {
			return true
		}
	}
	return false
}

// newest is the newest receipt of a stage about a subject, or nil.
func (ch *chain) newest(stage string, s attest.Subject) *receipt {
	var best *receipt
	for _, r := range ch.members { // in any order: of two receipts one is the newer
		if r.stage == stage && r.st.About(s.Digest) && (best == nil || newer(r, best)) {
			best = r
		}
	}
	return best
}

// subjectsOf lists the subjects of the chain for which a receipt is the newest of its stage.
func (ch *chain) subjectsOf(r *receipt) []attest.Subject {
	var out []attest.Subject
	for _, s := range ch.subjects {
		if ch.newest(r.stage, s) == r {
			out = append(out, s)
		}
	}
	return out
}

// current lists the newest receipts of a stage over all subjects of the chain, without repeats.
func (ch *chain) current(stage string) []*receipt {
	var out []*receipt
	seen := map[string]bool{}
	for _, s := range ch.subjects {
		if r := ch.newest(stage, s); r != nil && !seen[r.id] {
			seen[r.id] = true
			out = append(out, r)
		}
	}
	return out
}

func newer(a, b *receipt) bool {
	switch {
	case !a.time.Equal(b.time):
		return a.time.After(b.time)
	case !a.ended.Equal(b.ended): // an authority's time is one to the second: two runs may share it
		return a.ended.After(b.ended)
	}
	return a.id > b.id
}

func newestFirst(rs []*receipt) {
	sort.Slice(rs, func(i, j int) bool { return newer(rs[i], rs[j]) })
}
