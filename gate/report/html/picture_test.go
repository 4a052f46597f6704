// SPDX-License-Identifier: Apache-2.0

package html

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// Whatever the graph, cycles included: boxes lie inside the picture and beside each other, and arrows lead onward where they can.
func TestPicturesOfAnyGraph(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		nodes := make([]node, 1+random.IntN(maxDrawn))
		for i := range nodes {
			nodes[i] = node{Title: fmt.Sprint(i), Lines: make([]string, random.IntN(6))}
		}
		var links []link
		for range random.IntN(80) {
			if a, b := random.IntN(len(nodes)), random.IntN(len(nodes)); a != b {
				links = append(links, link{From: a, To: b})
			}
		}
		pictures := draw(nodes, links)
		if len(pictures) != 2 {
			t.Fatalf("%d pictures of %d nodes", len(pictures), len(nodes))
		}
		for _, p := range pictures {
			if len(p.Boxes) != len(nodes) || len(p.Arrows) != len(links) {
				t.Fatalf("%d boxes and %d arrows of %d nodes and %d links", len(p.Boxes), len(p.Arrows), len(nodes), len(links))
			}
			for i, a := range p.Boxes {
				if a.X < 0 || a.Y < 0 || a.X+a.W > p.Width || a.Y+a.H > p.Height {
					t.Fatalf("%s: box %d %+v is outside %d x %d", p.Class, i, a, p.Width, p.Height)
				}
				for _, b := range p.Boxes[:i] {
					if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
						t.Fatalf("%s: boxes overlap: %+v %+v", p.Class, a, b)
					}
				}
			}
		}
	}
	if draw(make([]node, maxDrawn+1), nil) != nil || draw(nil, nil) != nil {
		t.Error("a picture of nothing, or of more than can be read")
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		links []link
		want  string
	}{
		{nil, "[0 0 0 0]"},
		{[]link{{From: 0, To: 1}, {From: 1, To: 2}, {From: 0, To: 2}, {From: 2, To: 3}}, "[0 1 2 3]"},
		{[]link{{From: 3, To: 2}, {From: 2, To: 1}, {From: 1, To: 0}}, "[3 2 1 0]"},
		{[]link{{From: 0, To: 1}, {From: 1, To: 0}, {From: 1, To: 2}, {From: 3, To: 2}}, "[0 1 2 0]"},
	} {
		if got := fmt.Sprint(layers(4, c.links)); got != c.want {
			t.Errorf("%v: layers %s, expected %s", c.links, got, c.want)
		}
	}
}

func TestTextFitsItsBox(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "build", strings.Repeat("W", 600), strings.Repeat("i", 600), strings.Repeat("語", 100), "VULNERABILITY_EXPLOITED"} {
		got := fit(s, 150)
		if drawn(got) > 150 {
			t.Errorf("%.30q is cut to %q, which is %d wide", s, got, drawn(got))
		}
		if drawn(s) <= 150 && got != s {
			t.Errorf("%q was cut to %q, though it fits", s, got)
		}
	}
}

func TestSeverityOfOtherSources(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ scores, want string }{
		{"", "unknown"}, {"unknown", "unknown"}, {"unknown,low", "low"}, {"9.8", "critical"}, {"7.0", "high"}, {"6.9", "medium"}, {"0.1", "low"}, {"0", "unknown"}, {"High,4.1", "high"}, {"x", "unknown"},
	} {
		var r predicate.VulnResult
		for s := range strings.SplitSeq(c.scores, ",") {
			r.Severity = append(r.Severity, predicate.Severity{Score: s})
		}
		if got := severityOf(r); got != c.want {
			t.Errorf("%q: %s, expected %s", c.scores, got, c.want)
		}
	}
}

func TestPackageURLsArePutTogetherAgain(t *testing.T) {
	t.Parallel()
	for _, row := range [][]string{
		{"lodash", "4.17.21", "", "", "", "pkg:npm/lodash@4.17.21"}, {"a", "", "", "", "", "pkg:golang/example.com/a"}, {"a", "1", "", "", "", "pkg:npm/a/a@1@1?x=/a@1"},
		{"", "", "", "", "", "pkg:npm/x"}, {"x", "1", "", "", "", "not a purl"}, {"b", "2", "", "", "", `pkg:npm/\u{1}\u{2}/b@2`},
	} {
		g := &grid{Columns: make([]column, len(row))}
		want := plain(row[pkgPURL])
		g.add(row...)
		g.pattern(pkgPURL, purlPattern(g.cell(pkgPURL), g.cell(pkgName), g.cell(pkgVersion)))
		if got := expand(g.rows[0], pkgPURL); got != want {
			t.Errorf("%q became %q", want, got)
		}
	}
}

func TestShellWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"oci-layout:out/shop": "oci-layout:out/shop", "a b": "'a b'", "$(id)": "'$(id)'", "it's": `'it'\''s'`, "": "''", "a\nb": "'a\nb'", "-x": "-x"} {
		if got := word(in); got != want {
			t.Errorf("%q is quoted as %s, expected %s", in, got, want)
		}
	}
}
