// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"slices"
	"sort"
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
	// generic is the generic rule, if its form is the expected one. Its index is that after the last of rules.
	generic *detect.Detector
}

type narrowedRule struct {
	*necessary // nil: nothing is known, a keyword is enough
	rule       config.Rule
	detector   func() *detect.Detector // made when it is first needed: most never are
}

// word is a word of a rule, by the index of that.
type word struct {
	text    string
	rule    int
	keyword bool // one of gitleaks', without which it does not try the rule
}

// narrow takes out of the rules those with keywords. What is left are rules about names.
func narrow(all config.Config, made func(config.Config) *detect.Detector) (others config.Config, out *narrowed) {
	var rest []config.Rule
	out = &narrowed{}
	for _, r := range all.GetOrderedRules() {
		if r.Regex == nil || len(r.Keywords) == 0 || len(r.RequiredRules) > 0 || slices.ContainsFunc(r.Keywords, unusable) {
			rest = append(rest, r)
			continue
		}
		out.add(narrowedRule{derived(r.Regex.String()), r, sync.OnceValue(func() *detect.Detector { return made(with(all, r)) })})
	}
	return with(all, rest...), out
}

// with is the configuration with these rules only.
func with(all config.Config, rules ...config.Rule) config.Config {
	all.Rules, all.Keywords = map[string]config.Rule{}, map[string]struct{}{}
	for _, r := range rules {
		all.Rules[r.RuleID] = r
		for _, k := range r.Keywords {
			all.Keywords[k] = struct{}{}
		}
	}
	return all
}

// unusable holds for keywords that a search for bytes, two of them at first, would miss.
func unusable(keyword string) bool {
	return len(keyword) < 2 || strings.IndexFunc(keyword, func(c rune) bool { return c >= utf8.RuneSelf }) >= 0
}

// addGeneric adds the generic rule, as the last one.
func (n *narrowed) addGeneric(d *detect.Detector) {
	n.generic = d
	for _, w := range genericWords() {
		n.index(word{w, len(n.rules), true})
	}
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

// chances is what may match in a text.
type chances struct {
	rules []*narrowedRule
	lines []span // of the generic rule
}

// chances finds out which rules may match in a text so that the match touches one of the regions.
func (n *narrowed) chances(text string, regions []region) (out chances) {
	plain, back := unfold(text)
	found := n.search(plain)
	for i := range n.rules {
		r, h := &n.rules[i], &found[i]
		if !h.keyword {
			continue
		}
		if r.necessary == nil {
			out.rules = append(out.rules, r)
			continue
		}
		if back != nil {
			for k, at := range h.at {
				h.at[k] = back(at)
			}
		}
		if r.in(text, r.near(h.at, regions)) {
			out.rules = append(out.rules, r)
		}
	}
	if n.generic != nil && (back == nil || generic(strings.ToLower(text))) {
		out.lines = assignments(plain, found[len(n.rules)].at, back != nil)
	}
	return out
}

// unfold writes the three characters outside ASCII that are an i, a k or an s to what ignores case as these. back, nil if there are none, turns offsets in
// the result to those in the text.
func unfold(text string) (plain string, back func(int) int) {
	next := func(from int) (at int, letter byte, size int) {
		for at = from; at < len(text); at++ {
			switch rest := text[at:]; {
			case rest[0] < 0x80:
			case strings.HasPrefix(rest, "\u0130"):
				return at, 'i', 2
			case strings.HasPrefix(rest, "\u212a"):
				return at, 'k', 3
			case strings.HasPrefix(rest, "\u017f"):
				return at, 's', 2
			}
		}
		return at, 0, 0
	}
	at, letter, size := next(0)
	if size == 0 {
		return text, nil
	}
	var out []byte
	var places []int   // of such letters in out
	longer := []int{0} // by how much the text is longer, up to before each of them and up to the end
	from := 0
	for ; size > 0; at, letter, size = next(from) {
		out = append(out, text[from:at]...)
		places, longer = append(places, len(out)), append(longer, longer[len(places)]+size-1)
		out, from = append(out, letter), at+size
	}
	out = append(out, text[from:]...)
	return string(out), func(i int) int { return i + longer[sort.SearchInts(places, i)] }
}

// hits is where words of one rule are, in order, and whether a keyword is anywhere.
type hits struct {
	at      []int
	keyword bool
}

// search finds the words of all rules. Those of the generic rule are its keywords as well.
func (n *narrowed) search(text string) []hits {
	out := make([]hits, len(n.rules)+1)
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
			}
			if !w.keyword || w.rule == len(n.rules) {
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

// near leaves out words of matches that lie outside the regions; nil stands for all the text.
func (r *necessary) near(at []int, regions []region) []int {
	if regions == nil {
		return at
	}
	return slices.DeleteFunc(at, func(i int) bool {
		end := unbounded
		if r.whole {
			end = i + r.length + utf8.UTFMax
		}
		return !touched(regions, i-r.before-r.lead-utf8.UTFMax, end)
	})
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
