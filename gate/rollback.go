// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/semver"

	"github.com/sealock-dev/sealock/attest"
)

// Values of an environment's rollback.
const (
	RollbackRefuse = "refuse" // the default: only 'sealock rollback' does it, and says why
	RollbackAllow  = "allow"
)

// Held is what a destination holds under a name: the decision about it there, which says when its product stage ran.
type Held struct {
	Tag      string
	Digest   attest.Digest
	Decision Decision
}

// Rollback is the reason why a release is older than what the destination holds under the name that it would get, or under the name of a version before
// it; nil if it is not. The times are those of the newest sound receipts of the stages that made both. known is false where the destination holds
// something that no sound receipt is about: nothing can then be compared. In a protected environment that is a reason, or whoever can take evidence away there
// could have an older release put back.
func (p *Policy) Rollback(candidate Decision, tag string, held []Held) (reason *Reason, known bool) {
	own, _ := p.productOf(candidate)
	if r := versionClaim(own, tag); r != nil {
		return r, true
	}
	built, err := time.Parse(time.RFC3339, own.FinishedAt)
	if err != nil {
		return &Reason{Code: CodeRollback, Message: "when the artifact was made is not known, so neither is whether it is older than what the destination holds", Found: own.FinishedAt}, true
	}
	goBack := "on the record: sealock rollback SUBJECT --to " + candidate.Environment + " --dest … --reason \"…\""
	var unknown *Held
	for _, h := range held {
		if h.Digest.String() == candidate.Subject.Digest.Primary().String() {
			continue
		}
		there, ok := p.productOf(h.Decision)
		at, err := time.Parse(time.RFC3339, there.FinishedAt)
		if !ok || err != nil {
			unknown = &h
			continue
		}
		if built.Before(at) {
			return &Reason{Code: CodeRollback, Stage: own.Name, Message: fmt.Sprintf("it is an older release than the one that %s names at the destination", h.Tag),
				Expected: "made not before " + rfc3339(at) + ", when " + h.Digest.Short() + " was", Found: rfc3339(built),
				Fix: "promote a newer release; to go back " + goBack, Evidence: []string{own.Receipt, there.Receipt}}, true
		}
	}
	if unknown != nil && p.Environments[candidate.Environment].Protected {
		return &Reason{Code: CodeRollback, Stage: own.Name, Message: fmt.Sprintf("no evidence at the destination says when what %s names was made, so whether this is older is not known", unknown.Tag),
			Expected: "a sound receipt about " + unknown.Digest.Short(), Found: "none", Fix: "bring its evidence there: sealock evidence copy; to replace it " + goBack,
			Evidence: []string{own.Receipt}}, false
	}
	return nil, unknown == nil
}

// productOf is the state of the stage that makes artifacts, where it has a sound receipt.
func (p *Policy) productOf(d Decision) (StageStatus, bool) {
	for _, kind := range sortedKeys(p.Artifacts) {
		for _, s := range d.Stages {
			if s.Name == p.Artifacts[kind].Product && s.Receipt != "" {
				return s, true
			}
		}
	}
	return StageStatus{}, false
}

// versionClaim compares the version in a name with the Git tag that the certificate of the build says it was made from.
func versionClaim(product StageStatus, tag string) *Reason {
	ref, tagged := strings.CutPrefix(product.Signer.Claims["sourceRepositoryRef"], "refs/tags/")
	made, asked := Version(ref), Version(tag)
	if !tagged || made == "" || asked == "" || semver.Compare(made, asked) == 0 {
		return nil
	}
	return &Reason{Code: CodeRollback, Stage: product.Name, Message: "the build was made from another version than the name says", Expected: "a tag for version " + ref, Found: tag,
		Fix: "name it as the version that it is", Evidence: []string{product.Receipt}}
}

// versionForm is a version as release tags have it: one to three numbers, and what may stand behind them.
var versionForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^v?[0-9]{1,9}(\.[0-9]{1,9}){0,2}(-[0-9A-Za-z.-]+)?$`)
})

// Version reads a tag as a version, in the form that versions are compared in; "" if it is none. A number alone may be anything: a date, a commit.
func Version(tag string) string {
	if !versionForm().MatchString(tag) || !strings.HasPrefix(tag, "v") && !strings.Contains(tag, ".") {
		return ""
	}
	v := "v" + strings.TrimPrefix(tag, "v")
	if !semver.IsValid(v) {
		return ""
	}
	return v
}

// VersionBefore is the highest of some tags that are versions below one, or "". Names that are no version have none before them.
func VersionBefore(tag string, all []string) string {
	asked, best, name := Version(tag), "", ""
	if asked == "" {
		return ""
	}
	for _, t := range all {
		if v := Version(t); v != "" && semver.Compare(v, asked) < 0 && (best == "" || semver.Compare(v, best) > 0) {
			best, name = v, t
		}
	}
	return name
}

// Refuse is the decision with one more reason against it: what was allowed no longer is.
func (d Decision) Refuse(r Reason) Decision {
	d.Reasons = append(append([]Reason(nil), d.Reasons...), r)
	if d.Verdict == Allowed {
		d.Verdict = Refused
	}
	d.seal()
	return d
}

// Leave is the decision where something more could not be found out.
func (d Decision) Leave(r Reason) Decision {
	d = d.Refuse(r)
	d.Verdict = Undecided
	d.seal()
	return d
}
