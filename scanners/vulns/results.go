// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/match"
	"github.com/anchore/grype/grype/vulnerability"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners/sbom"
)

// levelMethod is the method of the severity in words, see predicate.Severity.
const levelMethod = "sealock"

// results turns grype's matches into the predicate's results.
type results struct {
	data  vulnerability.Provider
	other map[vulnerability.Reference]*vulnerability.Metadata // what other sources say, by id and namespace
}

func newResults(data vulnerability.Provider) *results {
	return &results{data, map[vulnerability.Reference]*vulnerability.Metadata{}}
}

// of gives one result for each vulnerability of each package, sorted. The same vulnerability reported by several matches of
// one package is one result with the worst of each field.
func (r *results) of(matches []match.Match) ([]predicate.VulnResult, error) {
	type key struct{ id, purl, name, version string }
	merged := map[key]predicate.VulnResult{}
	for _, m := range matches {
		one, err := r.one(m)
		if err != nil {
			return nil, err
		}
		a := one.Annotations[0]
		k := key{one.ID, a.PURL, a.Name, a.Version}
		if before, ok := merged[k]; ok {
			one = merge(before, one)
		}
		merged[k] = one
	}
	out := make([]predicate.VulnResult, 0, len(merged))
	for _, v := range merged {
		out = append(out, v)
	}
	slices.SortFunc(out, func(x, y predicate.VulnResult) int {
		a, b := x.Annotations[0], y.Annotations[0]
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.PURL, b.PURL), cmp.Compare(x.ID, y.ID))
	})
	return out, nil
}

func (r *results) one(m match.Match) (predicate.VulnResult, error) {
	v := m.Vulnerability
	metadata, err := r.metadata(v)
	if err != nil {
		return predicate.VulnResult{}, err
	}
	a := predicate.VulnAnnotation{
		PURL: sbom.CanonicalPURL(m.Package.PURL), Name: m.Package.Name, Version: m.Package.Version,
		FixState: fixState(v.Fix), FixedIn: sorted(v.Fix.Versions), Published: published(v), Aliases: aliases(v), Locations: locations(m),
	}
	for _, md := range metadata {
		a.KEV = a.KEV || len(md.KnownExploited) > 0
		for _, e := range md.EPSS {
			a.EPSS = max(a.EPSS, e.EPSS)
		}
	}
	return predicate.VulnResult{ID: v.ID, Severity: severities(metadata), Annotations: []predicate.VulnAnnotation{a}}, nil
}

// metadata is what the record itself says, and what records of other sources say that it names as the same vulnerability.
func (r *results) metadata(v vulnerability.Vulnerability) ([]*vulnerability.Metadata, error) {
	var out []*vulnerability.Metadata
	if v.Metadata != nil {
		out = append(out, v.Metadata)
	}
	for _, ref := range append([]vulnerability.Reference{{ID: v.ID, Namespace: v.Namespace}}, v.RelatedVulnerabilities...) {
		k := vulnerability.Reference{ID: ref.ID, Namespace: ref.Namespace}
		md, known := r.other[k]
		if !known {
			var err error
			if md, err = r.data.VulnerabilityMetadata(k); err != nil { //nolint:staticcheck // the only way to another source's record
				return nil, fmt.Errorf("reading data of %s: %w", ref.ID, err)
			}
			r.other[k] = md
		}
		if md != nil {
			out = append(out, md)
		}
	}
	return out, nil
}

// severities gives the worst level that any source states, and the highest score of each CVSS version. A level that nobody states is
// "unknown", which is a level of its own: the policy says what it means.
func severities(all []*vulnerability.Metadata) []predicate.Severity {
	worst := vulnerability.UnknownSeverity
	scores := map[string]float64{}
	for _, md := range all {
		worst = max(worst, vulnerability.ParseSeverity(strings.TrimSpace(md.Severity)))
		for _, c := range md.Cvss {
			if c.Version == "" || c.Metrics.BaseScore < 0 {
				continue
			}
			method := "CVSSv" + c.Version
			scores[method] = max(scores[method], c.Metrics.BaseScore)
			worst = max(worst, level(c.Version, c.Metrics.BaseScore))
		}
	}
	out := []predicate.Severity{{Method: levelMethod, Score: worst.String()}}
	for method, score := range scores {
		out = append(out, predicate.Severity{Method: method, Score: strconv.FormatFloat(score, 'f', 1, 64)})
	}
	slices.SortFunc(out[1:], func(a, b predicate.Severity) int { return cmp.Compare(a.Method, b.Method) })
	return out
}

