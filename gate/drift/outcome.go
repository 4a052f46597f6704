// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/report"
)

// outcome is a report in the form in which the renderers of decisions take it: what runs somewhere, or an object, is a part of it, and its reasons say where.
func outcome(r Report) report.Outcome {
	o := report.Outcome{What: "drift", Verdict: r.Verdict, Subject: attest.Subject{Name: "what runs", Digest: attest.DigestSet{}}, At: r.At, Policy: r.Policy, Skipped: r.Excluded}
	for _, x := range r.Results {
		image := cmp.Or(strings.TrimPrefix(x.Ref, registryPrefix), x.Image)
		place := strings.TrimSpace(strings.Join([]string{x.Environment, x.Place()}, " "))
		part := report.Part{Name: strings.TrimSpace(place + " " + image), Verdict: x.Status.verdict()}
		if x.Status != Verified {
			part.Why = string(x.Status)
			if found := codes(x); len(found) > 0 {
				part.Why += ": " + strings.Join(found, ", ")
			}
		}
		o.Parts = append(o.Parts, part)
		for _, reason := range x.Reasons {
			if x.Status == Verified {
				break
			}
			reason.Message = fmt.Sprintf("%s: %s: %s", cmp.Or(place, image), x.Status, reason.Message)
			o.Reasons = append(o.Reasons, reason)
		}
	}
	if m := r.Manifests; m != nil {
		o.Reasons = append(o.Reasons, m.Reasons...)
		o.Skipped = append(o.Skipped[:len(o.Skipped):len(o.Skipped)], m.Skipped...)
	}
	return o
}
