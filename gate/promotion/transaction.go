// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// Step is a point at which a promotion may be cut off.
type Step string

// The steps, in order.
const (
	StepDecide    Step = "decide"
	StepHolder    Step = "holder"
	StepBlobs     Step = "blobs"
	StepManifests Step = "manifests"
	StepBeside    Step = "beside"
	StepEvidence  Step = "evidence"
	StepReadBack  Step = "read-back"
	StepThere     Step = "decide-there"
	StepSign      Step = "sign"
	StepStore     Step = "store"
	StepList      Step = "list"
	StepConfirm   Step = "confirm"
	StepRecord    Step = "record"
	StepLook      Step = "look"
	StepSwitch    Step = "switch"
	StepLookAgain Step = "look-again"
)

// Steps lists them.
func Steps() []Step {
	return []Step{StepDecide, StepHolder, StepBlobs, StepManifests, StepBeside, StepEvidence, StepReadBack, StepThere, StepSign, StepStore, StepList, StepConfirm, StepRecord, StepLook,
		StepSwitch, StepLookAgain}
}

// storeAtOnce is how many pieces of evidence are stored side by side.
const storeAtOnce = 4

// Destination is a name at a place where artifacts are promoted to.
type Destination interface {
	// Name is what the place is called in the summary's resourceUri: HOST/REPOSITORY, or a path.
	Name() string
	// Repository is what a policy's repositories are held against; "" if the place is no registry.
	Repository() string
	// Tag is the name that is moved, as people write it.
	Tag() string
	// Holder is what the name means now; zero: nothing.
	Holder(ctx context.Context) (attest.Digest, error)
	// Before is the name of the version before this one that the place has, and what it means, where names are versions.
	Before(ctx context.Context) (string, attest.Digest, error)
	// Missing says what Blobs and Manifests would move.
	Missing(ctx context.Context) (oci.Copied, error)
	// Blobs and Manifests copy the content under its digest.
	Blobs(ctx context.Context) (oci.Copied, error)
	Manifests(ctx context.Context) (oci.Copied, error)
	// Verify reads the content again, all of it where whole is set.
	Verify(ctx context.Context, whole bool) error
	// Open gives the evidence at the place, with nothing remembered.
	Open() (attest.Store, error)
	// Switch makes the name mean the artifact.
	Switch(ctx context.Context) error
}

// Transaction is one promotion. All fields but those that may be nil or empty are needed.
type Transaction struct {
	Gate     *gate.Gate   // policy and verifier; its store holds the evidence about the artifact where it lies
	Request  gate.Request // whether the artifact may enter the environment, from where it lies
	To       Destination
	Promoter func(ctx context.Context) (attest.Identity, error) // who will sign
	Sign     func(ctx context.Context, v predicate.VSA, subjects []attest.Subject) (attest.Evidence, error)
	// Bundles gives evidence in the form in which it is stored.
	Bundles func(ctx context.Context, e attest.Evidence) ([]attest.Evidence, error)

	// Record keeps the signed promotion where decisions are kept, before the name is moved; may be nil.
	Record func(ctx context.Context, d gate.Decision, e attest.Evidence) error

	Rollback string             // why an older release is put in place of a newer one, or "": that is refused unless the policy allows it
	Whole    bool               // read every byte of the content back
	Foreign  bool               // the store is a copy that nobody keeps: nothing is recorded there
	Say      func(string)       // told what a person should know; may be nil
	Before   func(s Step) error // called before each step; an error ends it there. For tests

	covers []attest.Digest // about which there is evidence
	there  attest.Store    // as it was read back
}

// Result is what became of a promotion.
type Result struct {
	Decision gate.Decision   `json:"decision"` // the last one: at the destination, if it came that far
	Holder   string          `json:"holder,omitempty"`
	Image    oci.Copied      `json:"image"`
	Beside   oci.Copied      `json:"beside"`
	Evidence int             `json:"evidence"` // pieces behind the decision
	Summary  attest.Evidence `json:"-"`
}

// StateError says that the place was not as it must be, so that nothing, or nothing more, was done.
type StateError struct {
	Code   string
	Detail string
}

func (e *StateError) Error() string { return e.Detail }

// ReasonCode is how decisions name it.
func (e *StateError) ReasonCode() string { return e.Code }

// Codes of this package: of a StateError, and of a pack.
const (
	CodeTagMoved   = "TAG_MOVED"          // the name means something else than a moment ago
	CodeIncomplete = "PROMOTION_UNSTABLE" // the destination does not show what was stored there
	CodePack       = "PACK_INTEGRITY"     // a pack is not what its signed list says
)

func (t *Transaction) step(ctx context.Context, s Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.Before != nil {
		return t.Before(s)
	}
	return nil
}

