// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"slices"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Manifests are those that objects are held against, and whether anybody vouches for them. Those that nobody vouches for are held against nothing.
type Manifests struct {
	Subject  attest.Subject `json:"subject"`
	Path     string         `json:"path,omitempty"`
	Stage    string         `json:"stage,omitempty"` // that attested them
	Decision string         `json:"decision"`        // id
	Verdict  gate.Verdict   `json:"verdict"`
	Reasons  []gate.Reason  `json:"reasons"`
	Skipped  []gate.Skip    `json:"skipped"` // what in them is no object
}

// Object is a live object that was held against a manifest.
type Object struct {
	Running
	File    string
	Status  Status
	Reasons []gate.Reason
}

// addObjects takes over what became of objects.
func (r *Report) addObjects(in Input) {
	r.Manifests = in.Manifests
	for _, o := range in.Objects {
		r.Results = append(r.Results, Result{Running: o.Running, Count: 1, Ref: o.File, Status: o.Status, Reasons: append([]gate.Reason{}, o.Reasons...)})
		r.Summary[o.Status]++
		r.Verdict = worse(r.Verdict, o.Status.verdict())
	}
	if in.Manifests != nil {
		r.Verdict = worse(r.Verdict, in.Manifests.Verdict)
	}
	slices.SortStableFunc(r.Results, func(a, b Result) int { return a.compare(b.Running) })
}

// worse of two verdicts is undecided before refused before allowed.
func worse(a, b gate.Verdict) gate.Verdict {
	for _, v := range []gate.Verdict{gate.Undecided, gate.Refused} {
		if a == v || b == v {
			return v
		}
	}
	return gate.Allowed
}
