// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// Record is one decision with all that it was made from.
type Record struct {
	Request  Request
	Policy   *Policy
	Decision Decision
	Evidence []attest.Evidence
	Rejected []Rejection
	Open     bool // the subject or its evidence could not be made out, so there is nothing from which to decide again
}

// Recorder keeps decisions. A gate that has one lets nothing through that it could not keep.
type Recorder interface {
	// Record is given every decision before anybody acts on it. It has to come to an end by itself: a decision that ran out of time is
	// kept as well.
	Record(ctx context.Context, r Record) error
}

// Failed is Policy.Failed, on the record.
func (g *Gate) Failed(ctx context.Context, req Request, undecided bool, reason Reason) Decision {
	return g.keep(ctx, Record{Request: req, Policy: g.Policy, Decision: g.Policy.Failed(req, g.Version, undecided, reason), Open: true})
}

// Refuse is Decision.Refuse, on the record: what was decided before is refused for a reason that lies outside the evidence, the state of a destination say.
func (g *Gate) Refuse(ctx context.Context, req Request, d Decision, reason Reason) Decision {
	return g.keep(ctx, Record{Request: req, Policy: g.Policy, Decision: d.Refuse(reason), Open: true})
}

// keep hands a decision to the recorder. One that it can't keep is undecided, whatever it was before.
func (g *Gate) keep(ctx context.Context, r Record) Decision {
	if g.Recorder == nil || r.Request.Preview {
		return r.Decision
	}
	err := g.Recorder.Record(context.WithoutCancel(ctx), r)
	if err == nil {
		return r.Decision
	}
	d := r.Decision
	message, fix, _ := strings.Cut(err.Error(), "\nhint: ")
	if fix == "" {
		fix = "make the ledger writable, or name another with --ledger; nothing is let through without a record of it"
	}
	d.Reasons = append(slices.Clone(d.Reasons), Reason{Code: CodeLedger, Message: "the decision could not be recorded: " + message, Fix: fix})
	d.conclude(checks{undecided: true})
	return d
}