func (t *Transaction) say(format string, args ...any) {
	if t.Say != nil {
		t.Say(fmt.Sprintf(format, args...))
	}
}

// at is the question as it is asked at the destination.
func (t *Transaction) at() gate.Request {
	req := t.Request
	req.Subject.Name, req.Repository = t.To.Name(), t.To.Repository()
	return req
}

func (t *Transaction) digest() attest.Digest { return t.Request.Subject.Digest.Primary() }

// Plan decides, and says what Run would move. It writes nothing.
func (t *Transaction) Plan(ctx context.Context) (Result, error) {
	var r Result
	if err := t.decide(ctx, &r); err != nil || r.Decision.Verdict != gate.Allowed {
		return r, err
	}
	found, _, err := t.Gate.Gather(ctx, t.Request)
	if err != nil {
		return r, err
	}
	r.Evidence = len(found)
	r.Image, err = t.To.Missing(ctx)
	return r, err
}

// Run promotes. Where the decision is not to allow, nothing is written and there is no error: the decision says why.
func (t *Transaction) Run(ctx context.Context) (Result, error) {
	var r Result
	if err := t.decide(ctx, &r); err != nil || r.Decision.Verdict != gate.Allowed {
		return r, err
	}
	promoter, err := t.Promoter(ctx)
	if err != nil {
		return r, err
	}
	if _, _, err := t.Gate.Policy.Promotion(r.Decision, nil, promoter); err != nil { // before anything is moved
		return r, err
	}
	holder := r.Holder
	if err := t.move(ctx, &r); err != nil {
		return r, fmt.Errorf("copying to %s: %w\nhint: %s means what it meant; promote again to go on where it broke off", t.To.Name(), err, t.To.Tag())
	}
	if err := t.attest(ctx, &r, promoter); err != nil || r.Decision.Verdict != gate.Allowed {
		return r, err
	}
	return r, t.publish(ctx, holder)
}

// decide asks about the artifact where it lies, and then about what the destination holds.
func (t *Transaction) decide(ctx context.Context, r *Result) error {
	if err := t.step(ctx, StepDecide); err != nil {
		return err
	}
	r.Decision = t.Gate.Check(ctx, t.Request)
	if r.Decision.Verdict != gate.Allowed {
		return nil
	}
	if err := t.step(ctx, StepHolder); err != nil {
		return err
	}
	holder, err := t.To.Holder(ctx)
	if err != nil {
		return fmt.Errorf("looking up what %s means now: %w", t.To.Tag(), err)
	}
	if !holder.IsZero() {
		r.Holder = holder.String()
	}
	return t.checkHolder(ctx, r, holder)
}

// checkHolder refuses to put an older release in place of what the destination holds, or under a newer name.
func (t *Transaction) checkHolder(ctx context.Context, r *Result, holder attest.Digest) error {
	before, digest, err := t.To.Before(ctx)
	if err != nil {
		return fmt.Errorf("looking up the version before %s: %w", t.To.Tag(), err)
	}
	store, err := t.To.Open()
	if err != nil {
		return err
	}
	var held []gate.Held
	for _, h := range []gate.Held{{Tag: t.To.Tag(), Digest: holder}, {Tag: before, Digest: digest}} {
		if h.Digest.IsZero() || h.Digest == t.digest() {
			continue
		}
		if h.Decision, err = t.judge(ctx, store, h.Digest); err != nil {
			return err
		}
		held = append(held, h)
	}
	reason, known := t.Gate.Policy.Rollback(r.Decision, tagOf(t.To.Tag()), held)
	switch {
	case reason == nil && !known:
		t.say("%s holds something that no evidence of this policy is about, so whether it is newer is not known", t.To.Tag())
	case reason == nil:
	case t.Rollback != "":
		t.say("rollback: %s", reason.Message)
	case t.Gate.Policy.Environments[t.Request.Environment].Rollback == gate.RollbackAllow:
		t.say("rollback, which the policy allows: %s", reason.Message)
	default:
		r.Decision = r.Decision.Refuse(*reason)
	}
	return nil
}

// judge asks about what the destination holds: only its stages matter, so whether it may stay does not.
func (t *Transaction) judge(ctx context.Context, store attest.Store, d attest.Digest) (gate.Decision, error) {
	there := *t.Gate
	there.Store = store
	req := t.at()
	req.Subject, req.Leaves, req.Skipped, req.Question = attest.Subject{Name: t.To.Name(), Digest: attest.DigestSet{d.Algorithm: d.Hex}}, nil, nil, gate.Stay
	found, rejected, err := there.Gather(ctx, req)
	if err != nil {
		return gate.Decision{}, fmt.Errorf("reading the evidence about %s, which %s means now: %w", d.Short(), t.To.Tag(), err)
	}
	return gate.Decide(ctx, t.Gate.Policy, req, found, rejected, t.Gate.Version), nil
}

