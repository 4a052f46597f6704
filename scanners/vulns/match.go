// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/anchore/grype/grype/match"
	"github.com/anchore/grype/grype/matcher"
	"github.com/anchore/grype/grype/matcher/dpkg"
	"github.com/anchore/grype/grype/matcher/rpm"
	"github.com/anchore/grype/grype/matcher/stock"
	grypepkg "github.com/anchore/grype/grype/pkg"
	"github.com/anchore/grype/grype/version"
	"github.com/anchore/grype/grype/vulnerability"
	syftpkg "github.com/anchore/syft/syft/pkg"
)

// grype's own loop over packages and matchers is not linked: it brings readers of VEX documents whose tables take as long to build as all the rest of
// a short command, it only logs what a matcher fails with, and it asks for the metadata of every match to count severities. TestMatchesAreGrypes
// holds what is found here against it.

// shards is how many parts of the packages are matched at once.
const shards = 2

// matches are what one part of the packages gave, and the rules by which matchers take back what others found.
type matches struct {
	found   []match.Match
	ignores []match.IgnoreFilter
	err     error
}

// matchAll matches the packages in parts. Each part has matchers of its own; the data is shared. What one matcher takes back is taken from all parts.
func matchAll(ctx context.Context, data vulnerability.Provider, packages []grypepkg.Package) ([]match.Match, error) {
	size := (len(packages) + shards - 1) / shards
	parts := make([]matches, shards)
	var wg sync.WaitGroup
	for i := range shards {
		part := packages[min(i*size, len(packages)):min((i+1)*size, len(packages))]
		if len(part) > 0 {
			wg.Go(func() { parts[i] = grypeMatchers().match(ctx, data, part) })
		}
	}
	wg.Wait()
	var all matches
	errs := []error{ctx.Err()}
	for _, p := range parts {
		all.found, all.ignores = append(all.found, p.found...), append(all.ignores, p.ignores...)
		errs = append(errs, p.err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	kept, _ := match.ApplyIgnoreFilters(all.found, newIgnores(all.ignores))
	unique := match.NewMatches(kept...)
	return unique.Sorted(), nil
}

// matcherSet is the matchers for types of packages, and the one for all others.
type matcherSet struct {
	byType map[syftpkg.Type][]match.Matcher
	rest   match.Matcher
}

// match asks, for each package, the matchers for packages of its type. Any error makes the scan fail: the matches that are there would look like all
// there are.
func (s matcherSet) match(ctx context.Context, data vulnerability.Provider, part []grypepkg.Package) (out matches) {
	var at *grypepkg.Package
	defer func() {
		if r := recover(); r != nil {
			out.err = fmt.Errorf("matching %s %s stopped by a defect of the matchers: %v\nhint: report it, with the SBOM (sealock sbom)", at.Name, at.Version, r)
		}
	}()
	var errs []error
	for i := range part {
		if ctx.Err() != nil {
			break // which matchAll reports
		}
		at = &part[i]
		responsible, ok := s.byType[at.Type]
		if !ok {
			responsible = []match.Matcher{s.rest}
		}
		for _, m := range responsible {
			found, ignores, err := m.Match(data, *at)
			if err != nil {
				errs = append(errs, fmt.Errorf("matching %s %s: %w", at.Name, at.Version, err))
			}
			known, _ := match.ApplyExplicitIgnoreRules(nil, match.NewMatches(found...)) // grype's list of what is known to be wrong in the data
			out.found = append(out.found, known.Sorted()...)
			out.ignores = append(out.ignores, ignores...)
		}
	}
	out.err = errors.Join(errs...)
	return out
}

// grypeMatchers are grype's with the settings its command line has by default.
func grypeMatchers() matcherSet {
	s := matcherSet{byType: make(map[syftpkg.Type][]match.Matcher)}
	for _, m := range matcher.NewDefaultMatchers(matcher.Config{
		Stock: stock.MatcherConfig{UseCPEs: true},
		Dpkg:  dpkg.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyZero},
		Rpm:   rpm.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyAuto},
	}) {
		if m.Type() == match.StockMatcher {
			s.rest = m
			continue
		}
		for _, t := range m.PackageTypes() {
			s.byType[t] = append(s.byType[t], m)
		}
	}
	return s
}

// ignores finds the rules that may be about a match without trying them all: a distribution's packages bring thousands.
type ignores struct {
	byVulnerability map[string][]match.IgnoreFilter
	others          []match.IgnoreFilter
}

func newIgnores(all []match.IgnoreFilter) *ignores {
	x := &ignores{byVulnerability: make(map[string][]match.IgnoreFilter)}
	for _, f := range all {
		id := ""
		switch r := f.(type) {
		case match.IgnoreRelatedPackage:
			id = r.VulnerabilityID
		case match.IgnoreRule:
			id = r.Vulnerability
		}
		if id == "" {
			x.others = append(x.others, f)
		} else {
			x.byVulnerability[id] = append(x.byVulnerability[id], f)
		}
	}
	return x
}

// IgnoreMatch gives the rules of the first filter that takes the match back. What names a vulnerability may mean another name of it.
func (x *ignores) IgnoreMatch(m match.Match) []match.IgnoreRule {
	candidates := [][]match.IgnoreFilter{x.byVulnerability[m.Vulnerability.ID], x.others}
	for _, r := range m.Vulnerability.RelatedVulnerabilities {
		candidates = append(candidates, x.byVulnerability[r.ID])
	}
	for _, list := range candidates {
		for _, f := range list {
			if rules := f.IgnoreMatch(m); len(rules) > 0 {
				return rules
			}
		}
	}
	return nil
}
