// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"context"
	"slices"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// Judgement is the decision about one image in one environment, and what it means for something that runs already.
type Judgement struct {
	Decision   gate.Decision
	Status     Status
	Causes     []Cause
	PromotedTo []string // other environments that it was promoted to, where it was not to this one
}

// Judge knows images.
type Judge interface {
	// Judge decides whether the image may stay in the environment. Whatever keeps it from finding out makes the decision undecided.
	Judge(ctx context.Context, ref, environment string) Judgement
	// Holds reports whether the image at ref is an index, of which the digest is one of the platforms.
	Holds(ctx context.Context, ref string, platform attest.Digest) (bool, error)
}

// NewJudgement asks a gate whether what is running may stay, once, and reads from the evidence behind the answer what became of it.
func NewJudgement(ctx context.Context, g *gate.Gate, req gate.Request) Judgement {
	req.Question = gate.Stay
	seen := &kept{next: g.Recorder}
	asked := *g
	asked.Recorder = seen
	j := Judgement{Decision: asked.Check(ctx, req)}
	f := facts{verdict: j.Decision.Verdict, reasons: j.Decision.Reasons}
	if f.verdict == gate.Refused {
		f.asked, f.promoted = promotion(j.Decision, req.Environment)
		f.attested = slices.ContainsFunc(j.Decision.Stages, func(s gate.StageStatus) bool { return s.Receipt != "" })
		if !f.promoted {
			j.PromotedTo = seen.elsewhere(ctx, g, req)
			f.elsewhere = len(j.PromotedTo) > 0
		}
		seen.history(&f, g.Policy, j.Decision, req)
	}
	j.Status, j.Causes = classify(f)
	return j
}

// NoEvidence is the judgement on an image about which no evidence was looked for, since it was not found or lies where nothing may come from. If the decision is
// a refusal nobody vouches for it; all else is open.
func NoEvidence(d gate.Decision) Judgement {
	j := Judgement{Decision: d, Status: Unattested}
	if d.Verdict != gate.Refused {
		j.Status = Undecided
	}
	return j
}

// kept is a recorder that remembers the evidence behind one decision, and hands everything on.
type kept struct {
	next   gate.Recorder
	record gate.Record
}

func (k *kept) Record(ctx context.Context, r gate.Record) error {
	k.record = r
	if k.next == nil {
		return nil
	}
	return k.next.Record(ctx, r)
}

// takenBack are the checks that a promotion can fail only if it was one: it was for this environment, by one of its promoters.
var takenBack = []string{gate.CodeRevoked, gate.CodeKeyExpired, gate.CodeUnlogged, gate.CodeNoTrustedTime}

// promotion reports whether a decision looked for a promotion to the environment, and whether there is one that holds, or held once.
func promotion(d gate.Decision, environment string) (asked, found bool) {
	for _, q := range d.Trace() {
		if q.Name != "promotion to "+environment {
			continue
		}
		asked = true
		found = found || q.Met || slices.ContainsFunc(q.Candidates, func(c gate.Candidate) bool { return c.Failed != nil && slices.Contains(takenBack, c.Failed.Code) })
	}
	return asked, found
}

// elsewhere are the other environments to which the image was promoted, decided again from the same evidence.
func (k *kept) elsewhere(ctx context.Context, g *gate.Gate, req gate.Request) []string {
	var out []string
	for _, env := range g.Policy.EnvironmentOrder() {
		if env == req.Environment {
			continue
		}
		other := req
		other.Environment = env
		if _, found := promotion(gate.Decide(ctx, g.Policy, other, k.record.Evidence, k.record.Rejected, g.Version), env); found {
			out = append(out, env)
		}
	}
	return out
}

// history says what changed since the promotion: the policy, and which evidence is newer than it.
func (k *kept) history(f *facts, p *gate.Policy, d gate.Decision, req gate.Request) {
	at := time.Time{} // of the newest promotion to the environment
	for _, e := range k.record.Evidence {
		st := e.Statement()
		var v predicate.VSA
		if st.PredicateType != predicate.TypeVSA || predicate.Decode(st, &v) != nil || !st.About(req.Subject.Digest) || !slices.Contains(v.VerifiedLevels, predicate.EnvironmentLevel+req.Environment) {
			continue
		}
		if t, err := time.Parse(time.RFC3339, v.TimeVerified); err == nil && !t.Before(at) {
			at, f.newPolicy = t, v.Policy.Digest[p.Digest.Algorithm] != p.Digest.Hex
		}
	}
	times := map[string]time.Time{}
	for _, in := range d.Inputs {
		if t, err := time.Parse(time.RFC3339, in.Time.Value); err == nil {
			times[in.Digest] = t
		}
	}
	f.newer = func(r gate.Reason) bool {
		return slices.ContainsFunc(r.Evidence, func(id string) bool { return !at.IsZero() && times[id].After(at) })
	}
	f.onceExcused = func(r gate.Reason) bool {
		return slices.ContainsFunc(p.Waivers, func(w gate.Waiver) bool {
			return !req.At.Before(w.Expires) && w.Rule == r.Rule && r.Key != nil && w.Scope.Covers(*r.Key, nil, req.Subject)
		})
	}
}