// tagOf is what stands behind the last colon of a reference.
func tagOf(name string) string {
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		return name[i+1:]
	}
	return name
}

// move copies content and evidence. The name is not touched.
func (t *Transaction) move(ctx context.Context, r *Result) error {
	for _, s := range []struct {
		at Step
		do func(context.Context) (oci.Copied, error)
	}{{StepBlobs, t.To.Blobs}, {StepManifests, t.To.Manifests}} {
		if err := t.step(ctx, s.at); err != nil {
			return err
		}
		c, err := s.do(ctx)
		if err != nil {
			return err
		}
		r.Image.Add(c)
	}
	found, rejected, err := t.Gate.Gather(ctx, t.Request)
	if err != nil {
		return err
	}
	for _, x := range rejected {
		t.say("%s is no evidence (%s)", x.Name, x.Code)
	}
	target, err := t.To.Open()
	if err != nil {
		return err
	}
	if err := t.step(ctx, StepBeside); err != nil {
		return err
	}
	t.covers = t.about(found)
	if from, to := besides(t.Gate.Store), besides(target); from != nil && to != nil {
		if r.Beside, err = from.CarryTo(ctx, to, t.covers); err != nil {
			return err
		}
	}
	if err := t.step(ctx, StepEvidence); err != nil {
		return err
	}
	stored, err := t.store(ctx, target, found)
	if err != nil {
		return err
	}
	r.Evidence = len(found)
	if err := t.step(ctx, StepReadBack); err != nil {
		return err
	}
	if err := t.To.Verify(ctx, t.Whole); err != nil {
		return fmt.Errorf("reading the artifact again: %w", err)
	}
	t.there, err = t.compare(ctx, stored)
	return err
}

// besides is the store as one beside images in a registry, nil if it is another.
func besides(s attest.Store) *oci.Store {
	beside, _ := s.(*oci.Store)
	return beside
}

