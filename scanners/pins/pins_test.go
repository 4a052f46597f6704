// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/scanners/config"
)

const (
	one   = "1111111111111111111111111111111111111111"
	two   = "2222222222222222222222222222222222222222"
	three = "3333333333333333333333333333333333333333"
)

func use(value, comment string) config.Use {
	return config.Use{Position: config.Position{File: ".github/workflows/ci.yml", Line: 7, Column: 15}, Value: value, Comment: comment}
}

func TestOf(t *testing.T) {
	for _, c := range []struct{ value, comment, repository, commit, version string }{
		{"acme/lint@" + one, "v1.2.3", "acme/lint", one, "v1.2.3"},
		{"Acme/Lint.x/sub/dir@" + strings.ToUpper("abcdefabcdefabcdefabcdefabcdefabcdefabcd"), "", "Acme/Lint.x", "abcdefabcdefabcdefabcdefabcdefabcdefabcd", ""},
		{"acme/flows/.github/workflows/x.yml@" + one, "tag=v2.0.0-rc.1", "acme/flows", one, "v2.0.0-rc.1"},
		{"acme/lint@" + one, "ratchet:acme/lint@v4", "acme/lint", one, ""},
		{"acme/lint@" + one, "v4", "acme/lint", one, ""},
		{"acme/lint@" + one, "1.2.3 (do not move)", "acme/lint", one, "1.2.3"},
		{value: "acme/lint@v1"}, {value: "acme/lint@" + one[:39]}, {value: "./lint@" + one}, {value: "docker://acme/lint@" + one},
		{value: "acme/..@" + one}, {value: "acme/.@" + one}, {value: "-acme/lint@" + one}, {value: "acme/li nt@" + one}, {value: "acme/lint?x@" + one}, {value: "acme@" + one},
	} {
		got := Of([]config.Use{use(c.value, c.comment)})
		switch {
		case c.repository == "" && len(got) > 0:
			t.Errorf("%s: a pin of %s", c.value, got[0].Repository)
		case c.repository == "":
		case len(got) != 1 || got[0].Repository != c.repository || got[0].Commit != c.commit || got[0].Version != c.version:
			t.Errorf("%s: %+v", c.value, got)
		}
	}
}

func TestG03_Judge(t *testing.T) {
	answers := map[string]Answer{
		"acme/lint": {Own: map[string]bool{one: true, two: true}, Tags: map[string]string{"v1.0.0": one, "v1.0.1": two}},
		"acme/gone": {Err: errors.New("git ls-remote: no such repository")},
	}
	for _, c := range []struct{ name, value, comment, rule string }{
		{"its own", "Acme/Lint@" + one, "v1.0.0", ""},
		{"its own, version without v", "acme/lint@" + one, "1.0.0", ""},
		{"its own, moving tag", "acme/lint@" + one, "v1", ""},
		{"its own, unknown tag", "acme/lint@" + one, "v9.9.9", ""},
		{"a fork's", "acme/lint@" + three, "v1.0.0", RuleImpostor},
		{"lying comment", "acme/lint@" + two, "v1.0.0", RuleComment},
		{"no answer", "acme/gone@" + one, "", RuleUnverified},
		{"not asked", "acme/other@" + one, "", RuleUnverified},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, unverified := Judge(Of([]config.Use{use(c.value, c.comment)}), answers)
			var rules []string
			for _, f := range found {
				rules = append(rules, f.Rule)
				if f.Path == "" || f.Line != 7 || f.Message == "" || f.Fix == "" || f.Fingerprint == "" || len(Rules(found)) != 1 {
					t.Errorf("incomplete: %+v", f)
				}
			}
			want := []string{c.rule}
			if c.rule == "" {
				want = nil
			}
			if !slices.Equal(rules, want) || (unverified > 0) != (c.rule == RuleUnverified) {
				t.Errorf("%q, %d unverified, expected %q", rules, unverified, want)
			}
		})
	}
}
