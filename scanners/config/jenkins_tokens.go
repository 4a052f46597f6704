// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// maxGroovyNest is how deep strings may stand in expressions of strings: "${a("${b}")}".
const maxGroovyNest = 32

type groovyKind int

const (
	groovyName groovyKind = iota
	groovyNumber
	groovyString
	groovyMark // an operator or a bracket
	groovyLine // the end of a line that ends a statement; within ( and [ there is none
)

// groovyToken is a word of Groovy (https://groovy-lang.org/syntax.html).
type groovyToken struct {
	kind    groovyKind
	text    string // of a string: with its escapes put in; an expression in it stays as ${name}
	line    int
	column  int
	endLine int
	inner   []groovyExpr // the expressions in a string
	match   int          // of a bracket: how far away its partner is; of one that is never opened: 0
}

// is says whether a token is this operator or bracket.
func (t groovyToken) is(mark string) bool { return t.kind == groovyMark && t.text == mark }

func (t groovyToken) named(name string) bool { return t.kind == groovyName && t.text == name }

// closedAt is the index of the bracket that closes the one at i, or the end.
func closedAt(tokens []groovyToken, i int) int { return min(i+tokens[i].match, len(tokens)) }

// groovyExpr is an expression in a string.
type groovyExpr struct {
	line, column int // of its $
	tokens       []groovyToken
}

// groovyLexer takes a file apart. It is no parser: what Groovy would refuse for its grammar passes, what can't be told apart is a fault.
type groovyLexer struct {
	src               []byte
	pos, line, column int
	nest              int
	noSlashy          bool // there is no / any more that ends a string
	fault             string
	faultLine         int
}

// newGroovyLexer puts in escapes such as \u0024, as Groovy does before all else. Columns count what came of them.
func newGroovyLexer(data []byte) *groovyLexer {
	data = bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte("\r\n"), []byte("\n"))
	var src []byte
	for i := 0; i < len(data); i++ {
		c := data[i]
		if c != '\\' || i+1 == len(data) {
			src = append(src, c)
			continue
		}
		digits := i + 1
		for digits < len(data) && data[digits] == 'u' {
			digits++
		}
		if digits > i+1 && digits+4 <= len(data) {
			if n, err := strconv.ParseUint(string(data[digits:digits+4]), 16, 16); err == nil {
				src = utf8.AppendRune(src, rune(n))
				i = digits + 3
				continue
			}
		}
		src = append(src, c, data[i+1])
		i++
	}
	l := &groovyLexer{src: bytes.ToValidUTF8(src, []byte("\uFFFD")), line: 1, column: 1}
	if l.has("#!") {
		l.skipLine()
	}
	return l
}

func (l *groovyLexer) has(text string) bool { return bytes.HasPrefix(l.src[l.pos:], []byte(text)) }

func (l *groovyLexer) end() bool { return l.pos >= len(l.src) }

// step goes on by n bytes.
func (l *groovyLexer) step(n int) {
	for ; n > 0 && !l.end(); n-- {
		switch c := l.src[l.pos]; {
		case c == '\n':
			l.line++
			l.column = 1
		case utf8.RuneStart(c):
			l.column++
		}
		l.pos++
	}
}

func (l *groovyLexer) skipLine() {
	for !l.end() && l.src[l.pos] != '\n' {
		l.step(1)
	}
}

func (l *groovyLexer) fail(line int, what string) {
	if l.fault == "" {
		l.fault, l.faultLine = what, line
	}
}

// tokens reads to the end, or to the } that ends the expression of a string.
func (l *groovyLexer) tokens(inString bool) []groovyToken {
	var out []groovyToken
	var open []int
	start := l.line
	for !l.end() && l.fault == "" {
		c := l.src[l.pos]
		switch {
		case c == '\n':
			if len(open) == 0 || out[open[len(open)-1]].text == "{" {
				out = append(out, groovyToken{kind: groovyLine, line: l.line, column: l.column})
			}
			l.step(1)
		case c == ' ', c == '\t', c == '\r', c == '\f':
			l.step(1)
		case l.has("\\\n"):
			l.step(2)
		case l.has("//"):
			l.skipLine()
		case l.has("/*"):
			l.comment()
		case inString && c == '}' && len(open) == 0:
			return out
		default:
			t := l.token(out)
			if t.kind == groovyMark {
				open = link(out, open, &t)
			}
			out = append(out, t)
		}
	}
	if inString {
		l.fail(start, "${ without its }")
	}
	for _, o := range open {
		out[o].match = len(out) - o
	}
	return out
}

// link gives brackets their partners; t comes next in out.
func link(out []groovyToken, open []int, t *groovyToken) []int {
	switch t.text {
	case "(", "[", "{":
		return append(open, len(out))
	case ")", "]", "}":
		if n := len(open); n > 0 && out[open[n-1]].text == map[string]string{")": "(", "]": "[", "}": "{"}[t.text] {
			t.match = open[n-1] - len(out)
			out[open[n-1]].match = -t.match
			return open[:n-1]
		}
	}
	return open
}

func (l *groovyLexer) comment() {
	start := l.line
	n := bytes.Index(l.src[l.pos+2:], []byte("*/"))
	if n < 0 {
		l.fail(start, "a comment without its */")
		return
	}
	l.step(n + 4)
}

// token reads one token that is neither white space nor a comment.
func (l *groovyLexer) token(before []groovyToken) groovyToken {
	t := groovyToken{kind: groovyMark, line: l.line, column: l.column, endLine: l.line}
	c := l.src[l.pos]
	switch {
	case l.has("'''"), l.has(`"""`):
		return l.quoted(t, string(l.src[l.pos:l.pos+3]), 3)
	case c == '\'', c == '"':
		return l.quoted(t, string(c), 1)
	case l.has("$/"):
		return l.quoted(t, "/$", 2)
	case c == '/' && !l.noSlashy && !endsValue(before):
		saved := *l
		if s := l.quoted(t, "/", 1); l.fault == "" {
			return s
		}
		*l = saved
		l.noSlashy = true
	case isGroovyName(c) || c == '$':
		t.kind = groovyName
		t.text = l.word()
		return t
	case c >= '0' && c <= '9':
		t.kind = groovyNumber
		t.text = l.word()
		return t
	}
	t.text = string(c)
	for _, two := range []string{"?.", "*.", "==", "!=", "?:", "->", "&&", "||", "<=", ">=", "=~", "+="} {
		if l.has(two) {
			t.text = two
		}
	}
	if c >= utf8.RuneSelf {
		r, _ := utf8.DecodeRune(l.src[l.pos:])
		t.text = string(r)
	}
	l.step(len(t.text))
	return t
}

// endsValue says that a / divides, because it follows a value.
func endsValue(before []groovyToken) bool {
	if len(before) == 0 {
		return false
	}
	switch t := before[len(before)-1]; t.kind {
	case groovyName:
		return !isShellStep(t.text) && t.text != "return" && t.text != "in" && t.text != "case"
	case groovyNumber, groovyString:
		return true
	case groovyMark:
		return t.text == ")" || t.text == "]" || t.text == "}"
	case groovyLine:
	}
	return false
}

func isGroovyName(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// word reads a name or number.
func (l *groovyLexer) word() string {
	start := l.pos
	for !l.end() && (isGroovyName(l.src[l.pos]) || l.src[l.pos] == '$' || l.src[l.pos] >= '0' && l.src[l.pos] <= '9') {
		l.step(1)
	}
	return string(l.src[start:l.pos])
}
