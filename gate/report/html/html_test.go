// SPDX-License-Identifier: Apache-2.0

package html_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/sealock-dev/sealock/gate"
	page "github.com/sealock-dev/sealock/gate/report/html"
)

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
