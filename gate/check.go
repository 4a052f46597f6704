// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// Bounds of what one decision fetches.
const (
	maxBundles  = 20000   // bundles about everything a chain reaches
	maxBytes    = 1 << 30 // bytes of all bundles
	maxSubjects = 4096    // digests looked up
	listAtOnce  = 8       // digests looked up at the same time
)

// Gate is a policy with a store to judge.
type Gate struct {
	Policy   *Policy
	Verifier *attest.Verifier
	Store    attest.Store
	Version  string   // of the evaluator, part of every decision
	Recorder Recorder // keeps what is decided; nil: nobody does
}

// New wants all its parts.
func New(p *Policy, v *attest.Verifier, s attest.Store, version string) (*Gate, error) {
	if p == nil || v == nil || s == nil || version == "" {
		return nil, errors.New("a gate needs a policy, a verifier, a store and the evaluator's version")
	}
	return &Gate{Policy: p, Verifier: v, Store: s, Version: version}, nil
}

// Check gathers what the store has about the subject and everything its receipts reach, verifies it, and decides. Trouble with the store, or a
// context that ends, makes the decision undecided; there is no other way for it to fail. What it comes to is on the record before anybody knows.
func (g *Gate) Check(ctx context.Context, req Request) Decision {
	w, err := g.gather(ctx, req)
	r := Record{Request: req, Policy: g.Policy, Evidence: w.evidence, Rejected: w.rejected, Open: err != nil}
	if err != nil {
		r.Decision = g.undecided(req, w.rejected, err)
	} else {
		r.Decision = decide(ctx, g.Policy, req, w.evidence, w.links, w.rejected, g.Version)
	}
	return g.keep(ctx, r)
}

func (g *Gate) undecided(req Request, rejected []Rejection, err error) Decision {
	d := newDecision(g.Policy, req, g.Version)
	message, fix, _ := strings.Cut(err.Error(), "\nhint: ")
	if fix == "" {
		fix = "check the store and try again"
	}
	r := Reason{Code: CodeStore, Message: "gathering evidence: " + message, Fix: fix}
	var coded interface{ ReasonCode() string } // a store that says what went wrong
	if errors.As(err, &coded) {
		r.Code = coded.ReasonCode()
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		r = timeoutReason(err)
	case attest.RejectCode(err) != "":
		r.Code = attest.RejectCode(err)
		if r.Code == attest.CodeLimit {
			r.Fix = "remove what newer runs of the same stages have replaced from the store"
		}
	}
	for _, x := range rejected {
		d.warn(Reason{Code: CodeRejected, Message: fmt.Sprintf("%s is no evidence (%s): %s", x.Name, x.Code, x.Detail)})
	}
	d.refuse(r)
	d.conclude(checks{undecided: true})
	return d
}

// gathering is the state of one walk over a store.
type gathering struct {
	seen     map[string]bool // digests asked for
	bundles  map[string]bool // bundles seen, by digest
	bytes    int
	receipts int
	found    map[string]bool // statements verified, by id
	products []products
	evidence []attest.Evidence
	links    links // of the receipts among it
	rejected []Rejection
}

// links are the predicates of receipts by statement, decoded once; nil where one can't be read.
type links map[string]*predicate.Link

// of gives the predicate of a receipt.
func (l links) of(id string, st attest.Statement) *predicate.Link {
	link, known := l[id]
	if !known {
		link = readLink(st)
		l[id] = link
	}
	return link
}

// readLink decodes the predicate of a receipt; nil if it is none, or can't be read.
func readLink(st attest.Statement) *predicate.Link {
	var link predicate.Link
	if st.PredicateType != predicate.TypeLink || predicate.Decode(st, &link) != nil {
		return nil
	}
	return &link
}

// products is what else one run made, to be looked up only if evidence that its receipt names is not found beside the rest.
type products struct {
	names    []string // ids of the evidence
	subjects []attest.Digest
}

// Gather lists, verifies and follows: from the subject to its receipts, from those to what they were made from, and so on.
func (g *Gate) Gather(ctx context.Context, req Request) ([]attest.Evidence, []Rejection, error) {
	w, err := g.gather(ctx, req)
	if err != nil {
		return nil, w.rejected, err
	}
	return w.evidence, w.rejected, nil
}

func (g *Gate) gather(ctx context.Context, req Request) (*gathering, error) {
	w := &gathering{seen: map[string]bool{}, bundles: map[string]bool{}, found: map[string]bool{}, links: links{}}
	queue := []attest.Digest{req.Subject.Digest.Primary()}
	for _, leaf := range req.Leaves {
		queue = append(queue, leaf.Digest.Primary())
	}
	for depth := 0; len(queue) > 0; depth++ {
		// Twice as many rounds as the chain may be deep: after what receipts were made of, what else they made. The exact bound is the chain's.
		if depth > 2*MaxDepth {
			return w, limit("the chain is deeper than %d receipts", MaxDepth)
		}
		next, err := g.round(ctx, w, queue)
		if err != nil {
			return w, err
		}
		if queue = next; len(queue) == 0 {
			queue = w.otherProducts()
		}
	}
	return w, nil
}

func limit(format string, args ...any) error {
	return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf(format, args...)}
}

