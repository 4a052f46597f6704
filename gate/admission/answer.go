// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/gate"
)

// Bounds on an answer.
const (
	maxMessage    = 8 << 10 // bytes that people see
	maxShown      = 12      // images that are refused in one message
	maxExplained  = 3       // of those, with all that is against them
	maxLine       = 1 << 10 // bytes of one reason
	maxWarning    = 250     // bytes of one warning; the API server cuts longer ones
	maxWarnings   = 10
	maxAnnotation = 1 << 10 // bytes of one audit annotation
)

// judged is one image with what came of it.
type judged struct {
	image     Image
	outcome   outcome
	emergency *gate.Emergency
}

func (j judged) passes() bool { return j.outcome.verdict == gate.Allowed || j.emergency != nil }

// answer is a verdict on one object.
type answer struct {
	place  Place
	mode   Mode
	images []judged
	reason *gate.Reason // against the object as a whole
	notes  []string     // for whoever sent it
	policy *Policy
	cached bool // no request was needed
}

// verdict is the worst of what was found.
func (a *answer) verdict() gate.Verdict {
	if a.reason != nil {
		if a.reason.Code == CodeNamespace || a.reason.Code == CodeNoPolicy {
			return gate.Undecided
		}
		return gate.Refused
	}
	v := gate.Allowed
	for _, j := range a.images {
		if !j.passes() && (v == gate.Allowed || j.outcome.verdict == gate.Refused) {
			v = j.outcome.verdict
		}
	}
	return v
}

// judgeAll works out what to answer to a request that can be answered.
func (s *Server) judgeAll(ctx context.Context, q *Request) *answer {
	a := &answer{mode: Enforce, policy: s.policy.Load(), cached: true}
	kind := GroupKind{Group: q.Kind.Group, Kind: q.Kind.Kind}
	if kind == (GroupKind{Kind: "Namespace"}) {
		a.reason = s.guard(q, a.policy)
		return a
	}
	if unchangeable(q.SubResource) && (q.SubResource == "scale" && kind.Kind == "Scale" || s.kinds.known(kind)) {
		return a
	}
	o, reason := s.kinds.extract(kind, q.Object, q.shape)
	if reason == nil && len(o.images) == 0 {
		return a
	}
	unchanged := false
	if reason == nil && q.Operation == opUpdate {
		before, was := s.kinds.extract(kind, q.OldObject, nil)
		unchanged = was == nil && o.unchanged(before)
		if unchanged && o.deleting {
			return a // finalizers are taken off
		}
	}
	q.drop()
	place, unknown := s.place(ctx, q.Namespace)
	if unknown != nil {
		a.reason = unknown
		return a
	}
	a.place, a.mode = place, place.Mode.or()
	if reason != nil {
		a.reason = reason
		return a
	}
	if unchanged && a.mode == Enforce && s.o.Config.Unchanged == Warn {
		a.mode = Warn
	}
	if s.o.PullSecrets != nil {
		for n := range o.images {
			o.images[n].from.namespace = q.Namespace
		}
	}
	s.judgeImages(ctx, a, o)
	return a
}

// judgeImages decides about each image once, several at a time, and looks for a break-glass statement where one is refused.
func (s *Server) judgeImages(ctx context.Context, a *answer, o object) {
	a.images = make([]judged, len(o.images))
	type asked struct {
		text string
		from pull
	}
	first := make(map[asked]int, min(len(o.images), 8)) // the index of the image that is asked about
	var group errgroup.Group
	group.SetLimit(perReview)
	for n, i := range o.images {
		a.images[n].image = i
		if again, ok := first[asked{i.Text, i.from}]; ok {
			a.images[n].image = a.images[again].image
			a.images[n].image.Place = i.Place
			continue
		}
		first[asked{i.Text, i.from}] = n
		if r := s.parse(&a.images[n].image); r != nil {
			a.images[n].outcome = refusal(*r)
			continue
		}
		work := func() error {
			a.images[n].outcome = s.guarded(func() outcome { return s.judge(ctx, a.policy, a.images[n].image, a.place.Environment) })
			return nil
		}
		if len(o.images) == 1 {
			_ = work() // it has an outcome, whatever happens
			continue
		}
		group.Go(work)
	}
	_ = group.Wait() // no job fails: each has an outcome
	refused := false
	for n := range a.images {
		j := &a.images[n]
		j.outcome = a.images[first[asked{j.image.Text, j.image.from}]].outcome
		refused = refused || !j.passes()
		a.cached = a.cached && (j.outcome.cached || !j.outcome.loaded)
	}
	if refused && a.policy != nil {
		s.breakGlass(ctx, a, o)
	}
	for _, j := range a.images {
		s.metrics.image(j.outcome)
	}
}

