// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"path"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// Vendor is somebody whose images a stage takes in: where they come from, and who signs them there.
type Vendor struct {
	Repositories []string `yaml:"repositories"` // * stands for one segment
	SignedBy     []string `yaml:"signedBy"`
	Unsigned     bool     `yaml:"unsigned"` // the vendor signs nothing: said, never left out
}

// VendorSignature is what a vendor signed about an image.
type VendorSignature struct {
	Statement attest.Digest
	By        string // as the policy names it
}

func (p *Policy) checkVendors(places Places, at string, s Stage) error {
	if len(s.Vendors) == 0 && places.has(at+".vendors") {
		return places.Errorf(at+".vendors", "leave it out where the stage takes nothing in", "no vendor is listed: nothing could ever be taken in")
	}
	if len(s.Vendors) > 0 && len(s.After) > 0 {
		return places.Errorf(at+".after", "let the other stages come after this one", "a stage that takes images of vendors in comes first")
	}
	for i, v := range s.Vendors {
		at := fmt.Sprintf("%s.vendors[%d]", at, i)
		if len(v.Repositories) == 0 {
			return places.Errorf(at+".repositories", "for example repositories: [quay.io/acme/*]", "no repository: whose images are meant?")
		}
		for j, pattern := range v.Repositories {
			if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
				return places.Errorf(fmt.Sprintf("%s.repositories[%d]", at, j), "* stands for one segment of the path", "%q is no pattern for repositories", pattern)
			}
		}
		if v.Unsigned == (len(v.SignedBy) > 0) {
			return places.Errorf(at, "give one of the two", "expected signedBy with who signs these images, or unsigned: true")
		}
		if err := p.checkNames(places, at+".signedBy", v.SignedBy, !v.Unsigned); err != nil {
			return err
		}
	}
	return nil
}

// JudgeVendor finds out whether a stage may take in the image that a request names, from the repository where it lies: the first vendor of the stage whose
// patterns match says who must have signed it. The evidence is verified and was found beside the image. Where the vendor signs nothing there is no signature
// and no reason against it.
func (p *Policy) JudgeVendor(req Request, evidence []attest.Evidence) (*VendorSignature, *Reason) {
	if r := p.revokedSubject(req.Subject); r != nil {
		return nil, r
	}
	var all []string
	for _, v := range p.Stages[req.Stage].Vendors {
		if !matchesAny(v.Repositories, req.Repository) {
			all = append(all, v.Repositories...)
			continue
		}
		if v.Unsigned {
			return nil, nil
		}
		return p.vendorSigned(v, req, evidence)
	}
	return nil, &Reason{Code: CodeVendor, Stage: req.Stage, Message: "the policy names no vendor with this repository", Expected: list(all), Found: req.Repository,
		Fix: fmt.Sprintf("list the repository in stages.%s.vendors of the policy, with who signs there", req.Stage)}
}

// released are the predicate types that say "this is ours": a signature, how it was built, what is in it. A report about an image says nothing of the kind.
func released() []string {
	return append(append([]string{predicate.TypeCosignSign}, predicate.Types[predicate.KindProvenance]...), predicate.Types[predicate.KindSBOM]...)
}

func (p *Policy) vendorSigned(v Vendor, req Request, evidence []attest.Evidence) (*VendorSignature, *Reason) {
	why := &Reason{Code: CodeVendorSignature, Message: "the vendor's signature is missing", Expected: "a signature, provenance or bill of materials for " + req.Subject.String() + " signed by " + list(v.SignedBy), Found: "none"}
	set := newEvidenceSet(p, req.At, evidence)
	for _, st := range set.ofType(released()...) {
		if !st.st.About(req.Subject.Digest) {
			continue
		}
		by, r := set.signedBy(st, v.SignedBy, 1)
		if r == nil {
			r = set.revokedStatement(st)
		}
		if r == nil {
			return &VendorSignature{Statement: by[0].ID(), By: set.describe(by[0].Signer())}, nil
		}
		if r.Code != CodeSigner {
			why = r
		} else if why.Code == CodeVendorSignature {
			why.Found = "signed by " + set.describe(st.signers[0].Signer())
		}
	}
	why.Stage = req.Stage
	return nil, why
}
