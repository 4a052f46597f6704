// SPDX-License-Identifier: Apache-2.0

package inert

import "testing"

// O-04, O-13: what steers a terminal, a log or a reader's eye becomes visible; everything else stays as it is.
func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"plain ünï 漢字 ☃":             "plain ünï 漢字 ☃",
		"a\x1b[31mb\nc\td\x00":       `a\u{1b}[31mb\u{a}c\u{9}d\u{0}`,
		"a\u202eb\u200bc\u00a0d":     `a\u{202e}b\u{200b}c\u{a0}d`,
		"\xff\ufffd":                 `\xff\u{fffd}`,
		"alice\u3164\u115f\uffa0":    `alice\u{3164}\u{115f}\u{ffa0}`, // letters that show nothing
		"bob\u2800\ufe00\u034f":      `bob\u{2800}\u{fe00}\u{34f}`,
		"x ##[add-mask]y ## [z] #[":  `x #\u{23}[add-mask]y ## [z] #[`,
		"\n##[group]":                `\u{a}#\u{23}[group]`,
		"::error::x":                 `:\u{3a}error::x`,
		"  ::error file=a,line=1::x": `  :\u{3a}error file=a,line=1::x`,
		"::1":                        "::1",
		"a ::error::x":               "a ::error::x", // a command only at the begin of a line
		"":                           "",
	} {
		if got := Text(in); got != want {
			t.Errorf("%q: found %q", in, got)
		}
		if got := Text(Text(in)); got != Text(in) {
			t.Errorf("%q: twice gives %q", in, got)
		}
	}
}
