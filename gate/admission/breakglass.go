// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// AnnotationBreakGlass holds break-glass statements: Sigstore bundles in base64, with commas between them.
const AnnotationBreakGlass = "sealock.dev/break-glass"

// Bounds on the annotation.
const (
	maxBreakGlass  = 128 << 10 // bytes of it; Kubernetes takes 256 KiB of annotations in all
	maxStatements  = 16
	maxGlassReason = 200 // bytes of the stated reason that are shown
)

// emergencies verifies the break-glass statements of an object. What does not verify counts for nothing; why is told where an image is refused.
func (s *Server) emergencies(ctx context.Context, p *Policy, annotations []map[string]string) (verified []attest.Evidence, why []string) {
	seen := map[string]bool{}
	for _, a := range annotations {
		text := a[AnnotationBreakGlass]
		if len(text) > maxBreakGlass {
			why = append(why, "the annotation "+AnnotationBreakGlass+" is too long")
			continue
		}
		for _, one := range strings.Split(text, ",") {
			if one = strings.Join(strings.Fields(one), ""); one == "" || seen[one] {
				continue
			}
			if seen[one] = true; len(seen) > maxStatements {
				return verified, append(why, "the annotation "+AnnotationBreakGlass+" holds too many statements")
			}
			bundle, err := base64.StdEncoding.DecodeString(one)
			if err != nil {
				why = append(why, "the annotation "+AnnotationBreakGlass+" is no base64")
				continue
			}
			e, err := p.Verifier.Verify(ctx, bundle)
			if err != nil {
				why = append(why, "a statement in the annotation "+AnnotationBreakGlass+" does not verify: "+clean(err.Error(), maxText))
				continue
			}
			verified = append(verified, e)
		}
	}
	return verified, why
}

// emergency finds a statement that lets an image in against a refusal. An image without a digest can't be let in: nothing is bound to it.
func (s *Server) emergency(p *Policy, j judged, env string, verified []attest.Evidence) (*gate.Emergency, *gate.Reason) {
	if j.image.Digest.IsZero() || len(verified) == 0 {
		return nil, nil
	}
	req := s.request(j.image, env)
	req.Leaves = j.outcome.leaves
	return p.JudgeBreakGlass(req, verified)
}
