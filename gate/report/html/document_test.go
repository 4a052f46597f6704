// SPDX-License-Identifier: Apache-2.0

package html_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
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
		switch {
		case n.DataAtom == atom.Style:
			styles++
		case n.DataAtom == atom.Script && attribute(n, "type") == "application/json":
			d.data(n)
		case n.DataAtom == atom.Script:
			scripts++
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
