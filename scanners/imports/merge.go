// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// maxSource is how large a file may be for its lines to be part of fingerprints.
const maxSource = 8 << 20

// Merge makes one Findings of several of one category. What two tools say about the same weakness, or by the same name of rule, of the same line is one finding with the
// worse severity, and names both. What one tool says twice in the same words stands once.
func Merge(version string, all ...predicate.Findings) (predicate.Findings, error) {
	if len(all) == 0 {
		return predicate.Findings{}, fmt.Errorf("there is no report")
	}
	out := predicate.Findings{Category: all[0].Category, Complete: true, Findings: []predicate.Finding{}, Suppressed: []predicate.Suppressed{}, Skipped: []string{}, StartedOn: all[0].StartedOn,
		FinishedOn: all[0].FinishedOn}
	var found []predicate.Finding
	var digests []string
	for _, f := range all {
		if f.Category != out.Category {
			return predicate.Findings{}, fmt.Errorf("findings of category %q and of %q are not one", out.Category, f.Category)
		}
		out.Complete = out.Complete && f.Complete
		out.StartedOn, out.FinishedOn = min(out.StartedOn, f.StartedOn), min(out.FinishedOn, f.FinishedOn) // the oldest counts
		out.Tools = append(out.Tools, f.Tools...)
		out.Suppressed, out.Skipped, out.Notes, out.Rules = append(out.Suppressed, f.Suppressed...), append(out.Skipped, f.Skipped...), append(out.Notes, f.Notes...), append(out.Rules, f.Rules...)
		out.Scope.Files, out.Scope.Bytes, out.Scope.Commits, out.SkippedN = out.Scope.Files+f.Scope.Files, out.Scope.Bytes+f.Scope.Bytes, out.Scope.Commits+f.Scope.Commits, out.SkippedN+f.SkippedN
		found = append(found, f.Findings...)
		digests = append(digests, f.Scanner.Name+" "+f.Scanner.Version+" "+f.Scanner.RulesDigest)
	}
	slices.SortFunc(out.Tools, func(a, b predicate.Tool) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Report, b.Report), cmp.Compare(a.RulesDigest, b.RulesDigest))
	})
	out.Tools = slices.Compact(out.Tools)
	out.Rules = sortRules(out.Rules)
	slices.Sort(digests)
	out.Scanner = predicate.FindingScanner{Name: "sealock", Version: version, RulesDigest: attest.SHA256([]byte(strings.Join(slices.Compact(digests), "\n"))).String()}
	out.Findings = append(out.Findings, unite(found)...)
	slices.SortFunc(out.Suppressed, func(a, b predicate.Suppressed) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Kind, b.Kind))
	})
	return out, nil
}

