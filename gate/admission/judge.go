// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/admission/trace"
)

// Bounds on what is kept of a decision.
const (
	maxReasons = 4
	maxText    = 400 // bytes of one text
)

// question is everything that a verdict rests on but the evidence and the time. It is compared field by field: no text is joined.
type question struct {
	digest      attest.Digest
	repository  string
	environment string
	policy      attest.Digest
	trustRoot   string
	login       login
}

// outcome is what is kept of a decision.
type outcome struct {
	verdict gate.Verdict
	id      string // of the decision, "" where none was made
	reasons []gate.Reason
	leaves  []attest.Subject // platforms of an index
	cached  bool             // it was not worked out for this review
	loaded  bool             // a decision by the policy in force, not by the state of this server
}

func refusal(r gate.Reason) outcome { return outcome{verdict: gate.Refused, reasons: []gate.Reason{r}} }

func open(r gate.Reason) outcome { return outcome{verdict: gate.Undecided, reasons: []gate.Reason{r}} }

// of keeps the part of a decision that an answer needs.
func of(d gate.Decision) outcome {
	o := outcome{verdict: d.Verdict, id: d.ID, loaded: true, leaves: d.Leaves}
	for i, r := range d.Reasons {
		if i == maxReasons {
			o.reasons = append(o.reasons, gate.Reason{Code: r.Code, Message: fmt.Sprintf("and %d more", len(d.Reasons)-i)})
			break
		}
		o.reasons = append(o.reasons, gate.Reason{Code: r.Code, Stage: r.Stage, Rule: r.Rule, Message: strings.Clone(clean(r.Message, maxText)), Expected: strings.Clone(clean(r.Expected, maxText)),
			Found: strings.Clone(clean(r.Found, maxText)), Fix: strings.Clone(clean(r.Fix, maxText))})
	}
	return o
}

// judge decides about one image in an environment. What can be said without a request comes first.
func (s *Server) judge(ctx context.Context, p *Policy, i Image, env string) outcome {
	if p == nil {
		return open(gate.Reason{Code: CodeNoPolicy, Message: "no policy is loaded", Fix: "see the log of sealock serve"})
	}
	if i.Digest.IsZero() {
		return refusal(s.notByDigest(ctx, p, i, env))
	}
	q := question{digest: i.Digest, repository: i.Repository, environment: env, policy: p.Digest, trustRoot: p.trustRoot}
	if i.from.namespace != "" { // what needs no request comes before credentials are looked up
		if o, done := s.static(p, i, env); done {
			return o
		}
		i.Logins, q.login = s.logins(ctx, i)
	}
	if o, ok := s.verdicts.get(q); ok && s.now().Before(p.Expires) {
		s.metrics.cache("hit")
		o.cached = true
		return o
	}
	if i.from.namespace == "" {
		if o, done := s.static(p, i, env); done {
			return o
		}
	}
	return s.find(ctx, p, i, env, q)
}

// request asks whether an image may stay in an environment, now.
func (s *Server) request(i Image, env string) gate.Request {
	return gate.Request{Subject: attest.Subject{Name: i.Repository, Digest: attest.DigestSet{i.Digest.Algorithm: i.Digest.Hex}}, Repository: i.Repository, Environment: env,
		Question: gate.Stay, At: s.now().UTC(), MinVersion: s.o.MinVersion, Insecure: s.o.Insecure}
}

// static refuses what needs no evidence, and what must not be asked for.
func (s *Server) static(p *Policy, i Image, env string) (outcome, bool) {
	req := s.request(i, env)
	if i.Digest.IsZero() { // a tag: the digest is asked for only where the rest would do
		req.Subject.Digest = attest.DigestSet{"sha256": strings.Repeat("0", 64)}
	}
	if d, done := p.Static(req, s.o.Version); done {
		s.metrics.cache("static")
		if !i.Digest.IsZero() {
			s.record(p, req, d)
		}
		o := of(d)
		o.cached = true
		return o, true
	}
	host, _, _ := strings.Cut(i.Repository, "/")
	if !p.NamesHost(i.Repository) && !s.hostNamed[host] {
		return refusal(gate.Reason{Code: CodeRegistryHost, Message: fmt.Sprintf("neither the policy nor the configuration names the registry %s, so it is not asked", clean(host, 100)),
			Fix: "list the repository in artifacts of the policy, or the host under registries in the admission configuration"}), true
	}
	return outcome{}, false
}

