// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"

	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/admission/trace"
)

const scopeName = "github.com/sealock-dev/sealock/gate/admission"

// tracer sends spans where the options say. What is lost on the way is counted, and holds up nobody.
func (s *Server) tracer(o *trace.Options) *trace.Tracer {
	if o == nil {
		return nil
	}
	own := *o
	own.Now, own.Scope, own.Version = s.o.Now, scopeName, s.o.Version
	own.Dropped = func(n int) {
		for range n {
			s.metrics.Count("sealock_trace_spans_dropped_total")
		}
	}
	own.Failed = func(err error) { s.log.Warn("traces not sent", "error", clean(err.Error(), maxText)) }
	return trace.New(own)
}

// RunTrace sends traces until ctx ends, where there are any to send.
func (s *Server) RunTrace(ctx context.Context) { s.trace.Run(ctx) }

// told notes on a span what a review was about and what was answered.
func told(span *trace.Span, q *Request, out *Response) {
	if span == nil {
		return
	}
	span.Text("sealock.uid", clean(q.UID, maxUID))
	span.Text("sealock.operation", clean(q.Operation, 20))
	span.Text("sealock.kind", clean(q.Kind.String(), 200))
	span.Text("k8s.namespace.name", clean(q.Namespace, 63))
	span.Flag("sealock.allowed", out.Allowed)
	for _, name := range []string{"verdict", "mode", "environment", "policy", "decision", "reason", "break-glass"} {
		span.Text("sealock."+name, out.AuditAnnotations[name])
	}
	if out.AuditAnnotations["verdict"] == gate.Undecided.String() {
		span.Fail(out.AuditAnnotations["reason"])
	}
}

// lookedUp notes what looking an image up came to.
func lookedUp(span *trace.Span, i Image, how string, o outcome) {
	if span == nil {
		return
	}
	span.Text("container.image.name", i.Repository)
	span.Text("oci.manifest.digest", i.Digest.String())
	span.Text("sealock.cache", how)
	span.Text("sealock.verdict", o.verdict.String())
	span.Text("sealock.decision", o.id)
	if o.verdict == gate.Undecided {
		span.Fail(codes(o.reasons))
	}
	span.End()
}
