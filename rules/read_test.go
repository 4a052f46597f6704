// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

func TestLicenseExpressions(t *testing.T) {
	for text, want := range map[string]string{
		"MIT":                        "[[MIT]]",
		"GPL-2.0+":                   "[[GPL-2.0+]]",
		"MIT OR Apache-2.0":          "[[MIT] [Apache-2.0]]",
		"MIT AND Apache-2.0":         "[[MIT Apache-2.0]]",
		"MIT OR ISC AND Zlib":        "[[MIT] [ISC Zlib]]",
		"(MIT OR ISC) AND Zlib":      "[[MIT Zlib] [ISC Zlib]]",
		"((MIT))":                    "[[MIT]]",
		"MIT and ISC":                "[[MIT ISC]]",
		"A WITH e OR B":              "[[A WITH e] [B]]",
		"DocumentRef-x:LicenseRef-y": "[[DocumentRef-x:LicenseRef-y]]",
	} {
		if got, err := alternatives(text); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: expected %s, found %v, %v", text, want, got, err)
		}
	}
	for _, text := range []string{"", "MIT OR", "OR", "MIT ISC", "(MIT", "MIT)", "()", "MIT WITH", "MIT/ISC", "MIT, ISC", strings.Repeat("(", 40) + "MIT" + strings.Repeat(")", 40),
		strings.Repeat("(A OR B) AND ", 20) + "C", strings.Repeat("A AND ", 2000) + "A"} {
		if got, err := alternatives(text); err == nil {
			t.Errorf("%.40q was read as %v", text, got)
		}
	}
}

func TestB03_CanonicalPURL(t *testing.T) {
	for in, want := range map[string]string{
		"pkg:npm/left-pad@1.3.0":                        "pkg:npm/left-pad@1.3.0",
		"PKG:NPM/left-pad@1.3.0":                        "pkg:npm/left-pad@1.3.0",
		"pkg:npm/left%2Dpad@1.3.0":                      "pkg:npm/left-pad@1.3.0",
		"pkg:npm/%40scope/a@1":                          "pkg:npm/%40scope/a@1",
		"pkg:golang/a%2fb@1":                            "pkg:golang/a%2Fb@1",
		"pkg:deb/debian/a@1%3A2?distro=d&arch=amd64&x=": "pkg:deb/debian/a@1:2?arch=amd64&distro=d",
		"pkg:golang/x/../y@1":                           "pkg:golang/x/../y@1",
		"pkg:golang/a@1#sub%2Fdir":                      "pkg:golang/a@1#sub%2Fdir",
		"pkg:npm//left-pad@1":                           "pkg:npm//left-pad@1",
		"not a purl":                                    "not a purl",
		"pkg:":                                          "pkg:",
		"pkg:npm":                                       "pkg:npm",
		"pkg:npm/a%":                                    "pkg:npm/a%",
		"pkg:npm/a%zz%2":                                "pkg:npm/a%zz%2",
	} {
		if got := canonicalPURL(in); got != want {
			t.Errorf("%s: expected %s, found %s", in, want, got)
		}
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]bool{
		"2026-11-22T01:00:00Z": true, "2026-11-22T01:00:00.123456789+02:00": true, "2028-02-29T00:00:00Z": true,
		"2026-02-29T00:00:00Z": false, "2026-11-22 01:00:00Z": false, "2026-11-22T25:00:00Z": false, "2026-11-22T1:00:00Z": false,
		"2026-11-22T01:00:00": false, "9999-01-01T00:00:00Z": false, "0001-01-01T00:00:00Z": false, "2026-11-22T01:00:00,5Z": false, "": false,
	} {
		if _, ok := parseTime(ast.String(text)); ok != want {
			t.Errorf("%q: expected %v, found %v", text, want, ok)
		}
	}
}

func TestRepository(t *testing.T) {
	for uri, want := range map[string]string{
		"git+https://example.com/acme/shop@refs/heads/main": "https://example.com/acme/shop",
		"git+https://example.com/acme/shop@v1.2.3":          "https://example.com/acme/shop",
		"https://example.com/acme/shop":                     "https://example.com/acme/shop",
		"git@example.com:acme/shop":                         "git@example.com:acme/shop",
		"https://example.com/acme/shop@refs/tags/v1":        "https://example.com/acme/shop",
		"pkg:npm/a@1.0.0":                                   "pkg:npm/a@1.0.0",
		"ssh://git@example.com/acme/shop":                   "ssh://git@example.com/acme/shop",
	} {
		if got := repository(uri); got != want {
			t.Errorf("%s: expected %s, found %s", uri, want, got)
		}
	}
}

// FuzzRead: no document makes the reader panic, and what it gives is complete.
func FuzzRead(f *testing.F) {
	f.Add("vulns", `{"scanner": {"result": [{"id": "x", "severity": [{"score": "high"}]}]}}`)
	f.Add("sbom", `{"components": [{"name": "a", "components": [{}]}]}`)
	f.Add("secrets", `{"findings": [{"rule": 1}]}`)
	f.Add("provenance", `{"buildDefinition": {"resolvedDependencies": [{"uri": "git+a", "digest": {"sha1": 1}}]}}`)
	f.Add("test", `{"failedTests": 1}`)
	f.Fuzz(func(t *testing.T, kind, text string) {
		p, err := ast.ValueFromReader(strings.NewReader(text))
		if err != nil {
			return
		}
		e := ast.NewObject(ast.Item(ast.StringTerm("kind"), ast.StringTerm(kind)), ast.Item(ast.StringTerm("predicate"), ast.NewTerm(p)))
		got := read(e).Value
		for _, name := range []string{"kind", "stage", "digest", "subjects", "problems", "times", "signed"} {
			if get(got, name) == nil {
				t.Errorf("%s is missing", name)
			}
		}
		if name := map[string]string{"vulns": "findings", "sbom": "packages", "secrets": "complete", "config": "suppressed", "provenance": "sources", "test": "failed"}[kind]; name != "" && get(got, name) == nil {
			t.Errorf("%s is missing", name)
		}
	})
}