// find works a verdict out, once for all who ask at the same time.
func (s *Server) find(ctx context.Context, p *Policy, i Image, env string, q question) (o outcome) {
	select {
	case s.waiting <- struct{}{}:
		defer func() { <-s.waiting }()
	default:
		return open(gate.Reason{Code: CodeOverload, Message: fmt.Sprintf("more than %d reviews wait for a registry", cap(s.waiting)), Fix: "try again soon"})
	}
	ctx, span := trace.Start(ctx, "image")
	how := "miss"
	defer func() { lookedUp(span, i, how, o) }()
	o, shared, err := s.verdicts.do(ctx, q, func() (outcome, time.Duration) { return s.verify(p, i, env) })
	if shared {
		how = "shared"
	}
	s.metrics.cache(how)
	switch {
	case err == nil:
		o.cached = shared
		return o
	case errors.Is(err, errFull):
		return open(gate.Reason{Code: CodeOverload, Message: "too many images are being looked up", Fix: "try again soon"})
	case errors.Is(err, errFault):
		return open(gate.Reason{Code: CodeInternal, Message: "deciding failed because of a fault in sealock", Fix: "see the log of sealock serve"})
	}
	return open(gate.Reason{Code: gate.CodeTimeout, Message: "time ran out before it was known", Fix: "try again: the answer is still being looked for"})
}

// unanswered are the codes that say of a registry that it does not answer. A refusal to answer us, or an odd answer, says nothing about the next image.
var unanswered = []string{(&registry.Error{Code: registry.Unavailable}).ReasonCode(), (&registry.Error{Code: registry.Timeout}).ReasonCode(),
	(&registry.Error{Code: registry.RateLimited}).ReasonCode(), gate.CodeTimeout}

// verify asks the registry and decides. It says how long the outcome may be kept; an open question is not kept.
func (s *Server) verify(p *Policy, i Image, env string) (outcome, time.Duration) {
	ctx, cancel := context.WithTimeout(s.base, s.l.Verify)
	defer cancel()
	host, _, _ := strings.Cut(i.Repository, "/")
	leave, ok, err := s.hosts.enter(ctx, host)
	if err != nil {
		return open(gate.Reason{Code: gate.CodeTimeout, Message: fmt.Sprintf("too many images are being looked up at %s", host), Fix: "try again soon"}), 0
	}
	if !ok {
		return open(gate.Reason{Code: CodeRegistryDown, Message: fmt.Sprintf("%s failed several times and is left alone for %s", host, s.l.Rest), Fix: "try again soon; look at the registry"}), 0
	}
	answered := false
	defer func() { leave(answered) }()
	d := p.Decide(ctx, i, env)
	o := of(d)
	for _, r := range d.Reasons {
		if d.Verdict == gate.Undecided && strings.HasPrefix(r.Code, "REGISTRY_") {
			s.metrics.registry(r.Code)
		}
	}
	answered = d.Verdict != gate.Undecided || !slices.ContainsFunc(d.Reasons, func(r gate.Reason) bool { return slices.Contains(unanswered, r.Code) })
	left := p.Expires.Sub(s.now())
	switch d.Verdict {
	case gate.Allowed:
		return o, min(s.l.Allowed, left)
	case gate.Refused:
		return o, s.l.Refused
	case gate.Undecided:
	}
	return o, 0
}

// tagged is a tag of a repository.
type tagged struct{ repository, tag string }

// notByDigest refuses a tag, and says which digest to write where that is easily found out.
func (s *Server) notByDigest(ctx context.Context, p *Policy, i Image, env string) gate.Reason {
	r := gate.Reason{Code: CodeNotByDigest, Message: "the image is not named by digest", Expected: i.Repository + "@sha256:…", Found: clean(i.Text, 200), Fix: "write the digest of the image that was promoted"}
	if o, done := s.static(p, i, env); done {
		r.Fix = o.reasons[0].Message
		return r
	}
	if p.Tag == nil {
		return r
	}
	name := tagged{i.Repository, i.Tag}
	if name.tag == "" {
		name.tag = "latest"
	}
	ctx, cancel := context.WithTimeout(ctx, tagTime)
	defer cancel()
	d, _, err := s.tags.do(ctx, name, func() (attest.Digest, time.Duration) { return s.lookupTag(p, name) })
	if err == nil && !d.IsZero() {
		r.Expected = i.Repository + "@" + d.String()
		r.Fix = "write " + r.Expected + " (what the tag names now), if that is what was promoted"
	}
	return r
}

func (s *Server) lookupTag(p *Policy, name tagged) (attest.Digest, time.Duration) {
	ctx, cancel := context.WithTimeout(s.base, tagTime)
	defer cancel()
	host, _, _ := strings.Cut(name.repository, "/")
	leave, ok, err := s.hosts.enter(ctx, host)
	if err != nil || !ok {
		return attest.Digest{}, 0
	}
	d, err := p.Tag(ctx, name.repository, name.tag)
	leave(true) // a tag that is not there says nothing about the registry
	if err != nil {
		return attest.Digest{}, tagLife
	}
	return d, tagLife
}