// unite sorts findings and joins those that are one.
func unite(found []predicate.Finding) []predicate.Finding {
	slices.SortStableFunc(found, func(a, b predicate.Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(ranks[b.Severity], ranks[a.Severity]), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(strings.Join(a.Tools, "\x00"), strings.Join(b.Tools, "\x00")), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	found = slices.CompactFunc(found, sameWords)
	var out []predicate.Finding
	begin := 0 // of the place at hand
	for _, f := range found {
		if begin < len(out) && (out[begin].Path != f.Path || out[begin].Line != f.Line) {
			begin = len(out)
		}
		joined := false
		for i := begin; i < len(out) && !joined; i++ {
			joined = join(&out[i], f)
		}
		if !joined {
			f.Tools, f.CWE, f.Fingerprints = slices.Clone(f.Tools), slices.Clone(f.CWE), slices.Clone(f.Fingerprints)
			out = append(out, f)
		}
	}
	return out
}

// sameWords holds for what one tool says twice.
func sameWords(a, b predicate.Finding) bool {
	return a.Path == b.Path && a.Line == b.Line && a.Column == b.Column && a.Rule == b.Rule && a.Message == b.Message && slices.Equal(a.Tools, b.Tools)
}

// join takes b into a if they are the same finding of two tools. They have the same path and line.
func join(a *predicate.Finding, b predicate.Finding) bool {
	if a.Line == 0 || slices.ContainsFunc(b.Tools, func(t string) bool { return slices.Contains(a.Tools, t) }) {
		return false
	}
	common := slices.ContainsFunc(b.CWE, func(c string) bool { return slices.Contains(a.CWE, c) })
	if name := ruleName(a.Rule); !common && (name == "" || name != ruleName(b.Rule)) {
		return false
	}
	a.Tools = append(a.Tools, b.Tools...)
	slices.Sort(a.Tools)
	for _, fp := range append([]string{b.Fingerprint}, b.Fingerprints...) {
		if fp != a.Fingerprint && !slices.Contains(a.Fingerprints, fp) {
			a.Fingerprints = append(a.Fingerprints, fp)
		}
	}
	slices.Sort(a.Fingerprints)
	for _, c := range b.CWE {
		if !slices.Contains(a.CWE, c) {
			a.CWE = append(a.CWE, c)
		}
	}
	if ranks[b.Severity] > ranks[a.Severity] {
		a.Severity = b.Severity
	}
	return true
}

// minName is how many letters a rule's name has for it to mean the same in two tools: R001 is another rule in each.
const minName = 6

// ruleName is the last part of a rule's id in small letters and digits, or "" if it is only a number of some kind.
func ruleName(id string) string {
	id = id[strings.LastIndexAny(id, "./:")+1:]
	letters := 0
	name := strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) {
			letters++
		}
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, id)
	if letters < minName {
		return ""
	}
	return name
}

// fingerprint gives each finding of one run its fingerprint: of what kind it is, in which file, and what the line says, so that it survives lines that move. Where the file
// is not at hand, the number of the line stands for it. Equal ones are counted.
func fingerprint(f *predicate.Findings, opt Options) {
	slices.SortStableFunc(f.Findings, func(a, b predicate.Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	f.Findings = slices.CompactFunc(f.Findings, sameWords)
	s := openSource(opt.Dir)
	defer s.close()
	times := map[string]int{}
	for i := range f.Findings {
		x := &f.Findings[i]
		class := firstText(append(slices.Clone(x.CWE), ruleName(x.Rule), x.Rule)...)
		key := strings.Join([]string{f.Category, class, x.Path, s.line(x.Path, x.Line)}, "\x00")
		x.Fingerprint = attest.SHA256(fmt.Appendf(nil, "%s\x00%d", key, times[key])).Hex
		times[key]++
	}
}

// source reads lines of the scanned tree, and nothing outside it.
type source struct {
	root  *os.Root
	path  string
	lines [][]byte
}

func openSource(dir string) *source {
	if dir == "" {
		return &source{}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return &source{}
	}
	return &source{root: root}
}

func (s *source) close() {
	if s.root != nil {
		_ = s.root.Close()
	}
}

// line is the text of a line without the space around it, or its number.
func (s *source) line(path string, n int) string {
	if path != s.path {
		s.path, s.lines = path, s.read(path)
	}
	if n > 0 && n <= len(s.lines) {
		if text := strings.Join(strings.Fields(string(s.lines[n-1])), " "); text != "" {
			return "text " + text
		}
	}
	return fmt.Sprintf("line %d", n)
}

func (s *source) read(path string) [][]byte {
	if s.root == nil || path == "." || strings.Contains(path, "://") {
		return nil
	}
	f, err := s.root.Open(filepath.FromSlash(path))
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() > maxSource {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSource))
	if err != nil {
		return nil
	}
	return bytes.Split(data, []byte("\n"))
}

// sortRules sorts descriptions of rules, one for each.
func sortRules(in []predicate.FindingRule) []predicate.FindingRule {
	slices.SortStableFunc(in, func(a, b predicate.FindingRule) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(in, func(a, b predicate.FindingRule) bool { return a.ID == b.ID })
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func firstText(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// shorten cuts a text for people.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n]) + "…"
}
