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
	"sync"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
)

// RuleUnreadable is the rule of files that look like configuration and can't be read.
const RuleUnreadable = "config.unreadable"

const (
	maxSkipped    = 1000    // skipped paths that are named; all are counted
	maxSuppressed = 100_000 // requests to ignore something
)

// verdicts are the findings of a scan, in their final form but for what depends on all of them.
type verdicts struct {
	found []verdict
	rules map[string]*rules.Rule
	graph *predicate.FlowGraph
	words map[string]string // texts that come again and again, once
}

// verdict is one finding.
type verdict struct {
	predicate.Finding
	slot
	written bool // see Item.written
}

// slot is where an item is: the number of its job and its place among what came of that; item is its number in the order of all, once that is known.
type slot struct{ job, index, item int }

// add puts a result at its place, unless it is about what is not known of the item.
func (v *verdicts) add(item *Item, r rules.Finding, at slot) {
	if item.beyond(r) {
		return
	}
	v.rules[r.Rule.ID] = r.Rule
	p := item.Locate(r.Path)
	v.found = append(v.found, verdict{predicate.Finding{
		Rule: r.Rule.ID, Severity: v.once(r.Severity), Message: v.once(r.Message), Resource: v.once(item.Resource), Found: v.once(r.Found), Expected: v.once(r.Expected), Fix: v.once(r.Fix),
		Path: p.File, Line: p.Line, Column: p.Column, EndLine: p.EndLine,
		Fingerprint: hash(r.Rule.ID, item.File, cmp.Or(item.same, item.Resource), stablePath(item, r.Path)),
	}, at, item.written()})
}

func (v *verdicts) once(text string) string {
	if known, there := v.words[text]; there {
		return known
	}
	v.words[text] = text
	return text
}

// report makes the result of a scan.
func (s *scan) report(v *verdicts, opt Options) (predicate.Findings, error) {
	if len(v.found) > rules.MaxFindings {
		return predicate.Findings{}, fmt.Errorf("%w: more than %d findings", ErrLimit, rules.MaxFindings)
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
		Findings:   s.findings(v.found),
		Rules:      findingRules(v.rules, len(s.problems) > 0),
		Suppressed: append([]predicate.Suppressed{}, slices.Compact(s.suppressed)...),
		Skipped:    skipped,
		SkippedN:   n,
		Graph:      v.graph,
	}, nil
}

// beyond says whether a result is about what is not known of the item.
func (i *Item) beyond(r rules.Finding) bool {
	if i.given == nil {
		return false
	}
	if len(r.Path) == 0 {
		return true
	}
	name, _ := r.Path[0].(string)
	return !i.given[name]
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

// findings sorts results, and leaves out those that say the same about copies of one thing.
func (s *scan) findings(found []verdict) []predicate.Finding {
	out := make([]predicate.Finding, 0, len(found)+len(s.problems))
	for _, p := range s.problems {
		out = append(out, unreadable(p))
	}
	type placed struct {
		fingerprint string
		item        int
	}
	type spot struct {
		fingerprint string
		line        int
	}
	seen, lines := map[spot]bool{}, map[string]int{} // and how many lines a fingerprint has
	count := map[placed]int{}
	slices.SortStableFunc(found, func(a, b verdict) int {
		return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	for _, f := range found {
		at := placed{f.Fingerprint, f.item}
		if n := count[at]; n > 0 { // several faults in one place
			f.Fingerprint = hash(f.Fingerprint, strconv.Itoa(n))
		}
		count[at]++
		here, n := spot{f.Fingerprint, f.Line}, lines[f.Fingerprint]
		if seen[here] || n > 0 && !f.written {
			continue
		}
		seen[here] = true
		lines[f.Fingerprint]++
		if n > 0 { // another thing of the same name
			f.Fingerprint = hash(f.Fingerprint, "again", strconv.Itoa(n))
		}
		out = append(out, f.Finding)
	}
	slices.SortStableFunc(out, Compare)
	return out
}

// Compare is the order of a scan's findings: by place, then by rule.
func Compare(a, b predicate.Finding) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Message, b.Message), cmp.Compare(a.Fingerprint, b.Fingerprint))
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
func findingRules(found map[string]*rules.Rule, problems bool) []predicate.FindingRule {
	byID := map[string]predicate.FindingRule{}
	if problems {
		byID[RuleUnreadable] = predicate.FindingRule{
			ID: RuleUnreadable, Title: "Configuration can be read", Severity: "high",
			Description: "What can't be read can't be judged, and may still be deployed by a tool that is less strict.",
		}
	}
	for id, rule := range found {
		if _, there := byID[id]; there {
			continue
		}
		r := predicate.FindingRule{ID: id, Title: rule.Title, Description: rule.Description, Severity: rule.Severity}
		for _, ref := range rule.References {
			r.References = append(r.References, ref.URL)
		}
		byID[id] = r
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

var escapes = sync.OnceValue(func() *strings.Replacer { return strings.NewReplacer("~", "~0", "/", "~1") })

// stablePath writes a path so that it stays the same when elements are added to lists: by the name of an element where it has one.
func stablePath(item *Item, path []any) string {
	var b strings.Builder
	var v any = item.body()
	if made, ok := item.locate.(madePlace); ok { // several pods may share what is said once
		v, path = made.value, made.real(normalPath(path))
	}
	for _, step := range normalPath(path) {
		switch step := step.(type) {
		case string:
			b.WriteString("/" + escapes().Replace(step))
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