// parse completes a reference; those that were sound before are remembered.
func (s *Server) parse(i *Image) *gate.Reason {
	if known, ok := s.parsed.get(i.Text); ok {
		i.Repository, i.Tag, i.Digest = known.Repository, known.Tag, known.Digest
		return nil
	}
	r := i.parse()
	if r == nil {
		s.parsed.keep(i.Text, Image{Repository: i.Repository, Tag: i.Tag, Digest: i.Digest}, parsedLife)
	}
	return r
}

// guarded makes a panic an open question. R-07: one request must not end the others.
func (s *Server) guarded(f func() outcome) (o outcome) {
	defer func() {
		if what := recover(); what != nil {
			s.fault(what)
			o = open(gate.Reason{Code: CodeInternal, Message: "deciding failed because of a fault in sealock", Fix: "see the log of sealock serve"})
		}
	}()
	return f()
}

func (s *Server) breakGlass(ctx context.Context, a *answer, o object) {
	verified, why := s.emergencies(ctx, a.policy, o.annotations)
	a.notes = append(a.notes, why...)
	for n := range a.images {
		j := &a.images[n]
		if j.passes() {
			continue
		}
		e, r := s.emergency(a.policy, *j, a.place.Environment, verified)
		if r != nil {
			a.notes = append(a.notes, "break-glass: "+short(*r))
		}
		if e == nil {
			continue
		}
		if err := s.recordGlass(ctx, a.policy, *j, s.request(j.image, a.place.Environment), *e, verified); err != nil {
			a.notes = append(a.notes, "break-glass: "+gate.CodeLedger+": it could not be recorded")
			s.log.Error("break-glass not recorded", "statement", e.Statement, "error", clean(err.Error(), maxText))
			continue
		}
		j.emergency = e
		a.notes = append(a.notes, fmt.Sprintf("%s: glass broken for %s by %s until %s: %s (it was %s: %s)", gate.CodeBreakGlass, j.image.Ref(), e.By, e.Expires.UTC().Format(time.RFC3339), clean(e.Reason, maxGlassReason), j.outcome.verdict, codes(j.outcome.reasons)))
		s.metrics.Count("sealock_admission_break_glass_total", "environment", a.place.Environment)
	}
}

// response turns an answer into what the API server gets.
func (s *Server) response(q *Request, a *answer) *Response {
	v := a.verdict()
	out := &Response{UID: q.UID, Allowed: v == gate.Allowed || a.mode != Enforce, AuditAnnotations: a.annotations(v)}
	message := a.message(v)
	if !out.Allowed {
		switch {
		case v == gate.Undecided && a.has(CodeOverload):
			out.Status = busy(message)
		case v == gate.Undecided:
			out.Status = unavailable(message)
		default:
			out.Status = forbidden(message)
		}
	}
	if a.mode == Audit {
		return out
	}
	if v != gate.Allowed && a.mode == Warn {
		for _, line := range strings.Split(message, "\n") {
			out.warn(strings.TrimSpace(line))
		}
	}
	for _, n := range a.notes {
		out.warn(n)
	}
	return out
}

func (r *Response) warn(text string) {
	if len(r.Warnings) < maxWarnings && text != "" {
		r.Warnings = append(r.Warnings, clean("sealock: "+text, maxWarning))
	}
}

