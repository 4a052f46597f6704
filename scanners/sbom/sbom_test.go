// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/CycloneDX/cyclonedx-go"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

const goMod = `module example.com/shop

go 1.26

require (
	github.com/google/uuid v1.6.0
	golang.org/x/text v0.3.5
)
`

const goSum = `github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=
github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=
golang.org/x/text v0.3.5 h1:i6eZZ+zk0SOf0xgBpEpPD18qWcJda6q1sxt3S0kzyUQ=
golang.org/x/text v0.3.5/go.mod h1:5Zoc/QRtKVWzQhOtBMvqHzDpF6irO9z98xDceosuGiQ=
`

const packageLock = `{"name": "front", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {
 "": {"name": "front", "version": "1.0.0", "dependencies": {"lodash": "4.17.20", "minimist": "1.2.5"}},
 "node_modules/lodash": {"version": "4.17.20", "resolved": "https://bob:hunter2@registry.npmjs.org/lodash/-/lodash-4.17.20.tgz",
  "integrity": "sha512-PlhdFcillOINfeV7Ni6oF1TAEayyZBoZ8bcshTHqOYJYlrqzRK5hagpagky5o4HfCzzd1TRkXPMFq6cKk9rGmA==", "license": "MIT"},
 "node_modules/minimist": {"version": "1.2.5", "resolved": "https://registry.npmjs.org/minimist/-/minimist-1.2.5.tgz",
  "integrity": "sha512-FM9nNUYrRBAELZQT3xeZQ7fmMOBg6nWNmJKTcgsJeaLstP/UODVpGsr5OhXhhXg6f+qtJ8uiZ+PUxkDWcgIXLw==", "license": "MIT"}}}
`

// shop writes a small source tree.
func shop(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", goMod)
	write(t, dir, "go.sum", goSum)
	write(t, dir, "front/package-lock.json", packageLock)
	write(t, dir, "front/index.js", "console.log('shop')\n")
	return dir
}

