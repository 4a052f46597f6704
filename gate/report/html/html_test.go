// SPDX-License-Identifier: Apache-2.0

package html_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/sealock-dev/sealock/gate"
	page "github.com/sealock-dev/sealock/gate/report/html"
)

// document is a page as a browser parses it.
type document struct {
	t    *testing.T
	root *html.Node
}

func parse(t *testing.T, raw []byte) document {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return document{t, root}
}

func (d document) each(visit func(*html.Node)) {
	for n := range d.root.Descendants() {
		visit(n)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func content(n *html.Node) string {
	var b strings.Builder
	for x := range n.Descendants() {
		if x.Type == html.TextNode && x.Parent.DataAtom != atom.Script && x.Parent.DataAtom != atom.Style {
			b.WriteString(x.Data)
		}
	}
	return b.String()
}

// visible is the text of the whole page.
func (d document) visible() string { return content(d.root) }

// elements that a page may have.
var elements = strings.Fields("html head meta title style body a header p h1 h2 h3 h4 nav ul ol li main footer code script article section dl div dt dd span details summary table caption thead tbody tr th td figure figcaption svg path g rect text label input select option button pre br strong")

// inert fails the test if anything of the page could run, load, or lead anywhere but to the web.
func (d document) inert() {
	d.t.Helper()
	var scripts, styles int
	d.each(func(n *html.Node) {
		if n.Type == html.CommentNode {
			d.t.Errorf("a comment: %.80q", n.Data)
		}
		if n.Type == html.TextNode && n.Parent.DataAtom != atom.Script && n.Parent.DataAtom != atom.Style {
			hidden(d.t, n.Data)
		}
		if n.Type != html.ElementNode {
			return
		}
		if !slices.Contains(elements, n.Data) {
			d.t.Errorf("element %q", n.Data)
		}
		switch n.DataAtom {
		case atom.Style:
			styles++
		case atom.Script:
			if attribute(n, "type") == "application/json" {
				d.data(n)
			} else {
				scripts++
			}
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcdoc", a.Key == "action", a.Key == "formaction":
				d.t.Errorf("attribute %s=%.80q", a.Key, a.Val)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "http://"):
				d.t.Errorf("a link to %.80q", a.Val)
			case a.Key == "http-equiv" && a.Val != "Content-Security-Policy":
				d.t.Errorf("http-equiv %q", a.Val)
			}
			hidden(d.t, a.Val)
		}
	})
	if scripts != 1 || styles != 1 {
		d.t.Errorf("%d scripts and %d style sheets, expected one of each", scripts, styles)
	}
}

// hidden fails the test on characters that don't show, or turn others round.
func hidden(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029') {
			t.Errorf("%U in %.60q", r, s)
			return
		}
	}
}

// list is the data of a list.
type list struct {
	Columns []struct {
		Kind string `json:"kind"`
		Link int    `json:"link"`
	} `json:"columns"`
	Rows  int      `json:"rows"`
	Texts []string `json:"texts"`
	Cells [][]int  `json:"cells"`
}

func (d document) data(n *html.Node) list {
	d.t.Helper()
	var l list
	if n.FirstChild == nil || json.Unmarshal([]byte(n.FirstChild.Data), &l) != nil {
		d.t.Fatalf("the data %s is no JSON", attribute(n, "id"))
	}
	for _, s := range l.Texts {
		hidden(d.t, strings.Map(func(r rune) rune { // references to other cells
			if r >= 1 && r <= 8 {
				return 'x'
			}
			return r
		}, s))
	}
	for i, c := range l.Columns {
		if c.Link < 0 {
			continue
		}
		for _, text := range l.Cells[c.Link] {
			if s := l.Texts[text]; s != "" && !strings.HasPrefix(s, "https://") {
				d.t.Errorf("column %d leads to %q", i, s)
			}
		}
	}
	return l
}

