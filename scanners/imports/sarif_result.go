// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// maxSuppressed bounds the suppressions of one run.
const maxSuppressed = 10_000

// result takes one result as a finding, if it is one. A suppression is shown and hides nothing.
func (r *sarifReader) result(res sarifResult, where string, used map[string]bool) error {
	switch res.Kind {
	case "", "fail", "open", "review": // open and review: nobody has decided yet, so it counts
	case "pass", "notApplicable", "informational":
		if res.Level == nil || (*res.Level != "error" && *res.Level != "warning") { // which contradict the kind (SARIF 3.27.10), so they count
			r.other[res.Kind]++
			return nil
		}
	default:
		return r.rep.errorf(CodeInvalid, "", "%s: kind %.40q is none of SARIF's", where, res.Kind)
	}
	switch res.Baseline {
	case "", "new", "unchanged", "updated":
	case "absent":
		r.other["gone since the tool's own baseline"]++
		return nil
	default:
		return r.rep.errorf(CodeInvalid, "", "%s: baselineState %.40q is none of SARIF's", where, res.Baseline)
	}
	rule, err := r.rule(res, where)
	if err != nil {
		return err
	}
	f := predicate.Finding{Rule: rule.ID, Severity: severity(res, rule), CWE: weaknesses(res, rule), Tools: []string{r.out.Scanner.Name}, Path: "."}
	if len(res.Locations) > 0 {
		spot := res.Locations[0].Physical
		if f.Path, err = r.place(spot.Artifact); err != nil {
			return r.rep.errorf(CodeInvalid, "have the tool write paths below the folder that it scanned", "%s: %v", where, err)
		}
		f.Line, f.Column, f.EndLine = max(spot.Region.StartLine, 0), max(spot.Region.StartColumn, 0), max(spot.Region.EndLine, 0)
		if f.EndLine <= f.Line {
			f.EndLine = 0
		}
	}
	if f.Message, err = r.message(res, rule, f); err != nil {
		return r.rep.errorf(CodeInvalid, "", "%s: %v", where, err)
	}
	r.out.Findings = append(r.out.Findings, f)
	if !used[rule.ID] {
		used[rule.ID] = true
		r.out.Rules = append(r.out.Rules, describe(rule, f.Severity))
	}
	for _, s := range res.Suppressions {
		if len(r.out.Suppressed) >= maxSuppressed {
			return r.rep.errorf(CodeLimit, "", "%s has more than %d suppressions", r.where, maxSuppressed)
		}
		r.out.Suppressed = append(r.out.Suppressed, predicate.Suppressed{Path: f.Path, Line: f.Line, Kind: suppression(r.out.Scanner.Name, s)})
	}
	return nil
}

func suppression(tool string, s sarifExcuse) string {
	kind := map[string]string{"inSource": "in the source", "external": "outside the source"}[s.Kind]
	text := tool + ": " + firstText(kind, "suppressed")
	if s.Status != "" {
		text += ", " + shorten(s.Status, 40)
	}
	return text
}

// rule finds the rule of a result: by its place in the list of the tool or of an extension, or by its id. A result that names none, or two, is an error.
func (r *sarifReader) rule(res sarifResult, where string) (sarifRule, error) {
	rules := r.run.Tool.Driver.Rules
	if i := res.Rule.Component.Index; i != nil && *i >= 0 {
		if *i >= len(r.run.Tool.Extensions) {
			return sarifRule{}, r.rep.errorf(CodeInvalid, "", "%s: there is no extension %d", where, *i)
		}
		rules = r.run.Tool.Extensions[*i].Rules
	}
	id, index := firstText(res.RuleID, res.Rule.ID), -1
	for _, i := range []*int{res.Rule.Index, res.RuleIndex} {
		if i != nil && *i >= 0 {
			index = *i
		}
	}
	if index >= 0 {
		if index >= len(rules) {
			return sarifRule{}, r.rep.errorf(CodeIncomplete, "", "%s: there is no rule %d", where, index)
		}
		rule := rules[index]
		if id != "" && id != rule.ID && !strings.HasPrefix(id, rule.ID+"/") {
			return sarifRule{}, r.rep.errorf(CodeInvalid, "", "%s: it names rule %.60q, and rule %d is %.60q", where, id, index, rule.ID)
		}
		rule.ID = firstText(id, rule.ID)
		if rule.ID == "" {
			return sarifRule{}, r.rep.errorf(CodeInvalid, "", "%s: its rule has no id", where)
		}
		return rule, nil
	}
	if id == "" {
		return sarifRule{}, r.rep.errorf(CodeInvalid, "", "%s names no rule", where)
	}
	for _, c := range append([]sarifComponent{{Rules: rules}}, r.run.Tool.Extensions...) {
		for _, rule := range c.Rules {
			if rule.ID == id || rule.ID != "" && strings.HasPrefix(id, rule.ID+"/") {
				rule.ID = id
				return rule, nil
			}
		}
	}
	return sarifRule{ID: id}, nil // SARIF lets a tool leave the description out
}

// levels are SARIF's on sealock's scale.
var levels = map[string]string{"error": "high", "warning": "medium", "note": "low"}

// ranks orders severities; what nobody knows is the worst.
var ranks = map[string]int{"low": 1, "medium": 2, "high": 3, "critical": 4, "unknown": 5}