func (a *answer) has(code string) bool {
	for _, j := range a.images {
		for _, r := range j.outcome.reasons {
			if r.Code == code {
				return true
			}
		}
	}
	return false
}

// message is what people see in kubectl.
func (a *answer) message(v gate.Verdict) string {
	if v == gate.Allowed {
		return ""
	}
	var b strings.Builder
	if a.reason != nil {
		fmt.Fprintf(&b, "%s: %s", v, long(*a.reason))
		return bounded(b.String(), maxMessage)
	}
	shown, more := map[string]bool{}, 0
	for _, j := range a.images {
		if j.passes() || shown[j.image.Text] {
			continue
		}
		switch shown[j.image.Text] = true; {
		case len(shown) > maxShown:
			more++
			continue
		case len(shown) > maxExplained:
			fmt.Fprintf(&b, "%s: %s %s: %s\n", j.image.Place, clean(j.image.Text, 150), j.outcome.verdict, codes(j.outcome.reasons))
			continue
		}
		fmt.Fprintf(&b, "%s: %s %s for environment %s\n", j.image.Place, clean(j.image.Text, 300), j.outcome.verdict, a.place.Environment)
		for _, r := range j.outcome.reasons {
			b.WriteString("  " + long(r) + "\n")
		}
		if j.outcome.loaded && !j.image.Digest.IsZero() {
			fmt.Fprintf(&b, "  explain: sealock explain %s --env %s --promoted\n", j.image.Ref(), a.place.Environment)
		}
		if j.outcome.id != "" {
			fmt.Fprintf(&b, "  decision %s\n", j.outcome.id)
		}
	}
	if more > 0 {
		fmt.Fprintf(&b, "and %d more images\n", more)
	}
	if p := a.policy; p != nil {
		fmt.Fprintf(&b, "policy %s version %d, %s", p.Name, p.Version, p.Digest)
	}
	return strings.TrimSuffix(bounded(b.String(), maxMessage), "\n")
}

// long is a reason with what to do.
func long(r gate.Reason) string {
	text := short(r)
	if r.Expected != "" {
		text += "; expected " + r.Expected
	}
	if r.Found != "" {
		text += "; found " + r.Found
	}
	if r.Fix != "" {
		text += " (" + r.Fix + ")"
	}
	return clean(text, maxLine)
}

func short(r gate.Reason) string {
	where := ""
	if r.Stage != "" {
		where = "stage " + r.Stage + ": "
	}
	return clean(r.Code+": "+where+r.Message, maxLine)
}

func codes(reasons []gate.Reason) string {
	var out []string
	for _, r := range reasons {
		out = append(out, r.Code)
	}
	return strings.Join(out, ", ")
}

// annotations are what the audit log keeps, whatever the mode.
func (a *answer) annotations(v gate.Verdict) map[string]string {
	out := make(map[string]string, 8)
	out["verdict"], out["mode"] = v.String(), string(a.mode)
	set := func(name, value string) {
		if value != "" {
			out[name] = clean(value, maxAnnotation)
		}
	}
	set("environment", a.place.Environment)
	if a.policy != nil {
		set("policy", a.policy.Name+" version "+strconv.Itoa(a.policy.Version)+" "+a.policy.Digest.String())
	}
	if a.reason != nil {
		set("reason", short(*a.reason))
		return out
	}
	var ids, reasons, glass []string
	seen := map[string]bool{}
	for _, j := range a.images {
		if seen[j.image.Text] {
			continue
		}
		seen[j.image.Text] = true
		if j.outcome.id != "" {
			ids = append(ids, j.outcome.id)
		}
		if j.outcome.verdict != gate.Allowed {
			reasons = append(reasons, clean(j.image.Text, 200)+": "+codes(j.outcome.reasons))
		}
		if e := j.emergency; e != nil {
			glass = append(glass, fmt.Sprintf("%s by %s until %s", e.Statement, e.By, e.Expires.UTC().Format(time.RFC3339)))
		}
	}
	set("decision", strings.Join(ids, ","))
	set("reason", strings.Join(reasons, "; "))
	set("break-glass", strings.Join(glass, "; "))
	return out
}
