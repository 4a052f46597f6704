// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/anchore/grype/grype"
	"github.com/anchore/grype/grype/match"
	"github.com/anchore/grype/grype/matcher"
	"github.com/anchore/grype/grype/matcher/dpkg"
	"github.com/anchore/grype/grype/matcher/rpm"
	"github.com/anchore/grype/grype/matcher/stock"
	grypepkg "github.com/anchore/grype/grype/pkg"
	"github.com/anchore/grype/grype/version"
	"github.com/anchore/grype/grype/vulnerability"
	syftpkg "github.com/anchore/syft/syft/pkg"

	"github.com/sealock-dev/sealock/scanners/sbom"
)

// TestMatchesAreGrypes holds the matches against those of grype's own loop, for a tree and for an image.
func TestMatchesAreGrypes(t *testing.T) {
	db := openDB(t, imported(t))
	for name, doc := range map[string]*sbom.Document{"tree": dirDocument(t, shop(t)), "image": document(t, layoutOf(t, debian()))} {
		t.Run(name, func(t *testing.T) {
			packages, d := packagesOf(doc.Syft())
			got, err := matchAll(t.Context(), db.provider, packages)
			if err != nil {
				t.Fatal(err)
			}
			theirs := grype.VulnerabilityMatcher{VulnerabilityProvider: db.provider, Matchers: matcher.NewDefaultMatchers(matcher.Config{
				Stock: stock.MatcherConfig{UseCPEs: true},
				Dpkg:  dpkg.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyZero},
				Rpm:   rpm.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyAuto},
			})}
			want, _, err := theirs.FindMatches(packages, grypepkg.Context{Source: &doc.Syft().Source, Distro: d})
			if err != nil {
				t.Fatal(err)
			}
			if a, b := summary(got), summary(want.Sorted()); !slices.Equal(a, b) || len(a) < 4 {
				t.Errorf("found\n%s\nexpected\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
			}
		})
	}
}

func summary(all []match.Match) []string {
	var out []string
	for _, m := range all {
		out = append(out, fmt.Sprintf("%s %s %s %s %v %v", m.Vulnerability.ID, m.Vulnerability.Namespace, m.Package.Name, m.Package.Version, m.Vulnerability.Fix, m.Details))
	}
	return out
}

// fixed is a matcher with one answer for everything.
type fixed struct {
	match.Matcher
	found   []match.Match
	ignores []match.IgnoreFilter
	err     error
}

func (f fixed) Match(vulnerability.Provider, grypepkg.Package) ([]match.Match, []match.IgnoreFilter, error) {
	if f.err == nil && f.found == nil && f.ignores == nil {
		panic("a defect")
	}
	return f.found, f.ignores, f.err
}

// grype logs what a matcher fails with, and gives what the others found.
func TestFailingMatcherIsAnError(t *testing.T) {
	for want, broken := range map[string]fixed{"out of order": {err: errors.New("out of order")}, "a defect": {}} {
		s := matcherSet{byType: map[syftpkg.Type][]match.Matcher{syftpkg.NpmPkg: {broken}}, rest: fixed{found: []match.Match{}}}
		got := s.match(t.Context(), nil, []grypepkg.Package{{Name: "a", Type: syftpkg.GemPkg}, {Name: "lodash", Type: syftpkg.NpmPkg}})
		if got.err == nil || !strings.Contains(got.err.Error(), want) || !strings.Contains(got.err.Error(), "lodash") {
			t.Errorf("expected %q about lodash, found %v", want, got.err)
		}
	}
}

// What a matcher takes back is gone, by whichever name of the vulnerability; the rest stays.
func TestIgnores(t *testing.T) {
	m := func(id string, related ...string) match.Match {
		out := match.Match{Vulnerability: vulnerability.Vulnerability{Reference: vulnerability.Reference{ID: id}}, Package: grypepkg.Package{Name: "a", Version: "1"}}
		for _, r := range related {
			out.Vulnerability.RelatedVulnerabilities = append(out.Vulnerability.RelatedVulnerabilities, vulnerability.Reference{ID: r})
		}
		return out
	}
	rules := newIgnores([]match.IgnoreFilter{
		match.IgnoreRule{Vulnerability: "CVE-1", IncludeAliases: true, Package: match.IgnoreRulePackage{Name: "a"}},
		match.IgnoreRule{Vulnerability: "CVE-2", Package: match.IgnoreRulePackage{Name: "b"}},
		match.IgnoreRule{Package: match.IgnoreRulePackage{Name: "a", Version: "2"}},
		match.IgnoreRelatedPackage{VulnerabilityID: "CVE-3"},
	})
	for _, c := range []struct {
		in   match.Match
		gone bool
	}{
		{m("CVE-1"), true}, {m("GHSA-1", "CVE-1"), true}, {m("CVE-2"), false}, {m("CVE-3"), false}, {m("CVE-4"), false},
	} {
		if gone := rules.IgnoreMatch(c.in) != nil; gone != c.gone {
			t.Errorf("%s: taken back %v, expected %v", c.in.Vulnerability.ID, gone, c.gone)
		}
	}
	other := m("CVE-4")
	if other.Package.Version = "2"; rules.IgnoreMatch(other) == nil {
		t.Error("a rule without a vulnerability is lost")
	}
}
