// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"fmt"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// Request is what is asked. Time is part of it: deciding reads no clock.
type Request struct {
	Subject     attest.Subject
	Leaves      []attest.Subject // the platform manifests of an index; empty: the subject itself
	Skipped     []Skip           // children of an index that are no images
	Repository  string           // host/path where the subject lies in a registry, else ""
	Environment string           // the environment the question is about, or
	Stage       string           // the stage whose product the subject is
	Question    Question
	At          time.Time
	MinVersion  int      // refuse an older policy
	Preview     bool     // the evidence is assumed, not real
	Insecure    []string // --insecure-… flags in force
}

func (r Request) leaves() []attest.Subject {
	if len(r.Leaves) == 0 {
		return []attest.Subject{r.Subject}
	}
	return r.Leaves
}

// Rejection is one entry of the store that is no evidence.
type Rejection struct {
	Name   string
	Code   string
	Detail string
}

// decider holds one decision while it is made.
type decider struct {
	p      *Policy
	req    Request
	chains *chains
	d      Decision
	did    checks
	inputs map[string]Input
}

// Decide answers a request from verified evidence alone. It is pure: the same policy, request, evidence and evaluator version give the
// same decision, in any order of the evidence. The context bounds the evaluation of the rules and decides nothing.
func Decide(ctx context.Context, p *Policy, req Request, evidence []attest.Evidence, rejected []Rejection, version string) Decision {
	return decide(ctx, p, req, evidence, links{}, rejected, version)
}

// decide is Decide with those receipts that are decoded already.
func decide(ctx context.Context, p *Policy, req Request, evidence []attest.Evidence, decoded links, rejected []Rejection, version string) Decision {
	req.At = req.At.UTC().Truncate(time.Second) // as the decision writes it, so that a replay decides for the same instant
	x := &decider{p: p, req: req, inputs: map[string]Input{}}
	x.d = newDecision(p, req, version)
	set := newEvidenceSet(p, req.At, evidence)
	set.links = decoded
	for _, r := range sortedRejections(append(append([]Rejection(nil), rejected...), set.unreadable...)) {
		x.d.warn(Reason{Code: CodeRejected, Message: fmt.Sprintf("%s is no evidence (%s): %s", r.Name, r.Code, r.Detail)})
	}
	if !x.checkRequest() {
		x.d.conclude(x.did)
		return x.d
	}
	x.checkPolicy()
	x.chains = newChains(set)
	x.decideArtifact(ctx)
	if x.chains.tooDeep {
		x.did.undecided = true
		x.d.refuse(Reason{Code: attest.CodeLimit, Message: fmt.Sprintf("the chain is deeper than %d receipts, or has more than %d", MaxDepth, MaxReceipts)})
	}
	if err := ctx.Err(); err != nil {
		x.did.undecided = true
		x.d.refuse(timeoutReason(err))
	}
	x.finish()
	return x.d
}

func sortedRejections(in []Rejection) []Rejection {
	out := append([]Rejection(nil), in...)
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return strings.Join([]string{a.Name, a.Code, a.Detail}, "\x00") < strings.Join([]string{b.Name, b.Code, b.Detail}, "\x00")
	})
	return out
}

func newDecision(p *Policy, req Request, version string) Decision {
	return Decision{Question: req.Question, Preview: req.Preview, Subject: req.Subject, Leaves: req.Leaves, Repository: req.Repository, MinVersion: req.MinVersion, Environment: req.Environment, Stage: req.Stage, At: rfc3339(req.At),
		Policy:    PolicyRef{p.Name, p.Version, p.URI, attest.DigestSet{p.Digest.Algorithm: p.Digest.Hex}},
		Evaluator: Evaluator{version, p.rules.Digest()}, TrustRoot: p.trustRoot(), Insecure: req.Insecure, Skipped: append([]Skip(nil), req.Skipped...)}
}

// trustRoot names by what evidence was verified: the trust root's digest, or, where keys alone are trusted, the sha256 over their sorted ids.
func (p *Policy) trustRoot() string {
	if !p.rootDigest.IsZero() {
		return p.rootDigest.String()
	}
	return attest.SHA256([]byte(strings.Join(sortedKeys(p.names), "\n"))).String()
}

