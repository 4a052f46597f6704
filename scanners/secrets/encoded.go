// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect/codec"
	"github.com/zricethezav/gitleaks/v8/report"
)

// gitleaks decodes by matching a regular expression against all text, and looks at what comes out, and decodes that again. Nearly no line holds anything
// that it would decode, so its decoder is given only lines that may; and only where rules may match what was decoded does gitleaks see the text.
// encodedLine must never say no where the decoder finds something.

// region is a range of bytes; what ends at from or begins at to touches it.
type region struct{ from, to int }

// encoded finds secrets in what is encoded. any reports whether something was decoded at all.
func (s *scan) encoded(f *fragment) (found []report.Finding, any bool) {
	rules := map[string]config.Rule{}
	text := f.text
	for range decodeDepth {
		var regions []region
		if text, regions = decode(text); regions == nil {
			break
		}
		if !any {
			any = true
			for id, r := range s.plain.Config.Rules {
				if r.Regex != nil {
					rules[id] = r
				}
			}
		}
		c := s.narrowed.chances(text, regions)
		for _, r := range c.rules {
			rules[r.rule.RuleID] = r.rule
		}
		if touch(text, c.lines, regions) {
			rules[genericRule] = s.rules.config.Rules[genericRule]
		}
	}
	if len(rules) == 0 {
		return nil, any
	}
	// What is not encoded is found elsewhere.
	found = s.ask(newDetector(s.ctx, with(s.rules.config, slices.Collect(maps.Values(rules))...), decodeDepth), f.path, f.text)
	return slices.DeleteFunc(found, func(r report.Finding) bool { return len(encodings(&r)) == 0 }), true
}

// decode decodes once what is encoded in a text. The regions are what was decoded in the result, in whole lines; nil: nothing was.
func decode(text string) (string, []region) {
	var out strings.Builder
	var regions []region
	from := 0
	for _, g := range encodedLines(text) {
		plain, segments := codec.NewDecoder().Decode(text[g.from:g.to], nil)
		if len(segments) == 0 {
			continue
		}
		out.WriteString(text[from:g.from])
		regions = append(regions, region{out.Len(), out.Len() + len(plain)})
		out.WriteString(plain)
		from = g.to
	}
	if regions == nil {
		return text, nil
	}
	out.WriteString(text[from:])
	return out.String(), regions
}

// touch reports whether any of the lines touches a region.
func touch(text string, lines []span, regions []region) bool {
	if len(lines) == 0 {
		return false
	}
	ends := lineEnds(text)
	return slices.ContainsFunc(lines, func(l span) bool {
		from, to := l.bytes(ends)
		return touched(regions, from, to)
	})
}

// touched reports whether any of the regions, which are in order, is touched by that from … to.
func touched(regions []region, from, to int) bool {
	i := sort.Search(len(regions), func(i int) bool { return regions[i].to >= from })
	return i < len(regions) && regions[i].from <= to
}

// encodedLines lists the lines, adjoining ones together, that may hold encoded text.
func encodedLines(text string) []region {
	var out []region
	start := 0
	codePoint := false // the line before ends with U+…, which takes its newline as well
	for line := range strings.Lines(text) {
		end := start + len(line)
		switch n := len(out); {
		case !codePoint && !encodedLine(line):
		case n > 0 && out[n-1].to == start:
			out[n-1].to = end
		default:
			out = append(out, region{start, end})
		}
		codePoint = strings.Contains(line, "U+")
		start = end
	}
	return out
}

// lineEnds lists where lines end, their newlines included.
func lineEnds(text string) []int {
	var ends []int
	end := 0
	for line := range strings.Lines(text) {
		end += len(line)
		ends = append(ends, end)
	}
	return ends
}

// bytes is from where to where lines go.
func (s span) bytes(ends []int) (from, to int) {
	if s.from > 1 {
		from = ends[s.from-2]
	}
	return from, ends[s.to-1]
}

// encodedLine reports whether the line may hold percent, unicode, hex or base64 encoded text.
func encodedLine(line string) bool {
	for i := 0; i < len(line); {
		c := line[i]
		if wordByte(c) {
			run := i
			for run < len(line) && wordByte(line[run]) {
				run++
			}
			if encodedWord(line[i:run]) {
				return true
			}
			i = run
			continue
		}
		if c == '%' && hexBytes(line[i+1:]) >= 2 {
			if printableHex(line[i+1 : i+3]) {
				return true
			}
			i += 2
		}
		if c == '\\' && i+1 < len(line) && line[i+1]|0x20 == 'u' && hexBytes(line[i+2:]) >= 4 {
			return true
		}
		i++
	}
	return false
}

// encodedWord reports whether a run of letters, digits and _/+- may hold a code point, or hex or base64 of printable text.
func encodedWord(word string) bool {
	if strings.Contains(word, "U+") {
		return true
	}
	const hexLeast, base64Least = 32, 16
	// The decoder takes whole runs of hex or nothing, and what follows such a run as base64, whole or not at all as well.
	if n := hexBytes(word); n >= hexLeast {
		if printableHex(word[n-hexLeast : n]) {
			return true
		}
		word = word[n:]
	}
	if len(word) < base64Least || !strings.ContainsAny(word, "0123456789+/-_") {
		return false
	}
	head := word[:base64Least]
	return printable(base64.RawStdEncoding, head) || printable(base64.RawURLEncoding, head)
}

// printableHex reports whether pairs of hex digits are printable text.
func printableHex(digits string) bool {
	b, err := hex.DecodeString(digits)
	return err == nil && !slices.ContainsFunc(b, unprintable)
}

func printable(encoding *base64.Encoding, s string) bool {
	var b [12]byte
	_, err := encoding.Decode(b[:], []byte(s))
	return err == nil && !slices.ContainsFunc(b[:], unprintable)
}

func unprintable(c byte) bool { return c <= '\b' || c >= 0x7f }

func hexBytes(s string) int {
	n := 0
	for n < len(s) && hexByte(s[n]) {
		n++
	}
	return n
}

func hexByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '/' || c == '+' || c == '-'
}
