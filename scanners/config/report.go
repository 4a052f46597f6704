// SPDX-License-Identifier: Apache-2.0

package config

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
)

// RuleUnreadable is the rule of files that look like configuration and can't be read.
const RuleUnreadable = "config.unreadable"

const (
	maxSkipped    = 1000    // skipped paths that are named; all are counted
	maxSuppressed = 100_000 // requests to ignore something
)

// report makes the result of a scan.
func (s *scan) report(found []rules.Finding, opt Options) (predicate.Findings, error) {
	found = slices.DeleteFunc(found, s.beyond)
	findings, err := s.findings(found)
	if err != nil {
		return predicate.Findings{}, err
	}
	if len(s.suppressed) > maxSuppressed {
		return predicate.Findings{}, fmt.Errorf("%w: more than %d comments that ask to ignore something", ErrLimit, maxSuppressed)
	}
	slices.SortFunc(s.suppressed, func(a, b predicate.Suppressed) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Kind, b.Kind))
	})
	skipped, n := s.skips()
	return predicate.Findings{
		Category:   predicate.KindConfig,
		Scanner:    predicate.FindingScanner{Name: "sealock", Version: opt.Version, RulesDigest: opt.Digest()},
		Scope:      predicate.Scope{Files: s.tree.files, Bytes: s.tree.bytes},
		Complete:   true,
		Findings:   findings,
		Rules:      findingRules(found, len(s.problems) > 0),
		Suppressed: append([]predicate.Suppressed{}, slices.Compact(s.suppressed)...),
		Skipped:    skipped,
		SkippedN:   n,
	}, nil
}

// beyond says whether a result is about what is not known of an item.
func (s *scan) beyond(r rules.Finding) bool {
	if r.Item < 0 || r.Item >= len(s.items) || s.items[r.Item].given == nil {
		return false
	}
	if len(r.Path) == 0 {
		return true
	}
	name, _ := r.Path[0].(string)
	return !s.items[r.Item].given[name]
}

// skips names what was skipped and counts the files.
func (s *scan) skips() ([]string, int) {
	names := map[string]bool{}
	n := 0
	for _, k := range s.skipped {
		name := k.path + " (" + k.reason + ")"
		if k.files > 1 {
			name = fmt.Sprintf("%s (%d files: %s)", k.path, k.files, k.reason)
		}
		if !names[name] {
			n += k.files
		}
		names[name] = true
	}
	out := slices.Sorted(maps.Keys(names))
	return append([]string{}, out[:min(len(out), maxSkipped)]...), n
}

// findings puts results at their places, sorts them, and leaves out those that say the same about copies of one thing.
func (s *scan) findings(found []rules.Finding) ([]predicate.Finding, error) {
	out := make([]predicate.Finding, 0, len(found)+len(s.problems))
	for _, p := range s.problems {
		out = append(out, unreadable(p))
	}
	type place struct {
		fingerprint string
		item        int
	}
	type spot struct {
		fingerprint string
		line        int
	}
	seen, lines := map[spot]bool{}, map[string]int{} // and how many lines a fingerprint has
	count := map[place]int{}
	slices.SortStableFunc(found, func(a, b rules.Finding) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Rule.ID, b.Rule.ID), cmp.Compare(a.Message, b.Message))
	})
	for _, r := range found {
		if r.Item < 0 || r.Item >= len(s.items) {
			return nil, fmt.Errorf("the rule %s names item %d of %d", r.Rule.ID, r.Item, len(s.items))
		}
		f := s.finding(r)
		at := place{f.Fingerprint, r.Item}
		if n := count[at]; n > 0 { // several faults in one place
			f.Fingerprint = hash(f.Fingerprint, strconv.Itoa(n))
		}
		count[at]++
		here, n := spot{f.Fingerprint, f.Line}, lines[f.Fingerprint]
		if seen[here] || n > 0 && !s.items[r.Item].written() {
			continue
		}
		seen[here] = true
		lines[f.Fingerprint]++
		if n > 0 { // another thing of the same name
			f.Fingerprint = hash(f.Fingerprint, "again", strconv.Itoa(n))
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b predicate.Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Message, b.Message), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out, nil
}

// finding is a result as evidence has it.
func (s *scan) finding(r rules.Finding) predicate.Finding {
	item := &s.items[r.Item]
	at := item.Locate(r.Path)
	return predicate.Finding{
		Rule: r.Rule.ID, Severity: r.Severity, Message: r.Message, Resource: item.Resource, Found: r.Found, Expected: r.Expected, Fix: r.Fix,
		Path: at.File, Line: at.Line, Column: at.Column, EndLine: at.EndLine,
		Fingerprint: hash(r.Rule.ID, item.File, cmp.Or(item.same, item.Resource), stablePath(item, r.Path)),
	}
}

// unreadable is the finding of a problem.
func unreadable(p Problem) predicate.Finding {
	return predicate.Finding{
		Rule: RuleUnreadable, Severity: "high", Message: "can't be judged: " + p.Message,
		Path: p.File, Line: max(p.Line, 1), Column: p.Column, Fix: "correct the file, or leave it out of the subject",
		Fingerprint: hash(RuleUnreadable, p.File, p.Message),
	}
}

// findingRules describes the rules that found something.
func findingRules(found []rules.Finding, problems bool) []predicate.FindingRule {
	byID := map[string]predicate.FindingRule{}
	if problems {
		byID[RuleUnreadable] = predicate.FindingRule{
			ID: RuleUnreadable, Title: "Configuration can be read", Severity: "high",
			Description: "What can't be read can't be judged, and may still be deployed by a tool that is less strict.",
		}
	}
	for _, f := range found {
		if _, there := byID[f.Rule.ID]; there {
			continue
		}
		r := predicate.FindingRule{ID: f.Rule.ID, Title: f.Rule.Title, Description: f.Rule.Description, Severity: f.Rule.Severity}
		for _, ref := range f.Rule.References {
			r.References = append(r.References, ref.URL)
		}
		byID[r.ID] = r
	}
	var out []predicate.FindingRule
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		out = append(out, byID[id])
	}
	return out
}

// hash is the hex of sha256 over the parts, each with its length.
func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// stablePath writes a path so that it stays the same when elements are added to lists: by the name of an element where it has one.
func stablePath(item *Item, path []any) string {
	var b strings.Builder
	var v any = item.body()
	for _, step := range normalPath(path) {
		switch step := step.(type) {
		case string:
			b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(step))
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			v = nil
			if step >= 0 && step < len(list) {
				v = list[step]
			}
			b.WriteString("/" + elementName(v, step))
		default:
			fmt.Fprintf(&b, "/%v", step)
			v = nil
		}
	}
	return b.String()
}

func elementName(v any, index int) string {
	m, _ := v.(map[string]any)
	for _, key := range []string{"name", "id", "key", "sid", "containerPort"} {
		switch x := m[key].(type) {
		case string:
			if x != "" {
				return "[" + key + "=" + x + "]"
			}
		case int:
			return "[" + key + "=" + strconv.Itoa(x) + "]"
		}
	}
	return strconv.Itoa(index)
}
