// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/admission/trace"
	"github.com/sealock-dev/sealock/gate/prometheus"
)

// Paths that are answered. Everything else is not found.
const (
	PathValidate = "/validate"
	PathHealth   = "/healthz"
	PathReady    = "/readyz"
	PathMetrics  = "/metrics"
)

// Options are what the server is given. Config, Load, Version, Now and Log are required.
type Options struct {
	Config      *Config
	Load        func(context.Context) (*Policy, error)
	Labels      Labels      // nil: namespaces are known from Config only
	PullSecrets PullSecrets // nil: registries are asked with the webhook's own credentials only
	Version     string      // of the evaluator
	MinVersion  int         // refuse an older policy
	Insecure    []string
	Registries  []string // hosts that may be asked, besides those of Config and those that the policy names
	ClientCA    bool     // reviews are taken only from clients with a verified certificate
	Expiry      func() time.Time
	Now         func() time.Time
	Log         *slog.Logger
	Limits      Limits
	Recorder    Recorder       // keeps decisions; nil: only log and metrics have them
	Trace       *trace.Options // where traces go; nil: nowhere. Its Now, Dropped, Failed, Scope and Version are filled in
}

// Server is the webhook.
type Server struct {
	o          Options
	l          Limits
	log        *slog.Logger
	base       context.Context // of work that goes on after the review that began it
	kinds      kinds
	guards     Guards
	hostNamed  map[string]bool
	policy     atomic.Pointer[Policy]
	loading    sync.Mutex
	verdicts   *memo[question, outcome]
	tags       *memo[tagged, attest.Digest]
	namespaces *memo[string, looked]
	parsed     *memo[string, Image]
	secrets    *memo[named, secret]
	accounts   *memo[named, account]
	hosts      *hosts
	metrics    *metrics
	trace      *trace.Tracer
	recorded   *memo[question, struct{}]
	unrecorded chan gate.Record
	reviews    chan struct{}
	waiting    chan struct{}
	bodies     *semaphore.Weighted
}

var _ http.Handler = (*Server)(nil)

// New makes a server. The context bounds all that it does; no policy is loaded yet, so until Load succeeds everything is refused.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.Config == nil || o.Load == nil || o.Version == "" || o.Now == nil || o.Log == nil {
		return nil, errors.New("admission needs its configuration, a way to load the policy, the evaluator's version, a clock and a log")
	}
	l := o.Limits.withDefaults()
	s := &Server{o: o, l: l, log: o.Log, base: ctx, kinds: o.Config.kinds(), guards: o.Config.Guards, hostNamed: map[string]bool{}, metrics: newMetrics(),
		hosts: newHosts(l.PerRegistry, l.Failures, l.Rest, o.Now), reviews: make(chan struct{}, l.Reviews), waiting: make(chan struct{}, l.Waiting), bodies: semaphore.NewWeighted(bodies)}
	fault := func(what any) { s.fault(what) }
	s.verdicts = newMemo[question, outcome](l.Verdicts, l.Waiting, o.Now, fault)
	s.tags = newMemo[tagged, attest.Digest](l.Verdicts, l.Waiting, o.Now, fault)
	s.parsed = newMemo[string, Image](maxParsed, 0, o.Now, fault)
	s.secrets = newMemo[named, secret](maxSecrets, l.Waiting, o.Now, fault)
	s.accounts = newMemo[named, account](maxNamespaces, l.Waiting, o.Now, fault)
	s.namespaces = newMemo[string, looked](maxNamespaces, l.Waiting, o.Now, fault)
	if len(s.guards.Users)+len(s.guards.Groups) == 0 {
		s.guards.Groups = []string{"system:masters"}
	}
	s.trace = s.tracer(o.Trace)
	s.recorded, s.unrecorded = newMemo[question, struct{}](l.Verdicts, 0, o.Now, fault), make(chan gate.Record, maxUnrecorded)
	for _, host := range append(append([]string(nil), o.Config.Registries...), o.Registries...) {
		s.hostNamed[host] = true
	}
	return s, nil
}

func (s *Server) now() time.Time { return s.o.Now() }

// fault notes a panic, and gives the id by which its log line is found.
func (s *Server) fault(what any) string {
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	s.metrics.Count("sealock_admission_faults_total")
	s.log.Error("fault", "id", hex.EncodeToString(id[:]), "what", fmt.Sprint(what), "stack", string(debug.Stack()))
	return hex.EncodeToString(id[:])
}

