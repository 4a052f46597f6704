// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"encoding/base64"
	"strings"
)

// gitleaks decodes by matching a regular expression against all text, which takes most of its time. Nearly no line holds anything that it would
// decode, so only lines that may, and those around them, are given to its decoder. encodedLine must never say no where the decoder finds something.

// encodedLines lists the lines, from 1, that may hold encoded text.
func encodedLines(text string, ends []int) []span {
	var out []span
	start := 0
	for i, end := range ends {
		if encodedLine(text[start:end]) {
			out = append(out, span{i + 1, i + 1})
		}
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

// parts cuts a fragment down to lines of it.
func parts(f *fragment, ends []int, lines []span) []fragment {
	out := make([]fragment, 0, len(lines))
	for _, l := range lines {
		part := fragment{path: f.path, commit: f.commit, line: f.line + l.from - 1, column: 1, added: f.added}
		from := 0
		if l.from == 1 {
			part.column = f.column
		} else {
			from = ends[l.from-2]
		}
		part.text, part.own = f.text[from:ends[l.to-1]], f.own-from
		out = append(out, part)
	}
	return out
}

// widen adds contextLines to both sides of spans, which are in order, and joins those that then meet. Lines go from 1 to last.
func widen(spans []span, last int) []span {
	var out []span
	for _, s := range spans {
		out = join(out, span{max(s.from-contextLines, 1), min(s.to+contextLines, last)})
	}
	return out
}

// encodedLine reports whether the line may hold percent, unicode, hex or base64 encoded text.
func encodedLine(line string) bool {
	for i := 0; i < len(line); {
		c := line[i]
		if !wordByte(c) {
			if c == '%' && hexBytes(line[i+1:]) >= 2 || c == '\\' && i+1 < len(line) && (line[i+1]|0x20 == 'u' || line[i+1] == '\\') {
				return true
			}
			i++
			continue
		}
		run := i
		for run < len(line) && wordByte(line[run]) {
			run++
		}
		if word := line[i:run]; encodedWord(word) || strings.Contains(word, "U+") {
			return true
		}
		i = run
	}
	return false
}

// encodedWord reports whether a run of letters, digits and _/+- may be hex or base64 of printable text.
func encodedWord(word string) bool {
	if len(word) < 16 {
		return false
	}
	hexed, longest := 0, 0
	for i := 0; i < len(word); i++ {
		if hexByte(word[i]) {
			hexed++
			longest = max(longest, hexed)
		} else {
			hexed = 0
		}
	}
	if longest >= 32 {
		return true
	}
	if !strings.ContainsAny(word, "0123456789+/-_") {
		return false
	}
	// The decoder takes a whole run or nothing, so its beginning must be printable already.
	head := word[:16]
	return printable(base64.RawStdEncoding, head) || printable(base64.RawURLEncoding, head)
}

func printable(encoding *base64.Encoding, s string) bool {
	var b [12]byte
	if _, err := encoding.Decode(b[:], []byte(s)); err != nil {
		return false
	}
	for _, c := range b {
		if c <= '\b' || c >= 0x7f {
			return false
		}
	}
	return true
}

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
