// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// maxUnrecorded are the refusals that wait to be put on record.
const maxUnrecorded = 1024

// Recorder keeps what the server decides without asking for evidence; the rest is kept by the gate that decides it. Whoever Options.Load makes has its own.
type Recorder interface {
	gate.Recorder
	// BreakGlass is told before an image is let in against a refusal.
	BreakGlass(ctx context.Context, d gate.Decision, by gate.Emergency, statement attest.Evidence) error
}

// record puts a refusal that needed no evidence on record, once as long as it would be kept. It holds nobody up: nothing is let in by it, so that one that
// finds the queue full is counted as lost.
func (s *Server) record(p *Policy, req gate.Request, d gate.Decision) {
	if s.o.Recorder == nil {
		return
	}
	q := question{digest: req.Subject.Digest.Primary(), repository: req.Repository, environment: req.Environment, policy: p.Digest, trustRoot: p.trustRoot}
	if _, known := s.recorded.get(q); known {
		return
	}
	s.recorded.keep(q, struct{}{}, s.l.Refused)
	select {
	case s.unrecorded <- gate.Record{Request: req, Policy: p.Policy, Decision: d, Open: true}:
	default:
		s.metrics.Count("sealock_admission_unrecorded_total")
	}
}

// RunRecords puts refusals on record until ctx ends, and then those that still wait.
func (s *Server) RunRecords(ctx context.Context) {
	for {
		select {
		case r := <-s.unrecorded:
			s.write(r)
			continue
		default:
		}
		select {
		case r := <-s.unrecorded:
			s.write(r)
		case <-ctx.Done():
			if len(s.unrecorded) == 0 {
				return
			}
		}
	}
}

func (s *Server) write(r gate.Record) {
	if err := s.o.Recorder.Record(s.base, r); err != nil {
		s.metrics.Count("sealock_admission_unrecorded_total")
		s.log.Error("refusal not recorded", "decision", r.Decision.ID, "error", clean(err.Error(), maxText))
	}
}

// recordGlass puts it on record that an image is let in against a refusal. What can't be recorded is not let in.
func (s *Server) recordGlass(ctx context.Context, p *Policy, j judged, req gate.Request, e gate.Emergency, verified []attest.Evidence) error {
	if s.o.Recorder == nil {
		return nil
	}
	d := p.Failed(req, s.o.Version, j.outcome.verdict == gate.Undecided, j.outcome.reasons[0])
	for _, statement := range verified {
		if statement.ID().String() == e.Statement {
			return s.o.Recorder.BreakGlass(context.WithoutCancel(ctx), d, e, statement)
		}
	}
	return nil // the statement is one of those
}