// severity is the score that rule or result carry (security-severity, on CVSS's scale), else the worse of the rule's level and the result's. What contradicts
// itself, as a failure of level none, is unknown, which counts as the worst.
func severity(res sarifResult, rule sarifRule) string {
	score, rated := 0.0, false
	for _, props := range []map[string]any{rule.Properties, res.Properties} {
		v, given := props["security-severity"]
		if !given {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(fmt.Sprint(v)), 64)
		if err != nil || n < 0 || n > 10 || n != n {
			return "unknown"
		}
		score, rated = max(score, n), true
	}
	switch {
	case rated && score >= 9:
		return "critical"
	case rated && score >= 7:
		return "high"
	case rated && score >= 4:
		return "medium"
	case rated && score > 0:
		return "low"
	}
	worst := ""
	for _, level := range []*string{rule.Default.Level, res.Level} {
		if level == nil {
			continue
		}
		s := levels[*level]
		if s == "" && *level == "none" && level == rule.Default.Level && res.Level != nil { // the result says more
			continue
		}
		if s == "" {
			s = "unknown"
		}
		if ranks[s] > ranks[worst] {
			worst = s
		}
	}
	return firstText(worst, "medium") // SARIF's default is a warning
}

var weaknessForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\bcwe[-_/: ]*0*([1-9][0-9]{0,5})\b`) })

// weaknesses are the CWE ids of a result and its rule, wherever tools write them.
func weaknesses(res sarifResult, rule sarifRule) []string {
	set := map[int]bool{}
	add := func(text string, bare bool) {
		for _, m := range weaknessForm().FindAllStringSubmatch(text, -1) {
			if n, err := strconv.Atoi(m[1]); err == nil {
				set[n] = true
			}
		}
		if n, err := strconv.Atoi(strings.TrimSpace(text)); bare && err == nil && n > 0 && n < 1_000_000 {
			set[n] = true
		}
	}
	refs := slices.Clone(res.Taxa)
	for _, rel := range rule.Relationships {
		refs = append(refs, rel.Target)
	}
	for _, ref := range refs {
		add(ref.ID, strings.EqualFold(ref.Component.Name, "CWE"))
	}
	for _, props := range []map[string]any{rule.Properties, res.Properties} {
		for name, bare := range map[string]bool{"tags": false, "cwe": true, "CWE": true} {
			for _, text := range texts(props[name]) {
				add(text, bare)
			}
		}
	}
	numbers := make([]int, 0, len(set))
	for n := range set {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var out []string
	for _, n := range numbers {
		out = append(out, fmt.Sprintf("CWE-%d", n))
	}
	return out
}

func texts(v any) []string {
	switch x := v.(type) {
	case string:
		return []string{x}
	case float64:
		return []string{strconv.FormatFloat(x, 'f', -1, 64)}
	case []any:
		var out []string
		for _, y := range x[:min(len(x), 100)] {
			if s, ok := y.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

var (
	secretWords = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)secret|password|passwd|credential|token|api[-_ ]?key|private[-_ ]?key|access[-_ ]?key|hard[-_ ]?coded`)
	})
	secretCWEs = []string{"CWE-256", "CWE-259", "CWE-260", "CWE-312", "CWE-321", "CWE-522", "CWE-540", "CWE-547", "CWE-615", "CWE-798"}
	userinfo   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^/\s@]+@`) })
	argument   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{(\d{1,3})\}`) })
)

// withoutCredentials takes user and password out of URLs in a text.
func withoutCredentials(s string) string { return userinfo().ReplaceAllString(s, "$1") }

// message is what the tool says about a result. Where that may quote a secret, it is what the rule says.
func (r *sarifReader) message(res sarifResult, rule sarifRule, f predicate.Finding) (string, error) {
	about := firstText(rule.Short.Text, rule.Full.Text, rule.Name, rule.ID)
	quotes := r.opt.Category == predicate.KindSecrets || secretWords().MatchString(rule.ID+" "+rule.Name+" "+rule.Short.Text) ||
		slices.ContainsFunc(f.CWE, func(c string) bool { return slices.Contains(secretCWEs, c) })
	if quotes {
		return shorten(withoutCredentials(about), maxMessage), nil
	}
	text := res.Message.Text
	if text == "" && res.Message.ID != "" {
		if text = rule.Messages[res.Message.ID].Text; text == "" {
			return "", fmt.Errorf("its message %.60q is not there", res.Message.ID)
		}
		text = argument().ReplaceAllStringFunc(text, func(m string) string {
			i, err := strconv.Atoi(m[1 : len(m)-1])
			if err != nil || i >= len(res.Message.Arguments) {
				return m
			}
			return res.Message.Arguments[i]
		})
	}
	return shorten(withoutCredentials(firstText(strings.TrimSpace(text), about)), maxMessage), nil
}

func describe(rule sarifRule, severity string) predicate.FindingRule {
	out := predicate.FindingRule{ID: rule.ID, Title: shorten(firstText(rule.Short.Text, rule.Name, rule.ID), 200), Severity: severity}
	if full := rule.Full.Text; full != "" && full != rule.Short.Text {
		out.Description = shorten(full, maxMessage)
	}
	if strings.HasPrefix(rule.HelpURI, "https://") || strings.HasPrefix(rule.HelpURI, "http://") {
		out.References = []string{withoutCredentials(rule.HelpURI)}
	}
	return out
}