func timeoutReason(err error) Reason {
	return Reason{Code: CodeTimeout, Message: "time ran out before all was checked: " + err.Error(), Fix: "try again, or raise --timeout"}
}

// checkRequest refuses questions that can't be answered. It reports whether to go on.
func (x *decider) checkRequest() bool {
	r := x.req
	switch {
	case r.Subject.Digest.Primary().IsZero():
		x.d.refuse(Reason{Code: attest.CodeWeakDigest, Message: "the subject has no strong digest", Expected: "sha256 or gitTree256"})
	case r.At.IsZero():
		x.d.refuse(Reason{Code: CodeTimeInconsistent, Message: "no time to decide for was given"})
	case (r.Environment == "") == (r.Stage == ""):
		x.d.refuse(Reason{Code: CodeUnknownEnvironment, Message: "expected an environment, or a stage"})
	case r.Question != Enter && r.Question != Stay:
		x.d.refuse(Reason{Code: CodeUnknownEnvironment, Message: fmt.Sprintf("question %q: expected enter or stay", r.Question)})
	case r.Stage != "" && !has(x.p.Stages, r.Stage):
		x.d.refuse(Reason{Code: CodeUnknownStage, Message: fmt.Sprintf("the policy knows no stage %q", r.Stage), Expected: list(sortedKeys(x.p.Stages)),
			Fix: Suggest(r.Stage, sortedKeys(x.p.Stages))})
	case r.Environment != "" && !has(x.p.Environments, r.Environment):
		x.d.refuse(Reason{Code: CodeUnknownEnvironment, Message: fmt.Sprintf("the policy knows no environment %q", r.Environment),
			Expected: list(x.p.EnvironmentOrder()), Fix: Suggest(r.Environment, sortedKeys(x.p.Environments))})
	default:
		return true
	}
	return false
}

func has[V any](m map[string]V, k string) bool { _, ok := m[k]; return ok }

// decideArtifact finds the kind of artifact the subject is and checks it as that. Where it could be several, the kind with the fewest
// reasons against it speaks; each kind is judged wholly, so losing evidence never helps.
func (x *decider) decideArtifact(ctx context.Context) {
	var best *attempt
	for _, kind := range x.candidateKinds() {
		a := x.attempt(ctx, kind)
		if best == nil || a.better(best) {
			best = a
		}
	}
	x.d.Stages, x.d.trace = best.stages, best.trace
	x.d.Reasons = append(x.d.Reasons, best.reasons...)
	x.d.Warnings = append(x.d.Warnings, best.warnings...)
	x.d.Waived = dedupeWaived(best.waived)
	x.d.Skipped = append(x.d.Skipped, best.skipped...)
	x.inputs = best.inputs
	x.did.chain, x.did.entry, x.did.rules = best.did.chain, best.did.entry, best.did.rules
	x.did.undecided = x.did.undecided || best.did.undecided
}

// candidateKinds are the kinds of artifact the subject could be. For a question about a stage there is one, without a name.
func (x *decider) candidateKinds() []string {
	if x.req.Stage != "" {
		return []string{""}
	}
	return sortedKeys(x.p.Artifacts)
}

func (x *decider) finish() {
	for _, id := range sortedKeys(x.inputs) {
		x.d.Inputs = append(x.d.Inputs, x.inputs[id])
	}
	if x.req.Environment != "" && x.p.Environments[x.req.Environment].Protected {
		for _, in := range x.d.Inputs {
			if in.Time.Source == attest.Claimed {
				x.d.refuse(Reason{Code: CodeNoTrustedTime, Message: "the environment is protected and the time of a statement is only claimed",
					Found: in.PredicateType + " by " + in.Signer, Fix: "have the evidence time-stamped", Evidence: []string{in.Digest}})
				break
			}
		}
	}
	x.d.Reasons = dedupe(x.d.Reasons)
	x.d.Warnings = dedupe(x.d.Warnings)
	x.d.conclude(x.did)
}

// dedupe drops repeats and keeps the order.
func dedupe(in []Reason) []Reason {
	seen := map[string]bool{}
	var out []Reason
	for _, r := range in {
		key := strings.Join(append([]string{r.Code, r.Stage, r.Rule, r.Message, r.Found}, r.Evidence...), "\x00")
		if !seen[key] {
			seen[key] = true
			out = append(out, r)
		}
	}
	return out
}

