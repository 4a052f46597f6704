// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

func describe(all []attest.ResourceDescriptor) string {
	var b strings.Builder
	for _, d := range all {
		fmt.Fprintf(&b, "%s", d.URI)
		for _, x := range d.Digest.Digests() {
			fmt.Fprintf(&b, " %s:%.12s", x.Algorithm, x.Hex)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestGoModules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"a module and its go.mod", "example.com/a v1.0.0 h1:ZgQEtGgCBiWRM39fZuwSd1LwSqqSW0hOdXCYYDX0R3I=\nexample.com/a v1.0.0/go.mod h1:ZgQEtGgCBiWRM39fZuwSd1LwSqqSW0hOdXCYYDX0R3I=\n",
			"pkg:golang/example.com/a@v1.0.0 dirHash:660404b46802\n"},
		{"no newline at the end", "example.com/a v1.0.0 h1:ZgQEtGgCBiWRM39fZuwSd1LwSqqSW0hOdXCYYDX0R3I=", "pkg:golang/example.com/a@v1.0.0 dirHash:660404b46802\n"},
		{"another hash, a short one, no base64, fewer words", "a v1 h2:ZgQEtGgCBiWRM39fZuwSd1LwSqqSW0hOdXCYYDX0R3I=\na v1 h1:AAAA\na v1 h1:!!!\na v1\n\n", ""},
		{"nothing", "", ""},
	} {
		if got := describe(goModules([]byte(c.in))); got != c.want {
			t.Errorf("%s: got %q, expected %q", c.name, got, c.want)
		}
	}
}

func TestNPMPackages(t *testing.T) {
	t.Parallel()
	sum := "sha512-" + strings.Repeat("A", 86) + "=="
	lock := func(entries string) string { return `{"lockfileVersion": 3, "packages": {` + entries + `}}` }
	for _, c := range []struct{ name, in, want string }{
		{"plain, scoped, nested; sorted", lock(`"node_modules/b": {"version": "2.0.0", "integrity": "` + sum + `"}, "node_modules/@x/a": {"version": "1.0.0", "integrity": "` + sum + `"},
			"node_modules/b/node_modules/c": {"version": "3.0.0", "integrity": "` + sum + `"}`),
			"pkg:npm/%40x/a@1.0.0 sha512:000000000000\npkg:npm/b@2.0.0 sha512:000000000000\npkg:npm/c@3.0.0 sha512:000000000000\n"},
		{"the root, a link, a weaker hash, a short one", lock(`"": {"version": "1.0.0", "integrity": "` + sum + `"}, "node_modules/l": {"link": true},
			"node_modules/w": {"version": "1.0.0", "integrity": "sha1-AAAA"}, "node_modules/s": {"version": "1.0.0", "integrity": "sha512-AAAA"}`), ""},
		{"no JSON", "lockfileVersion: 3", ""},
		{"other JSON", "[]", ""},
	} {
		if got := describe(npmPackages([]byte(c.in))); got != c.want {
			t.Errorf("%s: got %q, expected %q", c.name, got, c.want)
		}
	}
}

func TestBaseImages(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("ab", 32)
	want := "docker://golang:1.26 sha256:abababababab\n"
	for _, c := range []struct{ name, in, want string }{
		{"by digest", "FROM golang:1.26@" + digest + " AS build\nRUN go build\n", want},
		{"with a platform, in small letters, indented", "  from --platform=linux/amd64 golang:1.26@" + digest + "\n", want},
		{"by tag, from scratch, from a stage", "FROM golang:1.26\nFROM scratch\nFROM build\n", ""},
		{"a digest that is none", "FROM golang@sha256:abc\nFROM golang@" + strings.ToUpper(digest) + "\n", ""},
		{"in a comment and in a command", "# FROM golang:1.26@" + digest + "\nRUN echo FROM golang:1.26@" + digest + "\n", ""},
		{"two stages", "FROM golang:1.26@" + digest + "\nFROM golang:1.26@" + digest + "\n", want + want},
	} {
		if got := describe(baseImages([]byte(c.in))); got != c.want {
			t.Errorf("%s: got %q, expected %q", c.name, got, c.want)
		}
	}
}