// level is the qualitative rating of a CVSS score (CVSS v3.1 §5, v4.0 §6: none, low from 0.1, medium from 4.0, high from 7.0, critical
// from 9.0; NVD rates v2 without critical).
func level(cvss string, score float64) vulnerability.Severity {
	switch {
	case score == 0:
		return vulnerability.NegligibleSeverity
	case score < 4:
		return vulnerability.LowSeverity
	case score < 7:
		return vulnerability.MediumSeverity
	case score < 9 || strings.HasPrefix(cvss, "2"):
		return vulnerability.HighSeverity
	}
	return vulnerability.CriticalSeverity
}

// fixState is one of the four states; what the data leaves open is unknown.
func fixState(f vulnerability.Fix) string {
	switch f.State {
	case vulnerability.FixStateFixed, vulnerability.FixStateNotFixed, vulnerability.FixStateWontFix:
		return string(f.State)
	}
	if len(f.Versions) > 0 {
		return string(vulnerability.FixStateFixed)
	}
	return string(vulnerability.FixStateUnknown)
}

// published is when the record was first published, or "" where the data does not say.
func published(v vulnerability.Vulnerability) string {
	h, ok := v.Internal.(*v6.VulnerabilityHandle)
	if !ok || h.PublishedDate == nil || h.PublishedDate.Unix() <= 0 {
		return ""
	}
	return predicate.Time(*h.PublishedDate)
}

// aliases are all names of the vulnerability, its own included.
func aliases(v vulnerability.Vulnerability) []string {
	all := []string{v.ID}
	for _, ref := range v.RelatedVulnerabilities {
		all = append(all, ref.ID)
	}
	if h, ok := v.Internal.(*v6.VulnerabilityHandle); ok && h.BlobValue != nil {
		all = append(all, h.BlobValue.Aliases...)
	}
	return sorted(all)
}

// locations are where the package was seen, relative to the source.
func locations(m match.Match) []string {
	var out []string
	for _, l := range m.Package.Locations.ToUnorderedSlice() {
		out = append(out, strings.TrimPrefix(l.RealPath, "/"))
	}
	return sorted(out)
}

// merge combines two reports of the same vulnerability in the same package: the worst severity, the earliest publication, everything named.
func merge(x, y predicate.VulnResult) predicate.VulnResult {
	a, b := x.Annotations[0], y.Annotations[0]
	a.FixedIn = sorted(append(a.FixedIn, b.FixedIn...))
	if len(a.FixedIn) > 0 {
		a.FixState = string(vulnerability.FixStateFixed)
	} else {
		a.FixState = max(stateRank[a.FixState], stateRank[b.FixState]).state()
	}
	a.Aliases = sorted(append(a.Aliases, b.Aliases...))
	a.Locations = sorted(append(a.Locations, b.Locations...))
	a.KEV = a.KEV || b.KEV
	a.EPSS = max(a.EPSS, b.EPSS)
	if a.Published == "" || b.Published != "" && b.Published < a.Published {
		a.Published = b.Published
	}
	return predicate.VulnResult{ID: x.ID, Severity: worse(x.Severity, y.Severity), Annotations: []predicate.VulnAnnotation{a}}
}

type rank int

var stateRank = map[string]rank{"unknown": 0, "wont-fix": 1, "not-fixed": 2, "fixed": 3}

func (r rank) state() string { return [...]string{"unknown", "wont-fix", "not-fixed", "fixed"}[r] }

// worse takes the higher score of each method.
func worse(x, y []predicate.Severity) []predicate.Severity {
	out := slices.Clone(x)
	for _, s := range y {
		i := slices.IndexFunc(out, func(o predicate.Severity) bool { return o.Method == s.Method })
		switch {
		case i < 0:
			out = append(out, s)
		case s.Method == levelMethod:
			out[i].Score = max(vulnerability.ParseSeverity(out[i].Score), vulnerability.ParseSeverity(s.Score)).String()
		case len(s.Score) > len(out[i].Score) || len(s.Score) == len(out[i].Score) && s.Score > out[i].Score: // "10.0" over "9.8"
			out[i].Score = s.Score
		}
	}
	slices.SortFunc(out[1:], func(a, b predicate.Severity) int { return cmp.Compare(a.Method, b.Method) })
	return out
}

// sorted gives the distinct strings in order; never nil, so that JSON has [] and not null.
func sorted(in []string) []string {
	out := slices.Sorted(slices.Values(in))
	if out == nil {
		return []string{}
	}
	return slices.Compact(out)
}