// ServeHTTP answers the four paths, each as it is written and in no other spelling.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.URL.RawPath != "" {
		http.NotFound(w, r)
		return
	}
	switch r.URL.Path {
	case PathValidate:
		s.serveReview(w, r)
	case PathHealth:
		s.serveText(w, r, http.StatusOK, "ok\n")
	case PathReady:
		if why := s.Ready(); why != "" {
			s.serveText(w, r, http.StatusServiceUnavailable, "not ready: "+why+"\n")
			return
		}
		s.serveText(w, r, http.StatusOK, "ok\n")
	case PathMetrics:
		s.metrics.Handler(s.gauges).ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) serveText(w http.ResponseWriter, r *http.Request, status int, text string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "expected GET", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func (s *Server) gauges() []prometheus.Gauge {
	kept, pending := s.verdicts.size()
	out := []prometheus.Gauge{
		gauge("sealock_admission_verdicts", "Verdicts that are kept.", float64(kept)),
		gauge("sealock_admission_lookups", "Images that are being looked up.", float64(pending)),
		gauge("sealock_admission_in_flight", "Reviews in progress.", float64(len(s.reviews))),
		gauge("sealock_admission_registries_suspended", "Registries that are left alone because they failed.", float64(s.hosts.suspended())),
	}
	ready := 0.0
	if s.Ready() == "" {
		ready = 1
	}
	out = append(out, gauge("sealock_admission_ready", "Whether a policy is in force.", ready))
	if p := s.policy.Load(); p != nil {
		out = append(out, gauge("sealock_policy_version", "Version of the policy in force.", float64(p.Version)),
			gauge("sealock_policy_expires_timestamp_seconds", "When the policy in force expires.", float64(p.Expires.Unix())))
	}
	if s.o.Expiry != nil {
		if at := s.o.Expiry(); !at.IsZero() {
			out = append(out, gauge("sealock_certificate_expires_timestamp_seconds", "When the certificate of the webhook expires.", float64(at.Unix())))
		}
	}
	return out
}

// serveReview answers one review. Nothing that goes wrong on the way is an answer that allows.
func (s *Server) serveReview(w http.ResponseWriter, r *http.Request) {
	if s.o.ClientCA && (r.TLS == nil || len(r.TLS.VerifiedChains) == 0) {
		http.Error(w, "expected a client certificate", http.StatusUnauthorized)
		return
	}
	select {
	case s.reviews <- struct{}{}:
		defer func() { <-s.reviews }()
	default:
		s.metrics.Count("sealock_admission_overload_total")
		w.Header().Set("Retry-After", "1")
		http.Error(w, fmt.Sprintf("%s: more than %d reviews are in progress", CodeOverload, cap(s.reviews)), http.StatusTooManyRequests)
		return
	}
	start := s.now()
	ctx, cancel := context.WithTimeout(r.Context(), s.deadline(r))
	defer cancel()
	q, status, err := s.read(ctx, w, r)
	if err != nil {
		s.metrics.Count("sealock_admission_malformed_total")
		s.log.Warn("no review", "error", clean(err.Error(), maxText), "status", status)
		http.Error(w, clean(err.Error(), maxText), status)
		return
	}
	defer q.release()
	ctx, span := s.trace.Serve(ctx, r.Header, "admission review")
	defer span.End()
	out := s.answer(ctx, q, start)
	told(span, q, out)
	s.reply(w, q, out)
}

// deadline is less than the API server waits, so that it gets an answer and not silence.
func (s *Server) deadline(r *http.Request) time.Duration {
	d := s.l.Deadline
	value, only := strings.CutPrefix(r.URL.RawQuery, "timeout=") // all that an API server says
	if !only || strings.ContainsAny(value, "&%+;") {
		value = r.URL.Query().Get("timeout")
	}
	if told, err := time.ParseDuration(value); err == nil && told > 0 {
		d = min(d, max(told-max(margin, told/10), told/2))
	}
	return d
}

// read takes the review out of the request. The bytes of all that are being read, and have not been looked at yet, are bounded.
func (s *Server) read(ctx context.Context, w http.ResponseWriter, r *http.Request) (*Request, int, error) {
	if r.Method != http.MethodPost {
		return nil, http.StatusMethodNotAllowed, errors.New("expected POST")
	}
	if kind := r.Header.Get("Content-Type"); kind != "application/json" && !isJSON(kind) {
		return nil, http.StatusUnsupportedMediaType, errors.New("expected Content-Type application/json")
	}
	if r.Header.Get("Content-Encoding") != "" {
		return nil, http.StatusUnsupportedMediaType, errors.New("expected a body without Content-Encoding")
	}
	size := r.ContentLength
	if size < 0 {
		size = MaxReview
	}
	if size > MaxReview {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("the review has %d bytes, limit %d", size, MaxReview)
	}
	if s.bodies.Acquire(ctx, size+1) != nil {
		return nil, http.StatusTooManyRequests, errors.New(CodeOverload + ": too many reviews are being read")
	}
	held := true
	release := func() { // by the one goroutine that answers
		if held {
			held = false
			s.bodies.Release(size + 1)
		}
	}
	q, status, err := s.decode(w, r)
	if err != nil {
		release()
		return nil, status, err
	}
	q.release = release
	return q, 0, nil
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/json"
}

// readBody reads a body that is bounded, into memory of its length where that is told: what it may set aside was asked for before.
func readBody(r io.Reader, length int64) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, max(length, 0)+bytes.MinRead))
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