// about are the digests that there is evidence about: the artifact, its platforms, and what they were made from.
func (t *Transaction) about(found []attest.Evidence) []attest.Digest {
	var out []attest.Digest
	add := func(set attest.DigestSet) {
		if d := set.Primary(); d.Validate() == nil && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	add(t.Request.Subject.Digest)
	for _, leaf := range t.Request.Leaves {
		add(leaf.Digest)
	}
	for _, e := range found {
		for _, s := range e.Statement().Subject {
			add(s.Digest)
		}
		var link predicate.Link
		if e.Statement().PredicateType != predicate.TypeLink || predicate.Decode(e.Statement(), &link) != nil {
			continue
		}
		for _, m := range link.Materials {
			if !strings.HasPrefix(m.Name, predicate.ReceiptPrefix) {
				add(m.Digest)
			}
		}
	}
	return out
}

// store puts evidence in the form in which it is kept, and gives that.
func (t *Transaction) store(ctx context.Context, to attest.Store, found []attest.Evidence) ([]attest.Evidence, error) {
	var mu sync.Mutex
	var all []attest.Evidence
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(storeAtOnce)
	for _, e := range found {
		g.Go(func() error {
			kept, err := t.Bundles(ctx, e)
			if err != nil {
				return err
			}
			for _, k := range kept {
				if err := to.Put(ctx, k); err != nil {
					return err
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, kept...)
			return nil
		})
	}
	return all, g.Wait()
}

// compare reads the evidence at the destination, with nothing remembered of what was stored, and misses none.
func (t *Transaction) compare(ctx context.Context, stored []attest.Evidence) (attest.Store, error) {
	fresh, err := t.To.Open()
	if err != nil {
		return nil, err
	}
	there := *t.Gate
	there.Store = fresh
	found, _, err := there.Gather(ctx, t.at())
	if err != nil {
		return nil, err
	}
	have := map[attest.Digest]bool{}
	for _, e := range found {
		kept, err := t.Bundles(ctx, e)
		if err != nil {
			return nil, err
		}
		for _, k := range kept {
			have[k.BundleID()] = true
		}
	}
	var missing []string
	for _, e := range stored {
		if !have[e.BundleID()] {
			missing = append(missing, e.ID().Short())
		}
	}
	if len(missing) > 0 {
		return nil, &StateError{CodeIncomplete, fmt.Sprintf("%d of %d pieces of evidence can't be read again: %s", len(missing), len(stored), strings.Join(missing[:min(len(missing), 5)], ", "))}
	}
	return fresh, nil
}

// attest decides at the destination, signs, stores, and asks what lies there whether the artifact may stay.
func (t *Transaction) attest(ctx context.Context, r *Result, promoter attest.Identity) error {
	if err := t.step(ctx, StepThere); err != nil {
		return err
	}
	d := t.ask(ctx, t.there, gate.Enter)
	if r.Decision = d; d.Verdict != gate.Allowed {
		return nil
	}
	if err := t.step(ctx, StepSign); err != nil {
		return err
	}
	v, subjects, err := t.Gate.Policy.Promotion(d, t.Request.Leaves, promoter)
	if err != nil {
		return err
	}
	if t.Rollback != "" {
		v.Rollback = &predicate.VSARollback{From: r.Holder, Reason: t.Rollback}
	}
	if r.Summary, err = t.Sign(ctx, v, subjects); err != nil {
		return fmt.Errorf("signing the promotion to %s: %w", d.Environment, err)
	}
	if err := t.keep(ctx, r.Summary); err != nil {
		return err
	}
	return t.confirm(ctx, r)
}

// keep stores the summary at the destination, and writes the list of all evidence there.
func (t *Transaction) keep(ctx context.Context, e attest.Evidence) error {
	if err := t.step(ctx, StepStore); err != nil {
		return err
	}
	if err := t.there.Put(ctx, e); err != nil {
		return fmt.Errorf("storing the promotion at %s: %w", t.To.Name(), err)
	}
	if err := t.step(ctx, StepList); err != nil {
		return err
	}
	if to := besides(t.there); to != nil {
		if err := to.Publish(ctx, t.digest(), t.covers); err != nil { // a cache: readers can do without
			t.say("the list of evidence was not written, so verifying takes more requests: %v", err)
		}
	}
	return nil
}

// confirm asks what lies there, read once more, whether the artifact may stay.
func (t *Transaction) confirm(ctx context.Context, r *Result) error {
	if err := t.step(ctx, StepConfirm); err != nil {
		return err
	}
	fresh, err := t.To.Open()
	if err != nil {
		return err
	}
	stay := t.ask(ctx, fresh, gate.Stay)
	if stay.Verdict != gate.Allowed {
		r.Decision = stay
		return nil
	}
	if c, ok := fresh.(attest.Confirmer); ok {
		if err := c.Confirm(ctx, r.Summary); err != nil {
			return &StateError{CodeIncomplete, "the promotion was stored at the destination and is not found there: " + err.Error()}
		}
	}
	return t.record(ctx, r.Decision, r.Summary)
}

// ask decides at the destination by what lies there alone.
func (t *Transaction) ask(ctx context.Context, store attest.Store, q gate.Question) gate.Decision {
	there := *t.Gate
	there.Store = store
	req := t.at()
	req.Question = q
	return there.Check(ctx, req)
}

// record keeps the summary where the artifact came from as well: the next environment may be promoted to from there.
func (t *Transaction) record(ctx context.Context, d gate.Decision, e attest.Evidence) error {
	if err := t.step(ctx, StepRecord); err != nil {
		return err
	}
	if t.Record != nil {
		if err := t.Record(ctx, d, e); err != nil {
			return err
		}
	}
	if t.Foreign {
		return nil
	}
	if err := t.Gate.Store.Put(ctx, e); err != nil {
		return fmt.Errorf("storing the promotion where the artifact came from: %w", err)
	}
	return nil
}

// publish moves the name, if it means what it meant when the release was compared with it, and looks it up again.
func (t *Transaction) publish(ctx context.Context, holder string) error {
	if err := t.step(ctx, StepLook); err != nil {
		return err
	}
	now, err := t.To.Holder(ctx)
	switch {
	case err != nil:
		return err
	case now == t.digest():
		return nil
	case named(now) != holder:
		return &StateError{CodeTagMoved, fmt.Sprintf("%s means %s now, and meant %s a moment ago: somebody else moved it\nhint: see what it is; to promote all the same, do it again", t.To.Tag(), orNothing(named(now)), orNothing(holder))}
	}
	if err := t.step(ctx, StepSwitch); err != nil {
		return err
	}
	if err := t.To.Switch(ctx); err != nil {
		return fmt.Errorf("moving %s: %w\nhint: all else is done; promote again to move it", t.To.Tag(), err)
	}
	if err := t.step(ctx, StepLookAgain); err != nil {
		return err
	}
	now, err = t.To.Holder(ctx)
	if err == nil && now != t.digest() {
		err = &StateError{CodeTagMoved, fmt.Sprintf("%s was moved and means %s: somebody else moved it at the same time", t.To.Tag(), orNothing(named(now)))}
	}
	return err
}

func named(d attest.Digest) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
