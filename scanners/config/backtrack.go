// SPDX-License-Identifier: Apache-2.0

package config

import (
	"regexp"
	"strings"
	"sync"
)

// templateAt is how Go's templates name a place.
var templateAt = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([\w./@+-]+/templates/[\w./@+-]+):(\d+)`) })

// lineKey is the key of a line of YAML.
var lineKey = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*(?:- +)*["']?([\w./-]+)["']?:(?:\s|$)`) })

// backtrack finds the lines of a template that rendered lines come from, by their text.
type backtrack struct {
	rendered []string
	template []string
	exact    map[string][]int // lines of the template by their text
	keys     map[string][]int // and by their key
}

func newBacktrack(rendered, template []byte) *backtrack {
	b := &backtrack{rendered: strings.Split(string(rendered), "\n"), exact: map[string][]int{}, keys: map[string][]int{}}
	if len(template) == 0 {
		return b
	}
	b.template = strings.Split(string(template), "\n")
	for n, line := range b.template {
		text := strings.TrimSpace(line)
		b.exact[text] = append(b.exact[text], n+1)
		if m := lineKey().FindStringSubmatch(line); m != nil {
			b.keys[m[1]] = append(b.keys[m[1]], n+1)
		}
	}
	return b
}

// line is the line of the template for a rendered one, or otherwise.
func (b *backtrack) line(n, otherwise int) int {
	if n < 1 || n > len(b.rendered) {
		return otherwise
	}
	text := strings.TrimSpace(b.rendered[n-1])
	if text == "" {
		return otherwise
	}
	if at := b.exact[text]; len(at) > 0 {
		return at[min(b.before(n, func(s string) bool { return strings.TrimSpace(s) == text }), len(at)-1)]
	}
	if key := keyOf(text); len(b.keys[key]) > 0 {
		at := b.keys[key]
		return at[min(b.before(n, func(s string) bool { return keyOf(s) == key }), len(at)-1)]
	}
	return otherwise
}

// before counts the rendered lines before line n that are alike.
func (b *backtrack) before(n int, alike func(string) bool) int {
	count := 0
	for _, s := range b.rendered[:n-1] {
		if alike(s) {
			count++
		}
	}
	return count
}

func keyOf(line string) string {
	if m := lineKey().FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return ""
}

// rendered is the locator of an object that a template gave.
type rendered struct {
	doc  locator
	back *backtrack
}

// position goes up the path until a line of the template fits; the last resort is the line of the kind.
func (r rendered) position(path []any) Position {
	for n := len(path); n > 0; n-- {
		if line := r.back.line(r.doc.position(path[:n]).Line, 0); line > 0 {
			return r.at(line)
		}
	}
	return r.at(r.back.line(r.doc.position([]any{"kind"}).Line, 1))
}

func (r rendered) at(line int) Position {
	column := 1
	if line <= len(r.back.template) {
		text := r.back.template[line-1]
		column += len(text) - len(strings.TrimLeft(text, " \t"))
	}
	return Position{Line: line, Column: column, EndLine: line}
}
