// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
)

// narrowed are the rules that need to see a fragment only if it holds what each of their matches begins with. It is safe for concurrent use.
type narrowed struct {
	rules []narrowedRule
	start [1 << 16]uint16 // by the first two bytes of words: which of lists, from 1
	lists [][]word
}

type narrowedRule struct {
	*necessary // nil: nothing is known, a keyword is enough
	rule       config.Rule
	detector   func() *detect.Detector // made when it is first needed: most never are
}

// tries reports whether gitleaks would try the rule, by the keywords, on text in lower case.
func (r *narrowedRule) tries(low string) bool {
	return slices.ContainsFunc(r.rule.Keywords, func(k string) bool { return strings.Contains(low, strings.ToLower(k)) })
}

// word is a word of a rule, by the index of that.
type word struct {
	text    string
	rule    int
	keyword bool // one of gitleaks', without which it does not try the rule
}

// narrow takes out of the rules those with keywords. What is left are rules about names.
func narrow(all config.Config, made func(config.Config) *detect.Detector) (others config.Config, out *narrowed) {
	others, out = all, &narrowed{}
	others.Rules, others.Keywords = map[string]config.Rule{}, map[string]struct{}{}
	for _, r := range all.GetOrderedRules() {
		if r.Regex == nil || len(r.Keywords) == 0 || len(r.RequiredRules) > 0 || slices.ContainsFunc(r.Keywords, unusable) {
			others.Rules[r.RuleID] = r
			for _, k := range r.Keywords {
				others.Keywords[k] = struct{}{}
			}
			continue
		}
		out.add(narrowedRule{derive(r.Regex.String()), r, sync.OnceValue(func() *detect.Detector { return made(alone(all, r)) })})
	}
	return others, out
}

// alone is the configuration with one rule.
func alone(all config.Config, r config.Rule) config.Config {
	all.Rules, all.Keywords = map[string]config.Rule{r.RuleID: r}, map[string]struct{}{}
	for _, k := range r.Keywords {
		all.Keywords[k] = struct{}{}
	}
	return all
}

// unusable holds for keywords that a search for bytes, two of them at first, would miss.
func unusable(keyword string) bool {
	return len(keyword) < 2 || strings.IndexFunc(keyword, func(c rune) bool { return c >= utf8.RuneSelf }) >= 0
}

func (n *narrowed) add(r narrowedRule) {
	if r.necessary != nil {
		for _, w := range r.words {
			n.index(word{w, len(n.rules), false})
		}
	}
	for _, k := range r.rule.Keywords {
		n.index(word{strings.ToLower(k), len(n.rules), true})
	}
	n.rules = append(n.rules, r)
}

func (n *narrowed) index(w word) {
	at := pair(w.text[0], w.text[1])
	if n.start[at] == 0 {
		n.lists = append(n.lists, nil)
		n.start[at] = uint16(len(n.lists)) // #nosec G115 -- there are a few hundred words
	}
	list := &n.lists[n.start[at]-1]
	*list = append(*list, w)
}

func pair(a, b byte) uint16 { return uint16(a)<<8 | uint16(b) }

// detectors lists the detectors of the rules that may match somewhere in the text of a file.
func (n *narrowed) detectors(path, text string) []*detect.Detector {
	// These are an i, a k and an s to what ignores case. They are rare; in such text a keyword is enough.
	folds := strings.Contains(text, "\u0130") || strings.Contains(text, "\u212a") || strings.Contains(text, "\u017f")
	var low string
	var found []hits
	if folds {
		low = strings.ToLower(text)
	} else {
		found = n.search(text)
	}
	var out []*detect.Detector
	for i := range n.rules {
		r := &n.rules[i]
		if folds && !r.tries(low) || !folds && (!found[i].keyword || r.necessary != nil && !r.in(text, found[i].at)) {
			continue
		}
		if r.rule.Path == nil || r.rule.Path.MatchString(path) {
			out = append(out, r.detector())
		}
	}
	return out
}

// hits is where words of one rule are, in order, and whether a keyword is anywhere.
type hits struct {
	at      []int
	keyword bool
}

func (n *narrowed) search(text string) []hits {
	out := make([]hits, len(n.rules))
	for i := 0; i+1 < len(text); i++ {
		list := n.start[pair(lowerByte(text[i]), lowerByte(text[i+1]))]
		if list == 0 {
			continue
		}
		for _, w := range n.lists[list-1] {
			if !beginsWith(text[i:], w.text) {
				continue
			}
			if w.keyword {
				out[w.rule].keyword = true
			} else {
				out[w.rule].at = append(out[w.rule].at, i)
			}
		}
	}
	return out
}

// beginsWith ignores the case of ASCII in text; word is in lower case.
func beginsWith(text, word string) bool {
	if len(text) < len(word) {
		return false
	}
	for i := range len(word) {
		if lowerByte(text[i]) != word[i] {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// in reports whether the necessary beginning is anywhere around the words. The text around it is whole characters wide on both sides, so that what an
// expression asserts about its neighbours is as it is in all the text.
func (r *necessary) in(text string, at []int) bool {
	if r.at != nil {
		for _, i := range at {
			end := min(i+r.length+utf8.UTFMax, len(text))
			if i == 0 && r.first.MatchString(text[:end]) || i > 0 && r.at.MatchString(text[i-1:end]) {
				return true
			}
		}
		return false
	}
	for next := 0; next < len(at); {
		from := max(at[next]-r.before-utf8.UTFMax, 0)
		to := at[next]
		for ; next < len(at) && at[next]-r.before-utf8.UTFMax <= to; next++ {
			to = min(at[next]+r.length+utf8.UTFMax, len(text))
		}
		if r.found.MatchString(text[from:to]) {
			return true
		}
	}
	return false
}
