// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
	"github.com/sealock-dev/sealock/scanners/imports"
)

// MarkKnown marks what a scan found that an earlier scan had found already: findings by their fingerprints, vulnerabilities by id and package. It says how many.
func MarkKnown(now, before []Report) int {
	known := map[string]bool{}
	for _, r := range before {
		r.each(func(key string, _ *bool) { known[key] = true })
	}
	return mark(now, func(key string) bool { return known[key] })
}

// MarkKnownPackages marks the vulnerabilities of packages that are in an earlier bill of materials: whoever has the package had them already. Other findings stay as
// they are, since a bill of materials says nothing about them.
func MarkKnownPackages(now []Report, rep imports.Report) (int, error) {
	bom, err := imports.ReadSBOM(rep)
	if err != nil {
		return 0, err
	}
	packages, err := bom.Packages()
	if err != nil {
		return 0, err
	}
	had := map[string]bool{}
	for _, purl := range packages {
		had[rules.CanonicalPURL(purl)] = true
	}
	n := 0
	for _, r := range now {
		r.vulnerabilities(func(_ predicate.VulnResult, a *predicate.VulnAnnotation) {
			if had[rules.CanonicalPURL(a.PURL)] {
				a.Baseline = true
				n++
			}
		})
	}
	return n, nil
}

func mark(reports []Report, known func(string) bool) int {
	n := 0
	for _, r := range reports {
		r.each(func(key string, is *bool) {
			if known(key) {
				*is = true
				n++
			}
		})
	}
	return n
}

// each visits everything that was found, with what it is known by from scan to scan.
func (rep Report) each(visit func(key string, known *bool)) {
	for _, f := range []*predicate.Findings{rep.Secrets, rep.Config} {
		if f == nil {
			continue
		}
		for i := range f.Findings {
			visit(f.Category+"\x00"+f.Findings[i].Fingerprint, &f.Findings[i].Baseline)
		}
	}
	rep.vulnerabilities(func(v predicate.VulnResult, a *predicate.VulnAnnotation) {
		name := rules.CanonicalPURL(a.PURL)
		if name == "" {
			name = a.Name + "\x00" + a.Version
		}
		visit("vulns\x00"+v.ID+"\x00"+name, &a.Baseline)
	})
}

func (rep Report) vulnerabilities(visit func(predicate.VulnResult, *predicate.VulnAnnotation)) {
	if rep.Vulns == nil {
		return
	}
	for _, v := range rep.Vulns.Scanner.Result {
		for i := range v.Annotations {
			visit(v, &v.Annotations[i])
		}
	}
}