func write(t testing.TB, dir, name, content string) {
	t.Helper()
	p := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func subject(name string) attest.Subject {
	return attest.Subject{Name: name, Digest: attest.DigestSet{
		"gitCommit": strings.Repeat("ab", 20), "gitTree256": strings.Repeat("cd", 32),
	}}
}

func dirSourceOf(dir string) scanners.Source {
	return scanners.Source{Kind: scanners.Dir, Path: dir, Subject: subject("git+https://example.com/shop")}
}

func open(t testing.TB, src scanners.Source) *Tree {
	t.Helper()
	tree, err := Open(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}

func generate(t testing.TB, src scanners.Source) *Document {
	t.Helper()
	d, err := Generate(t.Context(), open(t, src), Options{ToolVersion: "v0.0.0-test"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func cycloneDX(t testing.TB, d *Document) ([]byte, *cyclonedx.BOM) {
	t.Helper()
	b, err := d.CycloneDX()
	if err != nil {
		t.Fatal(err)
	}
	bom := new(cyclonedx.BOM)
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(b), cyclonedx.BOMFileFormatJSON).Decode(bom); err != nil {
		t.Fatal(err)
	}
	return b, bom
}

func purls(bom *cyclonedx.BOM) string {
	var out []string
	for _, c := range *bom.Components {
		if c.PackageURL != "" {
			out = append(out, c.PackageURL)
		}
	}
	return strings.Join(out, "\n")
}

func TestDirectory(t *testing.T) {
	d := generate(t, dirSourceOf(shop(t)))
	raw, bom := cycloneDX(t, d)
	want := "pkg:npm/front@1.0.0\npkg:golang/github.com/google/uuid@v1.6.0\npkg:golang/golang.org/x/text@v0.3.5\n" +
		"pkg:npm/lodash@4.17.20\npkg:npm/minimist@1.2.5"
	for _, p := range strings.Split(want, "\n") {
		if !strings.Contains(purls(bom)+"\n", p+"\n") {
			t.Errorf("missing %s in\n%s", p, purls(bom))
		}
	}
	if len(d.Unread()) != 0 {
		t.Errorf("unread: %q", d.Unread())
	}
	if t.Failed() {
		t.Logf("%s", raw)
	}
}

func TestRootComponentCarriesSubjectDigests(t *testing.T) {
	_, bom := cycloneDX(t, generate(t, dirSourceOf(shop(t))))
	c := bom.Metadata.Component
	got := map[string]string{}
	for _, p := range *c.Properties {
		got[p.Name] = p.Value
	}
	for alg, hex := range subject("").Digest {
		if got[DigestProperty+alg] != hex {
			t.Errorf("property of %s: expected %s, found %q", alg, hex, got[DigestProperty+alg])
		}
	}
	if c.Name != "git+https://example.com/shop" || c.Hashes != nil {
		t.Errorf("root component %+v", c)
	}
	src := dirSourceOf(shop(t))
	src.Subject.Digest = attest.DigestSet{"sha256": strings.Repeat("01", 32)}
	_, bom = cycloneDX(t, generate(t, src))
	if h := *bom.Metadata.Component.Hashes; len(h) != 1 || h[0].Algorithm != "SHA-256" || h[0].Value != strings.Repeat("01", 32) {
		t.Errorf("hashes %+v", h)
	}
}

// TestB12_NothingOfTheMachine: two checkouts at different places give the same bytes, without their path and without login data.
func TestB12_NothingOfTheMachine(t *testing.T) {
	var docs [2][2][]byte
	for i := range docs {
		dir := shop(t)
		d := generate(t, dirSourceOf(dir))
		for n, encode := range []func() ([]byte, error){d.CycloneDX, d.SPDX} {
			b, err := encode()
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{dir, filepath.Base(filepath.Dir(dir)), "hunter2", os.TempDir()} {
				if bytes.Contains(b, []byte(secret)) {
					t.Errorf("document %d holds %q", n, secret)
				}
			}
			docs[i][n] = b
		}
	}
	for n := range docs[0] {
		if !bytes.Equal(docs[0][n], docs[1][n]) {
			t.Errorf("document %d differs between two checkouts:\n%s\n%s", n, docs[0][n], docs[1][n])
		}
	}
}

func TestTimes(t *testing.T) {
	dir := shop(t)
	_, bom := cycloneDX(t, generate(t, dirSourceOf(dir)))
	if bom.Metadata.Timestamp != "1970-01-01T00:00:00Z" {
		t.Errorf("timestamp %s", bom.Metadata.Timestamp)
	}
	d, err := Generate(t.Context(), open(t, dirSourceOf(dir)), Options{Created: time.Date(2026, 11, 22, 1, 0, 0, 0, time.FixedZone("", 3600))})
	if err != nil {
		t.Fatal(err)
	}
	_, later := cycloneDX(t, d)
	if later.Metadata.Timestamp != "2026-11-22T00:00:00Z" || later.SerialNumber == bom.SerialNumber {
		t.Errorf("timestamp %s, serial %s", later.Metadata.Timestamp, later.SerialNumber)
	}
}

func TestSPDX(t *testing.T) {
	b, err := generate(t, dirSourceOf(shop(t))).SPDX()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		SPDXVersion       string `json:"spdxVersion"`
		DocumentNamespace string `json:"documentNamespace"`
		CreationInfo      struct{ Created string }
		Packages          []struct{ Name string }
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.SPDXVersion != "SPDX-2.3" || doc.CreationInfo.Created != "1970-01-01T00:00:00Z" || len(doc.Packages) < 5 ||
		!strings.HasPrefix(doc.DocumentNamespace, "https://github.com/sealock-dev/sealock/spdx/") {
		t.Errorf("%+v", doc)
	}
}

func TestCanonicalPURL(t *testing.T) {
	for in, want := range map[string]string{
		"pkg:NPM/lodash@4.17.20":                                  "pkg:npm/lodash@4.17.20",
		"pkg:deb/debian/bash@5?distro=debian-12&arch=amd64":       "pkg:deb/debian/bash@5?arch=amd64&distro=debian-12",
		"pkg:npm/x@1?vcs_url=git%2Bhttps%3A%2F%2Ftok%40h.example": "pkg:npm/x@1?vcs_url=git%2Bhttps%3A%2F%2Fh.example",
		"": "", "no purl https://a:b@h/": "no purl https://h/",
	} {
		if got := CanonicalPURL(in); got != want {
			t.Errorf("%s: expected %s, found %s", in, want, got)
		}
	}
}
