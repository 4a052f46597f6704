// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Schema names the form of a report in JSON.
const Schema = "sealock/drift/v1"

// MaxImages is how many different images, by what runs them, one comparison takes.
const MaxImages = 200000

// atOnce is how many images are judged at the same time.
const atOnce = 8

// Reason codes of drift itself, beside those of the gate. They are stable.
const (
	CodeImageName     = "IMAGE_REFERENCE"      // what the spec or the runtime names can't be read
	CodeNoDigest      = "IMAGE_WITHOUT_DIGEST" // the runtime reports no manifest digest
	CodeSpecDiffers   = "SPEC_DIFFERS"
	CodeNoEnvironment = "NO_ENVIRONMENT"

	CodeSpecChanged      = "SPEC_CHANGED"
	CodeObjectMissing    = "OBJECT_MISSING"
	CodeObjectUnreadable = "OBJECT_UNREADABLE"
	CodeNotInManifests   = "NOT_IN_MANIFESTS"
)

// Codes documents the codes that only this package gives; the others are those of admission.
func Codes() []gate.CodeDoc {
	return []gate.CodeDoc{
		{Code: CodeNoDigest, Meaning: "The container runtime reports no digest of a manifest for what runs, so it is not known what that is.", Fix: "Pull the image from a registry by its digest; do not load it on the node."},
		{Code: CodeSpecDiffers, Meaning: "What runs is another image than the one that the spec names by digest.", Fix: "Restart the workload; if it comes back, find out who changes the image where it runs."},
		{Code: CodeSpecChanged, Meaning: "A field of a live object is not as the attested manifest sets it.", Fix: "Apply the attested manifests again, and find out who changed it; 'sealock drift --manager' names who may."},
		{Code: CodeObjectMissing, Meaning: "An object of the attested manifests is not in the cluster.", Fix: "Apply the attested manifests again."},
		{Code: CodeObjectUnreadable, Meaning: "A live object can't be read, so it is not known whether it is as attested.", Fix: "Grant get on its kind, or try again."},
		{Code: CodeNotInManifests, Meaning: "A workload runs in a namespace of the attested manifests and stands in none of them.", Fix: "Remove it, or add it to the manifests and run their stage."},
	}
}

// Result is one image that runs, and what became of it.
type Result struct {
	Running
	Count      int           `json:"count"` // of containers that agree in all of it
	Ref        string        `json:"ref,omitempty"`
	Status     Status        `json:"status"`
	Causes     []Cause       `json:"causes,omitempty"`
	PromotedTo []string      `json:"promotedTo,omitempty"`
	Decision   string        `json:"decision,omitempty"` // id
	Reasons    []gate.Reason `json:"reasons"`
}

// Report is what one comparison came to.
type Report struct {
	Schema   string         `json:"schema"`
	At       string         `json:"at"`
	Policy   gate.PolicyRef `json:"policy"`
	Verdict  gate.Verdict   `json:"verdict"`
	Summary  map[Status]int `json:"summary"` // images and objects by status
	Judged   int            `json:"judged"`  // different images, each judged once for its environment
	Results  []Result       `json:"results"`
	Excluded []gate.Skip    `json:"excluded"` // what runs and was not looked at

	Manifests *Manifests `json:"manifests,omitempty"` // what live objects were held against
}

// Input is what runs, and what is known about the listing.
type Input struct {
	Running  []Running
	Excluded []gate.Skip
	At       time.Time
	Policy   gate.PolicyRef

	Manifests *Manifests
	Objects   []Object
}

// subject is what is judged once.
type subject struct{ ref, environment string }

// Compare judges every image that runs and says where it stands. It fails only if there are too many.
func Compare(ctx context.Context, in Input, judge Judge) (Report, error) {
	r := Report{Schema: Schema, At: in.At.UTC().Truncate(time.Second).Format(time.RFC3339), Policy: in.Policy, Summary: map[Status]int{}, Results: merge(in.Running), Excluded: in.Excluded}
	if len(r.Results) > MaxImages {
		return Report{}, fmt.Errorf("comparing what runs: %d images in different places, limit %d", len(r.Results), MaxImages)
	}
	if r.Excluded == nil {
		r.Excluded = []gate.Skip{}
	}
	c := &comparison{judge: judge, holds: map[string]*membership{}}
	todo := make([]target, len(r.Results))
	for i := range r.Results {
		todo[i] = c.target(&r.Results[i])
	}
	c.lookInside(ctx)
	for i := range todo {
		todo[i].settle()
	}
	judged := c.judgeAll(ctx, todo)
	for i := range r.Results {
		x := &r.Results[i]
		todo[i].finish(x, judged)
		r.Summary[x.Status]++
	}
	r.Judged, r.Verdict = len(judged), verdict(r.Results, in.Excluded)
	r.addObjects(in)
	return r, nil
}

// verdict is undecided before refused before allowed. Where nothing was looked at though something runs, nothing is known.
func verdict(results []Result, excluded []gate.Skip) gate.Verdict {
	v := gate.Allowed
	if len(results) == 0 && len(excluded) > 0 {
		v = gate.Undecided
	}
	for _, x := range results {
		v = worse(v, x.Status.verdict())
	}
	return v
}

