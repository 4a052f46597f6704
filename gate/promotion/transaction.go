// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"

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
	StepBeside    Step = "beside"
	StepBlobs     Step = "blobs"
	StepManifests Step = "manifests"
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
	return []Step{StepDecide, StepHolder, StepBeside, StepBlobs, StepManifests, StepEvidence, StepReadBack, StepThere, StepSign, StepStore, StepList, StepConfirm, StepRecord, StepLook,
		StepSwitch, StepLookAgain}
}

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
	Ready    func(ctx context.Context) error                    // makes who signs ready, beside the copying; may be nil
	Sign     func(ctx context.Context, v predicate.VSA, subjects []attest.Subject) (attest.Evidence, error)
	// Bundles gives evidence in the form in which it is stored.
	Bundles func(ctx context.Context, e attest.Evidence) ([]attest.Evidence, error)

	// Record keeps the signed promotion where decisions are kept, before the name is moved; may be nil.
	Record func(ctx context.Context, d gate.Decision, e attest.Evidence) error
	// List writes the list of evidence where the artifact came from, while the name is moved; may be nil. It is a cache: whether it was written is told there.
	List func(ctx context.Context)

	Rollback string             // why an older release is put in place of a newer one, or "": that is refused unless the policy allows it
	Whole    bool               // read every byte of the content back
	Foreign  bool               // the store is a copy that nobody keeps: nothing is recorded there
	Say      func(string)       // told what a person should know; may be nil
	Before   func(s Step) error // called before each step; an error ends it there. For tests

	covers []attest.Digest // about which there is evidence
	into   attest.Store    // at the destination, by which it was written
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
	if err := t.moveReady(ctx, &r); err != nil {
		return r, err
	}
	if err := t.attest(ctx, &r, promoter); err != nil || r.Decision.Verdict != gate.Allowed {
		return r, err
	}
	list := func(ctx context.Context) error {
		if t.List != nil && !t.Foreign {
			t.List(ctx)
		}
		return nil
	}
	return r, alongside(ctx, list, func(ctx context.Context) error { return t.publish(ctx, holder) })
}

// alongside does two things at a time. If the second fails the first is cut off; both have ended when it returns, even by a panic.
func alongside(ctx context.Context, side, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var g errgroup.Group
	defer func() { cancel(); _ = g.Wait() }()
	g.Go(func() error { return side(ctx) })
	if err := work(ctx); err != nil {
		return err
	}
	return g.Wait()
}
