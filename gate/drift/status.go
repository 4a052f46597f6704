// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"slices"

	"github.com/sealock-dev/sealock/gate"
)

// Status is what became of one image that runs, or of one object.
type Status string

// The statuses, from the worst on. Only Verified is no drift.
const (
	Undecided        Status = "undecided"         // it could not be found out
	Unattested       Status = "unattested"        // no stage of the policy vouches for it
	NotPromoted      Status = "not-promoted"      // stages do, and nobody promoted it anywhere
	WrongEnvironment Status = "wrong-environment" // it was promoted, to another environment
	RefusedNow       Status = "refused-now"       // it was promoted here, and would not be any more
	SpecDiffers      Status = "spec-differs"      // it is in order, but not what the spec names
	NotInManifests   Status = "not-in-manifests"  // a workload that stands in no attested manifest
	SpecChanged      Status = "spec-changed"      // an object that is not as the attested manifests have it
	Verified         Status = "verified"
)

// Statuses lists them in the order in which they are reported.
func Statuses() []Status {
	return []Status{Undecided, Unattested, NotPromoted, WrongEnvironment, RefusedNow, SpecDiffers, NotInManifests, SpecChanged, Verified}
}

// about says what a status means.
func (s Status) about() string {
	return map[Status]string{
		Undecided:        "Whether the image may run could not be found out.",
		Unattested:       "The image has no receipt of any stage that the policy asks for.",
		NotPromoted:      "The image has receipts, but was not promoted to any environment.",
		WrongEnvironment: "The image was promoted to another environment than the one it runs in.",
		RefusedNow:       "The image was promoted to this environment, and the policy refuses it now.",
		SpecDiffers:      "The image that runs is not the one that the spec names by digest.",
		NotInManifests:   "The workload stands in no attested manifest.",
		SpecChanged:      "The live object is not as the attested manifests have it.",
		Verified:         "The image is attested, promoted and still in order.",
	}[s]
}

// Remediable reports whether something may be done about it: the policy said no, or the spec says what should run instead. What could not be found out is left alone.
func (s Status) Remediable() bool {
	return slices.Contains([]Status{Unattested, NotPromoted, WrongEnvironment, RefusedNow, SpecDiffers}, s)
}

// verdict is what a status comes to for the exit code.
func (s Status) verdict() gate.Verdict {
	switch s {
	case Verified:
		return gate.Allowed
	case Undecided:
		return gate.Undecided
	case Unattested, NotPromoted, WrongEnvironment, RefusedNow, SpecDiffers, NotInManifests, SpecChanged, Gone:
	}
	return gate.Refused
}

// Cause is why an image that was promoted is refused now.
type Cause string

// The causes.
const (
	NewVulnerability Cause = "new-vulnerability" // evidence newer than the promotion has it
	NewFinding       Cause = "new-finding"       // the same of any other rule
	WaiverExpired    Cause = "waiver-expired"    // a waiver that covers it is past its day
	Revoked          Cause = "revoked"           // the artifact, a statement, or who signed
	PolicyChanged    Cause = "policy-changed"    // the same evidence was enough for the policy that promoted
	TooOld           Cause = "too-old"           // evidence, a grace period or the policy itself ran out
	EvidenceLost     Cause = "evidence-lost"     // the policy is the same, and evidence that was there is not
)

// The codes by which time alone refuses, and those by which somebody took trust back.
var (
	aged    = []string{gate.CodeStageTooOld, gate.CodePolicyExpired, gate.CodeBaselineOver, "EVIDENCE_STALE", "DB_STALE"}
	revoked = []string{gate.CodeRevoked, gate.CodeKeyExpired}
)

// facts are what the status of an image follows from.
type facts struct {
	verdict     gate.Verdict
	asked       bool // the promotion to the environment was looked for
	promoted    bool // and found, or found and taken back since
	elsewhere   bool // one to another environment was found
	attested    bool // at least one stage has a receipt
	newPolicy   bool // the promotion was made under another policy than this one
	reasons     []gate.Reason
	newer       func(gate.Reason) bool // the evidence behind a reason is newer than the promotion
	onceExcused func(gate.Reason) bool // a waiver that is past its day covers it
}

// classify gives the status of an image, and the causes if it was fine once.
func classify(f facts) (Status, []Cause) {
	switch {
	case f.verdict == gate.Allowed:
		return Verified, nil
	case f.verdict == gate.Undecided:
		return Undecided, nil
	case f.promoted || !f.asked:
		return RefusedNow, f.causes()
	case f.elsewhere:
		return WrongEnvironment, nil
	case f.attested:
		return NotPromoted, nil
	}
	return Unattested, nil
}

// causes are those of all reasons, each once, sorted.
func (f facts) causes() []Cause {
	var out []Cause
	for _, r := range f.reasons {
		out = append(out, f.cause(r))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (f facts) cause(r gate.Reason) Cause {
	switch {
	case slices.Contains(revoked, r.Code):
		return Revoked
	case slices.Contains(aged, r.Code):
		return TooOld
	case r.Rule != "" && f.onceExcused(r):
		return WaiverExpired
	case r.Rule == "vulnerabilities" && f.newer(r):
		return NewVulnerability
	case r.Rule != "" && f.newer(r):
		return NewFinding
	case f.newPolicy:
		return PolicyChanged
	case r.Rule != "":
		return TooOld
	}
	return EvidenceLost
}
