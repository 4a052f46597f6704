// SPDX-License-Identifier: Apache-2.0

// Package inert makes text from outside safe to show: on a terminal, in a log, on a page. What it gives back looks like what it is. Escaping for
// the syntax of a sink (HTML, Markdown, a CI service's commands) is the renderer's work and comes on top.
package inert

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes foreign text safe to show: control characters, and those that change direction or show nothing, are written \u{…}.
// Line breaks are such characters too: no text from outside can start a line of its own.
// What a CI service would take for a command is made visible too.
func Text(s string) string {
	clean := true
	for _, r := range s {
		if !printable(r) {
			clean = false
			break
		}
	}
	if clean && utf8.ValidString(s) {
		return withoutCommands(s)
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, "\\x%02x", s[i])
		case printable(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "\\u{%x}", r)
		}
	}
	return withoutCommands(b.String())
}

// withoutCommands leaves nothing that GitHub's runner takes for a command: ##[name]text wherever it stands in a line of a log, ::name key=value::text at its begin
// (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs).
func withoutCommands(s string) string {
	if i := strings.Index(s, "::"); i >= 0 && strings.TrimLeft(s[:i], " ") == "" && strings.Contains(s[i+2:], "::") {
		s = s[:i] + `:\u{3a}` + s[i+2:]
	}
	return strings.ReplaceAll(s, "##[", `#\u{23}[`)
}

// brailleBlank is a symbol that shows nothing.
const brailleBlank = '\u2800'

func printable(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r < 0x7f
	}
	return r != utf8.RuneError && r != brailleBlank && unicode.IsGraphic(r) && !unicode.In(r, unicode.Zs, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
