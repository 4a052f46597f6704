// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"math"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A rule's expression is matched against all text of a fragment that holds one of its keywords, which takes most of the time of a scan. But every match
// of nearly every rule begins with something of bounded length that holds a fixed word, so it is enough to try that around the word; only where it is
// there does the rule see the fragment. What is derived here from the expression must never say no where the rule matches.

// necessary is what every match of an expression begins with.
type necessary struct {
	words  []string // one of these, in lower case, is in it
	lead   int      // bytes at most of what a match may begin with and need not, which is left out
	before int      // bytes from where it begins to where the word does, at most
	length int      // bytes of it, at most
	whole  bool     // it is all of the match but for the lead
	found  *regexp.Regexp
	// at and first are for words with which the match begins: found right after one byte, and at the start of the text.
	at, first *regexp.Regexp
}

// Bounds on what is derived.
const (
	maxNecessary = 400 // bytes of text around a word
	minWord      = 2   // bytes of a word; a shorter one is everywhere
)

// derived is derive, with what follows from the built-in rules found out once a process (about 30 ms).
func derived(expression string) *necessary {
	if n, known := builtin()[expression]; known {
		return n
	}
	return derive(expression)
}

var builtin = sync.OnceValue(func() map[string]*necessary {
	out := map[string]*necessary{}
	if rules, err := loadRules(); err == nil { // else no scan gets this far
		for _, r := range rules.config.Rules {
			if r.Regex != nil {
				out[r.Regex.String()] = derive(r.Regex.String())
			}
		}
	}
	return out
})

// derive gives nil if nothing useful follows from the expression.
func derive(expression string) *necessary {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	begin, whole := beginning(re, maxNecessary)
	lead := stripLead(begin)
	size := sizeOf(begin)
	words, ok := wordsOf(begin)
	if !ok || size.most > maxNecessary || words.shortest() < minWord {
		return nil
	}
	n := &necessary{lead: lead, length: size.most, whole: whole, words: words.texts, before: words.most}
	pattern := "(?:" + begin.String() + ")"
	if n.before == 0 {
		n.at, err = regexp.Compile(`\A(?s:.)` + pattern)
		if err == nil {
			n.first, err = regexp.Compile(`\A` + pattern)
		}
	} else {
		n.found, err = regexp.Compile(pattern)
	}
	if err != nil {
		return nil
	}
	return n
}

// stripLead takes away characters with which a match may begin and need not: without them, the rest of a match is one as well. It gives how many bytes
// they are at most.
func stripLead(begin *syntax.Regexp) int {
	if begin.Op != syntax.OpConcat || len(begin.Sub) < 2 {
		return 0
	}
	first := begin.Sub[0]
	if first.Op != syntax.OpRepeat || first.Min > 0 || first.Sub[0].Op != syntax.OpCharClass {
		return 0
	}
	begin.Sub = begin.Sub[1:]
	return sizeOf(first).most
}

// beginning is an expression that matches the beginning of whatever re matches, at most so many bytes; whole says that it is all of re.
func beginning(re *syntax.Regexp, room int) (out *syntax.Regexp, whole bool) {
	nothing := &syntax.Regexp{Op: syntax.OpEmptyMatch}
	switch re.Op { //nolint:exhaustive // the rest has no parts
	case syntax.OpCapture:
		return beginning(re.Sub[0], room)
	case syntax.OpConcat:
		out = &syntax.Regexp{Op: syntax.OpConcat, Flags: re.Flags}
		for _, sub := range re.Sub {
			part, all := beginning(sub, room)
			out.Sub = append(out.Sub, part)
			if room -= sizeOf(part).most; !all {
				return out, false
			}
		}
		return out, true
	case syntax.OpAlternate:
		out, whole = &syntax.Regexp{Op: syntax.OpAlternate, Flags: re.Flags}, true
		for _, sub := range re.Sub {
			part, all := beginning(sub, room)
			out.Sub, whole = append(out.Sub, part), whole && all
		}
		return out, whole
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return beginningOfRepeat(re, room)
	}
	if sizeOf(re).most > room {
		return nothing, false
	}
	return re, true
}