// round lists a set of digests, verifies what is new, and returns the digests that new receipts lead to.
func (g *Gate) round(ctx context.Context, w *gathering, queue []attest.Digest) ([]attest.Digest, error) {
	var fresh []attest.Stored
	var ask []attest.Digest
	for _, d := range queue {
		if d.IsZero() || w.seen[d.String()] {
			continue
		}
		w.seen[d.String()] = true
		if len(w.seen) > maxSubjects {
			return nil, limit("the chain reaches more than %d artifacts", maxSubjects)
		}
		ask = append(ask, d)
	}
	entries, err := g.listAll(ctx, ask)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Err != nil {
			w.reject(e.Name, e.Err)
			continue
		}
		id := e.Digest
		if id.IsZero() {
			id = attest.SHA256(e.Bundle)
		}
		if !w.bundles[id.Hex] {
			w.bundles[id.Hex] = true
			w.bytes += len(e.Bundle)
			fresh = append(fresh, e)
		}
		if len(w.bundles) > maxBundles || w.bytes > maxBytes {
			return nil, limit("the store holds more than %d bundles or %d bytes about one chain", maxBundles, maxBytes)
		}
	}
	var next []attest.Digest
	for i, v := range g.verifyAll(ctx, fresh) {
		e := v.Evidence
		if err := v.err; err != nil {
			if attest.RejectCode(err) == "" {
				return nil, fmt.Errorf("verifying %s: %w", fresh[i].Name, err)
			}
			w.reject(fresh[i].Name, err)
			continue
		}
		w.evidence = append(w.evidence, e)
		w.found[e.ID().String()] = true
		if v.link != nil {
			w.links[e.ID().String()] = v.link
		}
		reached, err := w.follow(e)
		if err != nil {
			return nil, err
		}
		next = append(next, reached...)
	}
	return next, nil
}

// listAll lists several digests side by side; what was found stands in the order of the digests. The first is asked alone: a store may learn
// from it what there is about the others.
func (g *Gate) listAll(ctx context.Context, digests []attest.Digest) ([]attest.Stored, error) {
	found := make([][]attest.Stored, len(digests))
	var bytes atomic.Int64 // of what is in memory, copies under several digests included
	var group errgroup.Group
	group.SetLimit(listAtOnce)
	for i, d := range digests {
		list := func() error {
			var err error
			if found[i], err = g.Store.List(ctx, d); err != nil {
				return fmt.Errorf("listing evidence about %s: %w", d.Short(), err)
			}
			for _, e := range found[i] {
				if bytes.Add(int64(len(e.Bundle))) > 2*maxBytes {
					return limit("the store holds more than %d bytes about one chain", 2*maxBytes)
				}
			}
			return nil
		}
		if i > 0 {
			group.Go(list)
		} else if err := list(); err != nil {
			return nil, err
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

func (w *gathering) reject(name string, err error) {
	w.rejected = append(w.rejected, Rejection{name, attest.RejectCode(err), err.Error()})
}

// otherProducts gives the products of receipts that lack some of their evidence so far: a receipt is sound only with all of it, and it may be about
// a product that nobody asked for.
func (w *gathering) otherProducts() []attest.Digest {
	var out []attest.Digest
	for _, p := range w.products {
		for _, id := range p.names {
			if !w.found[id] {
				out = append(out, p.subjects...)
				break
			}
		}
	}
	w.products = nil
	return out
}

// follow gives the digests that a receipt leads to, those of its materials.
func (w *gathering) follow(e attest.Evidence) ([]attest.Digest, error) {
	st := e.Statement()
	if st.PredicateType != predicate.TypeLink {
		return nil, nil
	}
	if w.receipts++; w.receipts > MaxReceipts {
		return nil, limit("the chain has more than %d receipts", MaxReceipts)
	}
	link := w.links.of(e.ID().String(), st)
	if link == nil {
		return nil, nil // judged, and reported, as a receipt that can't be read
	}
	var out []attest.Digest
	for _, m := range link.Materials {
		if d := m.Digest.Primary(); d.Validate() == nil && !strings.HasPrefix(m.Name, predicate.ReceiptPrefix) { // nothing is about a receipt
			out = append(out, d)
		}
	}
	p := products{}
	for _, ref := range link.Byproducts.Evidence {
		p.names = append(p.names, attest.Digest{Algorithm: "sha256", Hex: ref.Digest["sha256"]}.String())
	}
	for _, s := range st.Subject {
		if d := s.Digest.Primary(); d.Validate() == nil {
			p.subjects = append(p.subjects, d)
		}
	}
	w.products = append(w.products, p)
	return out, nil
}

// verified is what came of one bundle.
type verified struct {
	attest.Evidence
	link *predicate.Link // of a receipt
	err  error
}

// verifyAll verifies bundles side by side; results stand in the order of the bundles.
func (g *Gate) verifyAll(ctx context.Context, in []attest.Stored) []verified {
	out := make([]verified, len(in))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(in)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(in); i = int(next.Add(1)) - 1 {
				out[i] = g.verify(ctx, in[i])
			}
		})
	}
	wg.Wait()
	return out
}

func (g *Gate) verify(ctx context.Context, s attest.Stored) verified {
	e, err := g.Verifier.Verify(ctx, s.Bundle)
	if err != nil {
		return verified{err: err}
	}
	if c, ok := g.Store.(attest.Confirmer); ok {
		if err := c.Confirm(ctx, e); err != nil {
			return verified{err: err}
		}
	}
	return verified{Evidence: e, link: readLink(e.Statement())}
}