func (d document) list(id string) list {
	d.t.Helper()
	var found *html.Node
	d.each(func(n *html.Node) {
		if attribute(n, "id") == id+"-data" {
			found = n
		}
	})
	if found == nil {
		d.t.Fatalf("no list %s", id)
	}
	return d.data(found)
}

func TestPageSaysWhatWasDecided(t *testing.T) {
	t.Parallel()
	d := parse(t, render(t, sample(t)))
	d.inert()
	text := d.visible()
	for _, want := range []string{"shop: refused", "What to do next", "sealock run test", `sealock approve registry.example.com/shop@sha256:1 --env prod --reason "…"`, "CVE-2026-0002 in example.com/module-1 is known to be exploited",
		"No receipt of a required stage is in the chain", "expected", "2 distinct people of alice, bob", "by source-job", "waived by alice until 2026-12-22: not reachable", "VEX by auditor says not_affected",
		"VEX: not affected", "known to be exploited", "2.0.0", "pkg:deb/debian/module-1@v1.1.1?arch=amd64&distro=debian-12", "shop/ledger", "not declared", "declared, but not possible",
		"4 workloads, 6 flows that may be opened: 1 not declared, 1 declared that can't be.", "shop, version 3", "sealock audit replay sha256:", "sealock verify registry.example.com/shop@sha256:1 --env prod --policy ./policy", "transparency log", "promotion"} {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if !strings.Contains(string(render(t, page.Case{Decision: decision(gate.Allowed)})), "sealock promote") {
		t.Error("an allowed artifact's page does not say how to promote it")
	}
}

func TestEveryVerdict(t *testing.T) {
	t.Parallel()
	for _, v := range []gate.Verdict{gate.Allowed, gate.Refused, gate.Undecided} {
		got := parse(t, render(t, page.Case{Decision: decision(v)})).visible()
		for _, other := range []gate.Verdict{gate.Allowed, gate.Refused, gate.Undecided} {
			if has := strings.Contains(got, "shop: "+other.String()); has != (other == v) {
				t.Errorf("the page of %s says %s: %v", v, other, has)
			}
		}
	}
	if got := parse(t, render(t)).visible(); !strings.Contains(got, "nothing is allowed") {
		t.Error("a page without a decision does not say so")
	}
	two := parse(t, render(t, page.Case{Decision: decision(gate.Allowed)}, page.Case{Decision: decision(gate.Undecided)}))
	two.inert()
	ids := map[string]bool{}
	two.each(func(n *html.Node) {
		if id := attribute(n, "id"); id != "" && ids[id] {
			t.Errorf("two elements have the id %q", id)
		} else {
			ids[id] = true
		}
	})
	if !strings.Contains(two.visible(), "undecided 2 decisions") {
		t.Error("of two decisions the worse is not the headline")
	}
}

// A page is only as safe as its policy: the hashes must be those of what a browser sees.
func TestO07_PolicyAllowsThisScriptAndStyleOnly(t *testing.T) {
	t.Parallel()
	d := parse(t, render(t, sample(t)))
	var csp string
	want := map[atom.Atom]string{}
	d.each(func(n *html.Node) {
		switch {
		case attribute(n, "http-equiv") != "":
			csp = attribute(n, "content")
		case n.DataAtom == atom.Style, n.DataAtom == atom.Script && attribute(n, "type") == "":
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			want[n.DataAtom] = "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		}
	})
	for _, part := range []string{"default-src 'none'", "style-src " + want[atom.Style], "script-src " + want[atom.Script], "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("the policy %q lacks %q", csp, part)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Errorf("the policy %q", csp)
	}
}

func TestO07_HostileTextIsText(t *testing.T) {
	t.Parallel()
	for i, text := range attacks {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			d := parse(t, render(t, hostile(t, text)))
			d.inert()
			if plain := strings.TrimSpace(text); strings.HasPrefix(plain, "<") && strings.Count(d.visible(), plain) < 20 {
				t.Errorf("%q is there %d times: the fixture no longer reaches all fields", plain, strings.Count(d.visible(), plain))
			}
		})
	}
}

