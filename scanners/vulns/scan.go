// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/anchore/grype/grype"
	"github.com/anchore/grype/grype/match"
	"github.com/anchore/grype/grype/matcher"
	"github.com/anchore/grype/grype/matcher/dpkg"
	"github.com/anchore/grype/grype/matcher/rpm"
	"github.com/anchore/grype/grype/matcher/stock"
	grypepkg "github.com/anchore/grype/grype/pkg"
	"github.com/anchore/grype/grype/version"
	"github.com/anchore/grype/grype/vulnerability"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners/sbom"
)

// ScannerURI names this scanner in the evidence.
const ScannerURI = "https://github.com/sealock-dev/sealock/scanners/vulns"

// shards is how many parts of the packages are matched at once.
const shards = 2

// Scan matches the packages of doc against db. It gives every result or an error; now is asked when the scan starts and when it ends.
func Scan(ctx context.Context, doc *sbom.Document, db *DB, now func() time.Time, toolVersion string) (predicate.Vulns, error) {
	started := now()
	packages, d := packagesOf(doc.Syft())
	if err := checkDistributions(db.reader, packages); err != nil {
		return predicate.Vulns{}, fmt.Errorf("scanning for vulnerabilities: %w", err)
	}
	grypeCtx := grypepkg.Context{Source: &doc.Syft().Source, Distro: d}
	matches, err := matchAll(ctx, db.provider, packages, grypeCtx)
	if err != nil {
		return predicate.Vulns{}, fmt.Errorf("scanning for vulnerabilities: %w", err)
	}
	results, err := newResults(db.provider).of(matches)
	if err != nil {
		return predicate.Vulns{}, fmt.Errorf("scanning for vulnerabilities: %w", err)
	}
	info := db.Info()
	info.Packages = len(packages)
	return predicate.Vulns{
		Scanner:  predicate.VulnScanner{URI: ScannerURI, Version: toolVersion, DB: info, Result: results},
		Metadata: predicate.ScanMetadata{ScanStartedOn: predicate.Time(started), ScanFinishedOn: predicate.Time(now())},
	}, nil
}

// matchAll matches the packages in parts. Each part has matchers of its own; the data is shared.
func matchAll(ctx context.Context, data vulnerability.Provider, packages []grypepkg.Package, in grypepkg.Context) ([]match.Match, error) {
	size := (len(packages) + shards - 1) / shards
	found := make([][]match.Match, shards)
	errs := make([]error, shards)
	var wg sync.WaitGroup
	for i := range shards {
		part := packages[min(i*size, len(packages)):min((i+1)*size, len(packages))]
		if len(part) == 0 {
			continue
		}
		wg.Go(func() { found[i], errs[i] = matchPart(ctx, data, part, in) })
	}
	wg.Wait()
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return nil, err
	}
	var out []match.Match
	for _, f := range found {
		out = append(out, f...)
	}
	return out, nil
}

func matchPart(ctx context.Context, data vulnerability.Provider, part []grypepkg.Package, in grypepkg.Context) (out []match.Match, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("matching stopped by a defect: %v\n%s", r, debug.Stack())
		}
	}()
	failed := &matcherErrors{}
	m := grype.VulnerabilityMatcher{VulnerabilityProvider: data, Matchers: failed.watch(matchers())}
	found, _, err := m.FindMatchesContext(ctx, part, in)
	if err = errors.Join(err, failed.err()); err != nil {
		return nil, err
	}
	return found.Sorted(), nil
}

// matchers are grype's with the settings its command line has by default.
func matchers() []match.Matcher {
	return matcher.NewDefaultMatchers(matcher.Config{
		Stock: stock.MatcherConfig{UseCPEs: true},
		Dpkg:  dpkg.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyZero},
		Rpm:   rpm.MatcherConfig{MissingEpochStrategy: version.MissingEpochStrategyAuto},
	})
}

// matcherErrors collects what matchers fail with. grype only logs it, and gives the matches it has: an incomplete scan.
type matcherErrors struct{ errs []error }

func (e *matcherErrors) err() error { return errors.Join(e.errs...) }

func (e *matcherErrors) watch(all []match.Matcher) []match.Matcher {
	out := make([]match.Matcher, len(all))
	for i, m := range all {
		out[i] = watchedMatcher{m, e}
	}
	return out
}

type watchedMatcher struct {
	match.Matcher
	failed *matcherErrors
}

func (m watchedMatcher) Match(data vulnerability.Provider, p grypepkg.Package) ([]match.Match, []match.IgnoreFilter, error) {
	found, ignored, err := m.Matcher.Match(data, p)
	if err != nil {
		m.failed.errs = append(m.failed.errs, fmt.Errorf("matching %s %s: %w", p.Name, p.Version, err))
	}
	return found, ignored, err
}