// merge counts what agrees in everything, in order.
func merge(in []Running) []Result {
	sorted := slices.Clone(in)
	slices.SortFunc(sorted, Running.compare)
	out := []Result{}
	for _, r := range sorted {
		if n := len(out); n > 0 && out[n-1].Running == r {
			out[n-1].Count++
			continue
		}
		out = append(out, Result{Running: r, Count: 1, Reasons: []gate.Reason{}})
	}
	return out
}

// comparison is the state of one Compare.
type comparison struct {
	judge Judge
	holds map[string]*membership
}

// membership is whether a digest is a platform of the index that a spec pins.
type membership struct {
	index    string
	platform attest.Digest
	is       bool
	err      error
}

// target is what one result leads to.
type target struct {
	subject
	differs *membership  // where what runs is not the digest that the spec pins
	pinned  string       // that
	open    *gate.Reason // what keeps it from being judged
}

// target reads what is written about one image.
func (c *comparison) target(x *Result) target {
	bad := func(code, message, expected, found string) target {
		return target{open: &gate.Reason{Code: code, Message: message, Expected: expected, Found: found}}
	}
	spec, specErr := parseName(x.Image)
	id, err := parseID(x.ImageID)
	switch {
	case x.Environment == "":
		return bad(CodeNoEnvironment, "nothing says in which environment it runs", "an environment of the policy", "none")
	case err != nil:
		return bad(CodeImageName, "what the runtime reports can't be read: "+err.Error(), "HOST/REPOSITORY@sha256:…", short(x.ImageID))
	case id.digest.IsZero():
		return bad(CodeNoDigest, "the runtime reports no digest of a manifest, so what runs is not known", "HOST/REPOSITORY@sha256:…", short(x.ImageID))
	case specErr != nil:
		return bad(CodeImageName, "the spec's image can't be read: "+specErr.Error(), "HOST/REPOSITORY@sha256:…", short(x.Image))
	}
	t := target{subject: subject{spec.at(id.digest), x.Environment}}
	if spec.digest.IsZero() || spec.digest == id.digest {
		return t
	}
	t.pinned = spec.at(spec.digest)
	key := t.pinned + " " + id.digest.String()
	if c.holds[key] == nil {
		c.holds[key] = &membership{index: t.pinned, platform: id.digest}
	}
	t.differs = c.holds[key]
	return t
}

// lookInside asks of each index once whether it holds what runs.
func (c *comparison) lookInside(ctx context.Context) {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, m := range c.holds {
		group.Go(func() error {
			m.is, m.err = c.judge.Holds(ctx, m.index, m.platform)
			return nil
		})
	}
	_ = group.Wait() // nothing in it gives an error
}

// settle chooses what is judged where the digests differ: the index if what runs is one of its platforms, as some runtimes report it; else what runs.
func (t *target) settle() {
	if t.differs != nil && t.differs.err == nil && t.differs.is {
		t.ref, t.differs = t.pinned, nil
	}
}

// judgeAll judges each image once for its environment.
func (c *comparison) judgeAll(ctx context.Context, todo []target) map[subject]*Judgement {
	out := map[subject]*Judgement{}
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, t := range todo {
		if t.open != nil || out[t.subject] != nil {
			continue
		}
		j := &Judgement{}
		out[t.subject] = j
		group.Go(func() error {
			*j = c.judge.Judge(ctx, t.ref, t.environment)
			return nil
		})
	}
	_ = group.Wait() // nothing in it gives an error
	return out
}

// finish writes what became of one image.
func (t target) finish(x *Result, judged map[subject]*Judgement) {
	if t.open != nil {
		x.Status, x.Reasons = Undecided, []gate.Reason{*t.open}
		return
	}
	j := judged[t.subject]
	x.Ref, x.Status, x.Causes, x.PromotedTo, x.Decision = t.ref, j.Status, j.Causes, j.PromotedTo, j.Decision.ID
	x.Reasons = append(x.Reasons, j.Decision.Reasons...)
	if j.Status == "" || j.Status == Verified && j.Decision.Verdict != gate.Allowed { // a judge that contradicts itself knows nothing
		x.Status = Undecided
	}
	if t.differs == nil {
		return
	}
	r := gate.Reason{Code: CodeSpecDiffers, Message: "what runs is not the image that the spec names", Expected: t.pinned, Found: t.ref,
		Fix: "restart the workload; if it comes back, find out who changed the image where it runs"}
	if err := t.differs.err; err != nil {
		r.Message += ", or a platform of it: " + err.Error()
		r.Fix = "try again when the registry can be read"
	}
	switch {
	case t.differs.err != nil: // as the platform of an index it might be in order
		x.Status = Undecided
	case x.Status == Verified:
		x.Status = SpecDiffers
	}
	x.Reasons = append(x.Reasons, r)
}

func short(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	if s == "" {
		return "nothing"
	}
	return s
}
