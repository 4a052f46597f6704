// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// P-19, V-48: what a pattern matches, and what it does not.
func TestP19_SubjectPatterns(t *testing.T) {
	const workflow = "https://github.com/acme/*/.github/workflows/build.yml@refs/heads/main"
	for _, c := range []struct {
		pattern, subject string
		want             bool
	}{
		{workflow, "https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main", true},
		{workflow, "https://github.com/acme/shop.cart_2-x/.github/workflows/build.yml@refs/heads/main", true},
		{workflow, "https://github.com/acme//.github/workflows/build.yml@refs/heads/main", false},
		{workflow, "https://github.com/acme/a/b/.github/workflows/build.yml@refs/heads/main", false},
		{workflow, "https://github.com/acme/shop/.github/workflows/buildXyml@refs/heads/main", false},
		{workflow, "https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main2", false},
		{workflow, "https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main\n", false},
		{workflow, " https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main", false},
		{workflow, "https://github.com/evil/x?https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main", false},
		{workflow, "https://github.com/acme/x@y/.github/workflows/build.yml@refs/heads/main", false},
		{workflow, "https://github.com/acme/%2e%2e/.github/workflows/build.yml@refs/heads/main", false},
		{workflow, "https://github.com/acme/sh\xffop/.github/workflows/build.yml@refs/heads/main", false},
		{workflow, "https://github.com/acme/sh\u202eop/.github/workflows/build.yml@refs/heads/main", false},
		{workflow, "https://GitHub.com/acme/shop/.github/workflows/build.yml@refs/heads/main", false},
		{"https://github.com/acme/shop/.github/workflows/*@refs/heads/main", "https://github.com/acme/shop/.github/workflows/build@v1.yml@refs/heads/main", false},
		{"https://github.com/acme/shop/.github/workflows/build.yml@refs/tags/v*", "https://github.com/acme/shop/.github/workflows/build.yml@refs/tags/v1.2.3", true},
		{"https://github.com/acme/shop/.github/workflows/build.yml@refs/tags/v*", "https://github.com/acme/shop/.github/workflows/build.yml@refs/tags/v", false},
		{"https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/*", "https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/a/b", false},
		{"*@acme.io", "alice@acme.io", true},
		{"*@acme.io", "alice@acme.io.example.com", false},
		{"*@acme.io", "alice@evil.com@acme.io", false},
		{"spiffe://acme.io/ns/*/sa/build", "spiffe://acme.io/ns/ci/sa/build", true},
	} {
		p, err := parsePattern(c.pattern)
		if err != nil {
			t.Fatalf("%s: %v", c.pattern, err)
		}
		if p.matches(c.subject) != c.want {
			t.Errorf("%s matches %q: %v, expected %v", c.pattern, c.subject, !c.want, c.want)
		}
		if overlaps(c.pattern, c.subject) != c.want && !strings.ContainsAny(c.subject, "\xff\n ") { //nolint:staticcheck // invalid UTF-8 is what is looked for
			t.Errorf("%s overlaps %q: %v, expected %v", c.pattern, c.subject, !c.want, c.want)
		}
	}
}

// V-44: patterns that match everything, or strangers, are no patterns.
func TestV44_PatternsThatAreRefused(t *testing.T) {
	for _, text := range []string{"*", "**", ".*", "https://*", "https://*/acme/x", "https://*.github.com/acme/x", "https://github.com/*", "https://github.com/*/shop/.github/workflows/build.yml@refs/heads/main",
		"https://github.com/acme*/shop/x", "https://github.com/acme-*", "*://github.com/acme/x", "*@*", "alice@*", "*@*.io", "*@", "h*", "https://github.com/acme/**", "https://github.com/acme/shop",
		"^https://github.com/acme/.+$", "https://github.com/acme/[^/]*", "https://github.com/acme/(a|b)/*", `https://github\.com/acme/*`, "https://github.com//x*", "spiffe://*/ns/x"} {
		if p, err := parsePattern(text); err == nil {
			t.Errorf("%q was taken, as %s", text, p.re)
		}
	}
}

// Two patterns overlap if, and only if, some subject matches both: held against random subjects.
func TestPatternsThatOverlap(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"https://github.com/acme/shop/*@x", "https://github.com/acme/*/build@x", true},
		{"https://github.com/acme/shop/b*@x", "https://github.com/acme/*/*d@x", true},
		{"https://github.com/acme/shop/b*@x", "https://github.com/acme/*/c*@x", false},
		{"https://github.com/acme/shop/*@x", "https://github.com/acme/shop/*@y", false},
		{"https://github.com/acme/shop/*", "https://github.com/acme/shop/a/*", false},
		{"*@acme.io", "a*@acme.io", true},
	} {
		if overlaps(c.a, c.b) != c.want || overlaps(c.b, c.a) != c.want {
			t.Errorf("%s and %s overlap: expected %v", c.a, c.b, c.want)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	word := func(letters string) string {
		b := make([]byte, 1+r.IntN(5))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	stars := regexp.MustCompile(`\*+`)
	n := 5000
	if testing.Short() {
		n = 500
	}
	for range n {
		a, b, s := stars.ReplaceAllString("https://h/o/*"+word("ab/*"), "*"), stars.ReplaceAllString("https://h/o/*"+word("ab/*"), "*"), "https://h/o/"+word("ab/")+word("ab/")
		p, err1 := parsePattern(a)
		q, err2 := parsePattern(b)
		if err1 != nil || err2 != nil {
			t.Fatal(a, b, err1, err2)
		}
		if p.matches(s) && q.matches(s) && !overlaps(a, b) {
			t.Fatalf("%s matches %s and %s, which are said not to overlap", s, a, b)
		}
		if p.matches(s) != overlaps(a, s) {
			t.Fatalf("%s and %s: matching says %v, overlapping %v", a, s, p.matches(s), overlaps(a, s))
		}
	}
}