func TestO13_HiddenCharactersAreShown(t *testing.T) {
	t.Parallel()
	text := parse(t, render(t, hostile(t, "a\u202eb\u200bc"))).visible()
	if !strings.Contains(text, `a\u{202e}b\u{200b}c`) {
		t.Error("characters that turn or hide others are not written out")
	}
}

func TestOnlyInputsAreShown(t *testing.T) {
	t.Parallel()
	c := sample(t)
	other := sample(t) // another key: other statements
	c.Evidence = append(c.Evidence, other.Evidence...)
	c.Decision.Inputs = slices.DeleteFunc(slices.Clone(c.Decision.Inputs), func(in gate.Input) bool { return strings.Contains(in.PredicateType, "cyclonedx") })
	text := parse(t, render(t, c)).visible()
	if !strings.Contains(text, "No evidence that counted has a bill of materials.") {
		t.Error("a bill of materials that is no input is shown")
	}
	c = sample(t)
	c.Evidence = c.Evidence[1:]
	if text := parse(t, render(t, c)).visible(); !strings.Contains(text, "1 statement of the inputs below can't be shown") {
		t.Error("it is not said that evidence is missing")
	}
	c.Evidence, c.Missing = nil, "The evidence is not at hand: no store"
	if text := parse(t, render(t, c)).visible(); !strings.Contains(text, "not at hand: no store") || !strings.Contains(text, "Not shown: the evidence is not at hand.") {
		t.Error("it is not said that there is no evidence")
	}
}

func TestSameCaseSameBytes(t *testing.T) {
	t.Parallel()
	c := sample(t)
	first := render(t, c)
	for range 5 {
		slices.Reverse(c.Evidence)
		if !bytes.Equal(first, render(t, c)) {
			t.Fatal("two pages of one case differ")
		}
	}
}

func TestListsAreWhole(t *testing.T) {
	t.Parallel()
	d := parse(t, render(t, large(t, 3200)))
	if l := d.list("d1-packages"); l.Rows != 3200 || len(l.Cells[0]) != 3200 {
		t.Errorf("%d packages, expected 3200", l.Rows)
	}
	if l := d.list("d1-vulnerabilities"); l.Rows != 160 {
		t.Errorf("%d vulnerabilities, expected 160", l.Rows)
	}
	if !strings.Contains(d.visible(), "The first 50 of 3200 packages") {
		t.Error("it is not said how many packages there are")
	}
}

func TestSizeOf100000Packages(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short: it takes seconds")
	}
	raw := render(t, large(t, 100_000))
	if len(raw) > 15_000_000 {
		t.Errorf("a page of 100,000 packages has %d bytes, expected at most 15,000,000", len(raw))
	}
	t.Logf("%d bytes", len(raw))
}

// TestPages writes pages for the tests in a browser, which are a module of their own (testdata/browser).
func TestPages(t *testing.T) {
	dir := os.Getenv("SEALOCK_PAGES")
	if dir == "" {
		t.Skip("SEALOCK_PAGES names no folder to write pages to")
	}
	stored := sample(t)
	stored.Source, stored.Evidence, stored.Missing = "decision.json", nil, "The evidence is not at hand: there is no store."
	hostiles := make([]page.Case, len(attacks))
	for i, text := range attacks {
		hostiles[i] = hostile(t, text)
	}
	for name, cases := range map[string][]page.Case{"refused": {sample(t)}, "stored": {stored}, "several": {large(t, 10), sample(t)}, "hostile": hostiles, "large": {large(t, 100_000)}} {
		if err := os.WriteFile(filepath.Join(dir, name+".html"), render(t, cases...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	c := large(b, 100_000)
	for b.Loop() {
		render(b, c)
	}
}