// dedupeWaived drops what was waived with the parameters of an earlier environment already.
func dedupeWaived(in []Waived) []Waived {
	seen := map[string]bool{}
	var out []Waived
	for _, w := range in {
		key := strings.Join(append([]string{w.By, w.Reason.Code, w.Reason.Rule, w.Reason.Message, w.Reason.Found}, w.Reason.Evidence...), "\x00")
		if !seen[key] {
			seen[key] = true
			out = append(out, w)
		}
	}
	return out
}

// attempt is the judgement of the subject as one kind of artifact.
type attempt struct {
	*decider
	kind     string
	required []string
	chain    *chain
	stages   []StageStatus
	reasons  []Reason
	warnings []Reason
	waived   []Waived
	vex      []*vexDocument
	vexRead  bool
	usedUp   map[int]bool // waivers that accepted something
	seen     map[int]bool // findings of the baseline that are still there
	skipped  []Skip
	trace    []Requirement
	inputs   map[string]Input
	used     []*receipt // current receipts of required stages
	attached []linked
	did      checks
}

func (x *decider) attempt(ctx context.Context, kind string) *attempt {
	a := &attempt{decider: x, kind: kind, inputs: map[string]Input{}, usedUp: map[int]bool{}, seen: map[int]bool{}}
	product := x.req.Stage
	if kind != "" {
		product = x.p.Artifacts[kind].Product
		a.required = x.p.RequiredStages(x.req.Environment, kind)
		a.checkRepository()
	} else {
		a.required = x.p.before(product)
	}
	a.chain = x.chains.of(x.req.Subject, x.req.Leaves, product)
	a.checkStages()
	if a.allStages() { // what a missing stage would have brought is missing with it
		a.checkCoverage()
	}
	a.checkAttached()
	a.checkRevokedSubjects()
	a.did.chain = true
	if kind != "" {
		a.checkEntry()
	}
	a.did.entry = true
	a.checkRules(ctx)
	return a
}

// before lists a stage and all that must come before it, in order.
func (p *Policy) before(stage string) []string {
	set := map[string]bool{}
	var visit func(string)
	visit = func(s string) {
		if !set[s] {
			set[s] = true
			for _, a := range p.Stages[s].After {
				visit(a.Stage)
			}
		}
	}
	visit(stage)
	return p.StageOrder(set)
}

// better prefers kinds that allow, then those with a sound product receipt, then those with any, then fewer reasons.
func (a *attempt) better(b *attempt) bool {
	if x, y := len(a.reasons) == 0 && !a.did.undecided, len(b.reasons) == 0 && !b.did.undecided; x != y {
		return x
	}
	if x, y := len(a.chain.product) > 0, len(b.chain.product) > 0; x != y {
		return x
	}
	if x, y := a.named(), b.named(); x != y {
		return x
	}
	return len(a.reasons) < len(b.reasons)
}

// named reports whether any receipt of the product stage, sound or not, is about the artifact: somebody meant it to be of this kind.
func (a *attempt) named() bool {
	for _, r := range a.chains.receipts {
		if r.stage == a.chain.stage && r.st.About(a.req.Subject.Digest) {
			return true
		}
	}
	return false
}

func (a *attempt) refuse(r Reason) { a.reasons = append(a.reasons, r) }

// checkRepository holds the place where the subject lies against the list of its kind. Segments are matched one by one; * is one segment.
func (a *attempt) checkRepository() {
	allowed := a.p.Artifacts[a.kind].Repositories
	if len(allowed) == 0 {
		return
	}
	if a.req.Repository == "" {
		a.skipped = append(a.skipped, Skip{"repositories of " + a.kind, "the subject does not lie in a registry"})
		return
	}
	for _, pattern := range allowed {
		if ok, err := path.Match(pattern, a.req.Repository); err == nil && ok {
			return
		}
	}
	a.refuse(Reason{Code: CodeRepository, Message: fmt.Sprintf("%s artifacts may not come from this repository", a.kind), Expected: list(allowed), Found: a.req.Repository})
}

func short(id string) string {
	if len(id) > 19 {
		return id[:19]
	}
	return id
}