// beginningOfRepeat keeps a repetition if it fits, else the least that there must be of it.
func beginningOfRepeat(re *syntax.Regexp, room int) (*syntax.Regexp, bool) {
	if part, all := beginning(re.Sub[0], room); all && sizeOf(re).most <= room {
		kept := *re
		kept.Sub = []*syntax.Regexp{part}
		return &kept, true
	}
	least := re.Min // of Repeat
	if re.Op == syntax.OpPlus {
		least = 1
	}
	fewest := &syntax.Regexp{Op: syntax.OpRepeat, Flags: re.Flags, Min: least, Max: least, Sub: re.Sub}
	if least == 0 || sizeOf(fewest).most > room {
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}, false
	}
	return fewest, false
}

// size is of how many bytes a match is. Beyond any bound that matters, most is unbounded.
type size struct{ least, most int }

const unbounded = math.MaxInt32

func sizeOf(re *syntax.Regexp) size {
	switch re.Op { //nolint:exhaustive // the rest says nothing
	case syntax.OpLiteral:
		var s size
		for _, r := range re.Rune {
			s.least, s.most = s.least+1, s.most+widest(r, re.Flags)
		}
		return s
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return size{1, utf8.UTFMax}.narrowed(re)
	case syntax.OpCapture:
		return sizeOf(re.Sub[0])
	case syntax.OpConcat:
		var s size
		for _, sub := range re.Sub {
			x := sizeOf(sub)
			s.least, s.most = s.least+x.least, bounded(s.most, 1, x.most)
		}
		return s
	case syntax.OpAlternate:
		s := size{least: unbounded}
		for _, sub := range re.Sub {
			x := sizeOf(sub)
			s.least, s.most = min(s.least, x.least), max(s.most, x.most)
		}
		return s
	case syntax.OpStar:
		return size{0, unbounded}
	case syntax.OpPlus:
		return size{sizeOf(re.Sub[0]).least, unbounded}
	case syntax.OpQuest:
		return size{0, sizeOf(re.Sub[0]).most}
	case syntax.OpRepeat:
		x := sizeOf(re.Sub[0])
		if re.Max < 0 {
			return size{x.least * re.Min, unbounded}
		}
		return size{x.least * re.Min, bounded(0, re.Max, x.most)}
	}
	return size{} // assertions, and what matches nothing
}

// bounded is a + n*b, at most unbounded.
func bounded(a, n, b int) int { return min(a+n*min(b, unbounded/max(n, 1)), unbounded) }

// narrowed takes the most bytes of a class from its largest character.
func (s size) narrowed(re *syntax.Regexp) size {
	if n := len(re.Rune); re.Op == syntax.OpCharClass && n > 0 {
		if hi := re.Rune[n-1]; hi < unicode.MaxRune {
			s.most = utf8.RuneLen(hi)
		}
	}
	return s
}

// widest is the most bytes of a character, in any case if case is ignored.
func widest(r rune, flags syntax.Flags) int {
	n := utf8.RuneLen(r)
	if flags&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			n = max(n, utf8.RuneLen(f))
		}
	}
	return n
}

// words are texts of which one is in every match, and how far from its beginning at most.
type words struct {
	texts []string
	most  int
}

func (w words) shortest() int {
	n := unbounded
	for _, t := range w.texts {
		n = min(n, len(t))
	}
	return n
}

// first reports whether matches begin with the words, which are long enough to look for there.
func (w words) first() bool { return w.most == 0 && w.shortest() >= 3 }

// wordsOf finds the words with which matches begin, or else those of which the shortest is longest.
func wordsOf(re *syntax.Regexp) (best words, ok bool) {
	switch re.Op { //nolint:exhaustive // the rest says nothing
	case syntax.OpLiteral:
		text := strings.ToLower(string(re.Rune))
		for _, c := range []byte(text) {
			if c >= utf8.RuneSelf {
				return words{}, false
			}
		}
		return words{texts: []string{text}}, text != ""
	case syntax.OpCapture:
		return wordsOf(re.Sub[0])
	case syntax.OpRepeat, syntax.OpPlus:
		if re.Op == syntax.OpRepeat && re.Min == 0 {
			return words{}, false
		}
		return wordsOf(re.Sub[0])
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			w, has := wordsOf(sub)
			if !has {
				return words{}, false
			}
			best.texts, best.most = append(best.texts, w.texts...), max(best.most, w.most)
		}
		return best, true
	case syntax.OpConcat:
		before := 0
		for _, sub := range re.Sub {
			if w, has := wordsOf(sub); has && (!ok || !best.first() && w.shortest() > best.shortest()) {
				w.most = bounded(before, 1, w.most)
				best, ok = w, true
			}
			before = bounded(before, 1, sizeOf(sub).most)
		}
		return best, ok
	}
	return words{}, false
}
