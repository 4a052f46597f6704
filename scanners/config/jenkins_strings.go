// SPDX-License-Identifier: Apache-2.0

package config

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoted reads a string that end ends and that begins with n bytes.
func (l *groovyLexer) quoted(t groovyToken, end string, n int) groovyToken {
	t.kind = groovyString
	l.step(n)
	expressions, lines := end[0] != '\'', len(end) > 1 || end == "/"
	var b strings.Builder
	for l.fault == "" {
		switch {
		case l.end(), !lines && l.src[l.pos] == '\n':
			l.fail(t.line, "a string without its "+end)
		case l.has(end):
			l.step(len(end))
			t.text, t.endLine = b.String(), l.line
			return t
		case end == "/" && l.has(`\/`), end == "/$" && (l.has("$$") || l.has("$/")):
			b.WriteByte(l.src[l.pos+1])
			l.step(2)
		case end[0] != '/' && l.src[l.pos] == '\\':
			l.escape(&b)
		case expressions && l.src[l.pos] == '$':
			l.expression(&t, &b)
		default:
			b.WriteByte(l.src[l.pos])
			l.step(1)
		}
	}
	return t
}

// escape puts in what stands after a backslash.
func (l *groovyLexer) escape(b *strings.Builder) {
	l.step(1)
	if l.end() {
		return
	}
	c := l.src[l.pos]
	if n := strings.IndexByte("ntrbfs", c); n >= 0 {
		c = "\n\t\r\b\f "[n]
	} else if c == '\n' {
		l.step(1)
		return
	}
	b.WriteByte(c)
	l.step(1)
}

// expression reads ${…} or $name.name in a string.
func (l *groovyLexer) expression(t *groovyToken, b *strings.Builder) {
	e := groovyExpr{line: l.line, column: l.column}
	start, text := l.pos+1, ""
	switch {
	case l.has("${"):
		start++
		l.step(2)
		if l.nest++; l.nest > maxGroovyNest {
			l.fail(e.line, "strings in strings, deeper than "+strconv.Itoa(maxGroovyNest))
			return
		}
		e.tokens = l.tokens(true)
		l.nest--
		text = strings.TrimSpace(string(l.src[start:l.pos]))
		l.step(1)
	case start < len(l.src) && isGroovyName(l.src[start]):
		l.step(1)
		e.tokens = l.dotted()
		text = string(l.src[start:l.pos])
	default:
		b.WriteByte('$')
		l.step(1)
		return
	}
	t.inner = append(t.inner, e)
	if strings.ContainsFunc(text, func(r rune) bool { return r != '.' && r != '?' && (r >= utf8.RuneSelf || !isGroovyName(byte(r))) }) {
		b.WriteString("${expression}")
		return
	}
	b.WriteString("${" + text + "}")
}

// dotted reads name.name as it stands in a string without braces.
func (l *groovyLexer) dotted() []groovyToken {
	var out []groovyToken
	for {
		t := groovyToken{kind: groovyName, line: l.line, column: l.column, endLine: l.line}
		start := l.pos
		for !l.end() && (isGroovyName(l.src[l.pos]) || l.src[l.pos] >= '0' && l.src[l.pos] <= '9') {
			l.step(1)
		}
		t.text = string(l.src[start:l.pos])
		out = append(out, t)
		if l.end() || l.src[l.pos] != '.' || l.pos+1 >= len(l.src) || !isGroovyName(l.src[l.pos+1]) {
			return out
		}
		out = append(out, groovyToken{kind: groovyMark, text: ".", line: l.line, column: l.column})
		l.step(1)
	}
}
