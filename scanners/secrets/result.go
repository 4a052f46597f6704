// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// result is the report of a scan that came to its end, in an order of its own.
func (s *scan) result(started time.Time) predicate.Findings {
	slices.Sort(s.skipped)
	out := predicate.Findings{
		Category:   predicate.KindSecrets,
		Scanner:    predicate.FindingScanner{Name: "gitleaks", Version: Version, RulesDigest: s.rules.digest},
		Scope:      s.scope,
		Complete:   true,
		Findings:   slices.SortedFunc(maps.Values(s.findings), compareFindings),
		Suppressed: slices.SortedFunc(maps.Keys(s.suppressed), compareSuppressed),
		Skipped:    s.skipped,
		SkippedN:   s.skippedN,
		StartedOn:  predicate.Time(started),
		FinishedOn: predicate.Time(s.opt.Now()),
	}
	if out.Findings == nil {
		out.Findings = []predicate.Finding{}
	}
	if out.Suppressed == nil {
		out.Suppressed = []predicate.Suppressed{}
	}
	if out.Skipped == nil {
		out.Skipped = []string{}
	}
	return out
}

func compareFindings(a, b predicate.Finding) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Commit, b.Commit), cmp.Compare(a.Fingerprint, b.Fingerprint), cmp.Compare(a.Message, b.Message))
}

func compareSuppressed(a, b predicate.Suppressed) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Kind, b.Kind))
}

// sighting is what tells one finding from another.
type sighting struct {
	rule, path, commit, fingerprint, message string
	line, column                             int
}

// addFindings keeps findings; the overlap of two chunks shows the same one twice.
func (s *scan) addFindings(found []predicate.Finding) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range found {
		s.findings[sighting{f.Rule, f.Path, f.Commit, f.Fingerprint, f.Message, f.Line, f.Column}] = f
	}
	if len(s.findings) > maxFindings {
		return fmt.Errorf("%w: more than %d findings; scan a smaller tree, or leave out generated files", ErrLimit, maxFindings)
	}
	return nil
}

// isClean reports whether a text was seen before that holds nothing.
func (s *scan) isClean(text [sha256.Size]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clean[text]
}

func (s *scan) addClean(text [sha256.Size]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.clean) < maxClean {
		s.clean[text] = true
	}
}

// addSuppressed keeps requests of the tree to ignore something.
func (s *scan) addSuppressed(asked []predicate.Suppressed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range asked {
		s.suppressed[a] = true
	}
	if len(s.suppressed) > maxSuppressed {
		return fmt.Errorf("%w: more than %d comments or files that ask to ignore secrets", ErrLimit, maxSuppressed)
	}
	return nil
}

// clean makes a foreign file name fit for JSON: bytes that are not UTF-8 are written as \xNN.
func clean(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	var b strings.Builder
	for len(name) > 0 {
		r, n := utf8.DecodeRuneInString(name)
		if r == utf8.RuneError && n == 1 {
			b.WriteString(`\x` + strconv.FormatUint(uint64(name[0])+0x100, 16)[1:])
		} else {
			b.WriteString(name[:n])
		}
		name = name[n:]
	}
	return b.String()
}
