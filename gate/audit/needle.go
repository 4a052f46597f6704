// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
)

// needle is what WhoHas looks for. It would rather find too much than too little: letters of either case are the same.
type needle struct {
	text   string
	first  []byte // what the text of a statement holds, in lower case, if it holds the needle
	purl   string // normalised, "" if it is none
	exact  bool   // the purl has a version
	quals  bool   // the purl has qualifiers or a subpath
	digest attest.Digest
}

// parseNeedle reads a package URL, the id of a vulnerability, or a digest.
func parseNeedle(s string) (needle, error) {
	n := needle{text: s}
	if d, err := attest.ParseDigest(s); err == nil {
		n.digest, n.first = d, []byte(d.Hex)
		return n, nil
	}
	if len(s) >= 4 && strings.EqualFold(s[:4], "pkg:") {
		body, _, _ := strings.Cut(s, "?")
		body, _, _ = strings.Cut(body, "#")
		if strings.Count(body, "/") == 0 || strings.HasSuffix(body, "/") {
			return n, fmt.Errorf("package URL %q: expected pkg:TYPE/NAME or pkg:TYPE/NAME@VERSION", s)
		}
		n.purl, n.quals = normalPURL(s), body != s
		name, version := splitVersion(strip(n.purl))
		n.exact = version != ""
		n.first = longestWord(name[strings.LastIndexByte(name, '/')+1:])
		return n, nil
	}
	if !isID(s) {
		return n, fmt.Errorf("%q: expected a package URL (pkg:…), the id of a vulnerability (CVE-…, GHSA-…), or a digest (sha256:…)", s)
	}
	n.first = []byte(strings.ToLower(s))
	return n, nil
}

// isID reports whether s looks like the id of a vulnerability: letters, then a dash, then a digit or letter somewhere.
func isID(s string) bool {
	prefix, rest, ok := strings.Cut(s, "-")
	return ok && prefix != "" && rest != "" && len(s) <= 100 && !strings.ContainsAny(s, " /:\\\"'")
}

// longestWord is the longest run of letters and digits: those are never escaped or respelled.
func longestWord(s string) []byte {
	best := ""
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		if len(w) > len(best) {
			best = w
		}
	}
	return []byte(best)
}

// normalPURL is the canonical form in lower case; Python's names are the same with dashes and underscores.
func normalPURL(s string) string {
	s = strings.ToLower(rules.CanonicalPURL(s))
	if strings.HasPrefix(s, "pkg:pypi/") {
		s = strings.ReplaceAll(s, "_", "-")
	}
	return strings.ReplaceAll(s, "%40", "@")
}

// strip leaves qualifiers and subpath out.
func strip(purl string) string {
	if i := strings.IndexAny(purl, "?#"); i >= 0 {
		return purl[:i]
	}
	return purl
}

// splitVersion parts a purl without qualifiers from its version: the last @ that does not begin a name, as that of an npm scope does.
func splitVersion(purl string) (name, version string) {
	i := strings.LastIndexByte(purl, '@')
	if i < 0 || purl[i-1] == '/' {
		return purl, ""
	}
	return purl[:i], purl[i+1:]
}

// matches reports whether a package URL is the one that is looked for.
func (n needle) matches(purl string) bool {
	got := normalPURL(purl)
	if n.quals {
		return got == n.purl
	}
	got = strip(got)
	if n.exact {
		return got == n.purl
	}
	name, _ := splitVersion(got)
	return name == n.purl
}

// Match is one place where it was found.
type Match struct {
	What      string `json:"what"`              // the package, or the vulnerability's id
	Package   string `json:"package,omitempty"` // that has the vulnerability
	Type      string `json:"type"`              // of the statement
	Statement string `json:"statement"`
}

// maxMatches bounds what is told of one statement.
const maxMatches = 100

// in looks through a statement.
func (n needle) in(id string, st attest.Statement, payload []byte) ([]Match, error) {
	if !bytes.Contains(bytes.ToLower(payload), n.first) {
		return nil, nil
	}
	var out []Match
	add := func(what, pkg string) {
		m := Match{what, pkg, st.PredicateType, id}
		if len(out) < maxMatches && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	if !n.digest.IsZero() {
		add(n.text, "")
		return out, nil
	}
	doc, err := attest.DecodeAny(st.Predicate)
	if err != nil {
		return nil, fmt.Errorf("reading statement %s: %w", id, err)
	}
	if n.purl != "" {
		walk(doc, func(o map[string]any) {
			for _, v := range o {
				if s, ok := v.(string); ok && len(s) > 4 && strings.EqualFold(s[:4], "pkg:") && n.matches(s) {
					add(s, "")
				}
			}
		})
		return out, nil
	}
	if scans[st.PredicateType] {
		walk(doc, func(o map[string]any) { n.vulnerability(o, add) })
	}
	return out, nil
}

// scans are the statements that say which vulnerabilities an artifact has. VEX documents name many that it has not.
var scans = map[string]bool{predicate.TypeVulns: true, predicate.TypeVulnsV01: true, predicate.TypeCosignVuln: true}

// vulnerability looks at one object of a scan: the tools write ids and aliases in one object, or the aliases in annotations below it.
func (n needle) vulnerability(o map[string]any, add func(what, pkg string)) {
	var id, pkg string
	found := false
	for _, key := range []string{"id", "VulnerabilityID", "vulnerability"} {
		if s, ok := o[key].(string); ok && id == "" {
			id = s
		}
	}
	if id == "" {
		return
	}
	walk(map[string]any{"": o["annotations"], "aliases": o["aliases"], "VendorIDs": o["VendorIDs"]}, func(a map[string]any) {
		for _, key := range []string{"purl", "PkgName", "name"} {
			if s, ok := a[key].(string); ok && pkg == "" {
				pkg = s
			}
		}
		for _, key := range []string{"aliases", "VendorIDs"} {
			list, _ := a[key].([]any)
			for _, x := range list {
				s, _ := x.(string)
				found = found || strings.EqualFold(s, n.text)
			}
		}
	})
	if s, ok := o["PkgName"].(string); ok && pkg == "" {
		pkg = s
	}
	if found || strings.EqualFold(id, n.text) {
		add(id, pkg)
	}
}

// walk visits every object of a document, the outer ones first.
func walk(v any, visit func(map[string]any)) {
	switch x := v.(type) {
	case map[string]any:
		visit(x)
		for _, y := range x {
			walk(y, visit)
		}
	case []any:
		for _, y := range x {
			walk(y, visit)
		}
	}
}