func (s *Server) decode(w http.ResponseWriter, r *http.Request) (*Request, int, error) {
	raw, err := readBody(http.MaxBytesReader(w, r.Body, MaxReview), r.ContentLength)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("the review has more than %d bytes", MaxReview)
	case err != nil:
		return nil, http.StatusBadRequest, fmt.Errorf("reading the review: %w", err)
	}
	q, err := decodeReview(raw)
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	return q, 0, nil
}

// answer decides, logs and counts.
func (s *Server) answer(ctx context.Context, q *Request, start time.Time) (out *Response) {
	defer func() {
		if what := recover(); what != nil {
			id := s.fault(what)
			out = &Response{UID: q.UID, Status: unavailable(fmt.Sprintf("%s: a fault in sealock, see its log for %s", CodeInternal, id)), AuditAnnotations: map[string]string{"verdict": gate.Undecided.String(), "reason": CodeInternal}}
		}
	}()
	if q.Operation == opDelete || q.Operation == opConnect { // nothing new runs because of it
		s.metrics.Count("sealock_admission_reviews_total", "verdict", gate.Allowed.String(), "mode", string(Enforce), "operation", q.Operation)
		return &Response{UID: q.UID, Allowed: true}
	}
	var a *answer
	if err := q.check(); err != nil {
		a = &answer{mode: Enforce, reason: &gate.Reason{Code: CodeReview, Message: err.Error()}, policy: s.policy.Load(), cached: true}
	} else {
		a = s.judgeAll(ctx, q)
	}
	out = s.response(q, a)
	s.note(q, a, out, s.now().Sub(start))
	return out
}

func (s *Server) note(q *Request, a *answer, out *Response, took time.Duration) {
	operation := q.Operation
	if operation != opCreate && operation != opUpdate {
		operation = "other"
	}
	s.metrics.Count("sealock_admission_reviews_total", "verdict", out.AuditAnnotations["verdict"], "mode", string(a.mode), "operation", operation)
	s.metrics.observe(a.cached, took)
	level := slog.LevelInfo
	if out.AuditAnnotations["verdict"] != gate.Allowed.String() || out.AuditAnnotations["break-glass"] != "" {
		level = slog.LevelWarn
	}
	var room [20]slog.Attr
	attrs := room[:0]
	add := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	add("uid", clean(q.UID, maxUID))
	attrs = append(attrs, slog.Bool("allowed", out.Allowed), slog.Int("images", len(a.images)), slog.Duration("took", took), slog.Bool("dryRun", q.DryRun))
	for _, name := range []string{"verdict", "mode", "environment", "policy", "decision", "reason", "break-glass"} {
		add(name, out.AuditAnnotations[name])
	}
	add("operation", clean(q.Operation, 20))
	add("kind", clean(q.Kind.String(), 200))
	add("subresource", clean(q.SubResource, 60))
	add("namespace", clean(q.Namespace, 63))
	add("name", clean(q.Name, 253))
	add("user", clean(q.UserInfo.Username, 200))
	if !s.log.Enabled(s.base, level) {
		return
	}
	record := slog.NewRecord(s.now(), level, "review", 0) // the line it is written by says nothing, and takes time to find out
	record.AddAttrs(attrs...)
	_ = s.log.Handler().Handle(s.base, record) // as slog has it: a log that can't be written holds up nobody
}

func (s *Server) reply(w http.ResponseWriter, q *Request, out *Response) {
	body, err := out.encode()
	if err != nil {
		s.log.Error("answer not written", "uid", clean(q.UID, maxUID), "error", err.Error())
		http.Error(w, "the answer can't be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if len(body) > 2<<10 { // of shorter ones the server says it
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	_, _ = w.Write(body)
}
