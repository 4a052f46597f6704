// SPDX-License-Identifier: Apache-2.0

// Package trace writes OpenTelemetry traces: spans in the JSON form of OTLP, sent in batches over HTTP
// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding), under the trace that a request brings along (https://www.w3.org/TR/trace-context/).
//
// Use New once, Run beside what is traced, and Start and End around it. A nil *Tracer and a nil *Span do nothing, at no cost. Nothing here ever holds up what is
// traced: spans wait in a bounded queue, and those that find it full, or whose batch is not taken, are dropped and counted.
package trace

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Bounds on one process.
const (
	maxQueue      = 2048
	maxBatch      = 256
	maxAttributes = 32
	maxValue      = 1 << 10 // bytes of one attribute
)

// Kinds of spans, as OTLP counts them.
const (
	kindInternal = 1
	kindServer   = 2
)

// Tracer collects spans and sends them.
type Tracer struct {
	o     Options
	queue chan *Span
	full  chan struct{} // a batch is there
}

// New makes a tracer; Run sends what it collects.
func New(o Options) *Tracer {
	return &Tracer{o: o, queue: make(chan *Span, maxQueue), full: make(chan struct{}, 1)}
}

// Span is one piece of work. Its methods are for one goroutine at a time.
type Span struct {
	tracer     *Tracer
	trace      [16]byte
	id, parent [8]byte
	name       string
	kind       int
	start, end time.Time
	failed     string

	mu         sync.Mutex
	attributes []attribute
}

type attribute struct {
	Key   string `json:"key"`
	Value value  `json:"value"`
}

type value struct {
	String *string `json:"stringValue,omitempty"`
	Bool   *bool   `json:"boolValue,omitempty"`
}

type spanKey struct{}

// Serve begins the span of a request, within the trace that its header names. It gives nil where the caller, or chance, decided against it.
func (t *Tracer) Serve(ctx context.Context, h http.Header, name string) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	s := &Span{tracer: t, name: name, kind: kindServer}
	sampled, found := s.continues(h.Get("traceparent"))
	if !found {
		_, _ = rand.Read(s.trace[:]) // never fails
		sampled = t.o.Ratio >= 1 || float64(binary.BigEndian.Uint64(s.trace[8:])>>11)/(1<<53) < t.o.Ratio
	}
	if !sampled {
		return ctx, nil
	}
	return s.begin(ctx)
}

// Start begins a span within that of the context; without one there, none.
func Start(ctx context.Context, name string) (context.Context, *Span) {
	parent, _ := ctx.Value(spanKey{}).(*Span)
	if parent == nil {
		return ctx, nil
	}
	s := &Span{tracer: parent.tracer, trace: parent.trace, parent: parent.id, name: name, kind: kindInternal}
	return s.begin(ctx)
}

func (s *Span) begin(ctx context.Context) (context.Context, *Span) {
	_, _ = rand.Read(s.id[:]) // never fails
	s.start = s.tracer.o.Now()
	return context.WithValue(ctx, spanKey{}, s), s
}

// continues reads version 00 of the header, and what a later version has in common with it.
func (s *Span) continues(header string) (sampled, found bool) {
	parts := strings.Split(header, "-")
	if len(parts) < 4 || len(parts[0]) != 2 || parts[0] == "ff" || parts[0] == "00" && len(parts) > 4 || len(parts[1]) != 32 || len(parts[2]) != 16 || len(parts[3]) != 2 || header != strings.ToLower(header) {
		return false, false
	}
	var trace [16]byte
	var parent [8]byte
	var flags [1]byte
	if _, err := hex.Decode(trace[:], []byte(parts[1])); err != nil || trace == [16]byte{} {
		return false, false
	}
	if _, err := hex.Decode(parent[:], []byte(parts[2])); err != nil || parent == [8]byte{} {
		return false, false
	}
	if _, err := hex.Decode(flags[:], []byte(parts[3])); err != nil {
		return false, false
	}
	s.trace, s.parent = trace, parent
	return flags[0]&1 == 1, true
}

// Text notes something about the work. An empty text is left out.
func (s *Span) Text(key, text string) {
	if s == nil || text == "" {
		return
	}
	kept := strings.ToValidUTF8(text[:min(len(text), maxValue)], "")
	s.note(attribute{key, value{String: &kept}})
}

// Flag notes a yes or no.
func (s *Span) Flag(key string, b bool) {
	if s == nil {
		return
	}
	kept := b // its address is taken only where there is a span
	s.note(attribute{key, value{Bool: &kept}})
}

func (s *Span) note(a attribute) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.attributes) < maxAttributes {
		s.attributes = append(s.attributes, a)
	}
}

// Fail says that the work could not be done. A refusal is no failure.
func (s *Span) Fail(why string) {
	if s != nil {
		s.failed = strings.ToValidUTF8(why[:min(len(why), maxValue)], "")
	}
}

// End hands the span over. It never waits.
func (s *Span) End() {
	if s == nil {
		return
	}
	s.end = s.tracer.o.Now()
	select {
	case s.tracer.queue <- s:
	default:
		s.tracer.o.Dropped(1)
		return
	}
	if len(s.tracer.queue) >= maxBatch {
		select {
		case s.tracer.full <- struct{}{}:
		default:
		}
	}
}
