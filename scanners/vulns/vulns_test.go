// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners"
	"github.com/sealock-dev/sealock/scanners/sbom"
)

const sampleData = "../../testdata/vulndb/vulnerability-db.tar.zst"

// at is a time after the sample data was built.
var at = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return at }

// imported is a folder with the sample data.
func imported(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := Import(t.Context(), sampleData, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func openDB(t testing.TB, dir string) *DB {
	t.Helper()
	db, err := Open(t.Context(), dir, OpenOptions{Now: at})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
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

func document(t testing.TB, src scanners.Source) *sbom.Document {
	t.Helper()
	tree, err := sbom.Open(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	doc, err := sbom.Generate(t.Context(), tree, sbom.Options{ToolVersion: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func dirDocument(t testing.TB, dir string) *sbom.Document {
	t.Helper()
	return document(t, scanners.Source{Kind: scanners.Dir, Path: dir, Subject: attest.Subject{
		Name: "shop", Digest: attest.DigestSet{"gitTree256": strings.Repeat("ab", 32)},
	}})
}

func shop(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/shop\n\ngo 1.26\n\nrequire (\n\tgithub.com/golang-jwt/jwt/v4 v4.5.0\n\tgolang.org/x/crypto v0.57.0\n\tgolang.org/x/net v0.16.0\n)\n")
	write(t, dir, "front/package-lock.json", `{"name": "front", "version": "1.0.0", "lockfileVersion": 3, "packages": {
 "": {"name": "front", "version": "1.0.0"},
 "node_modules/express": {"version": "4.19.2", "license": "MIT"},
 "node_modules/minimist": {"version": "1.2.5", "license": "MIT"},
 "node_modules/request": {"version": "2.88.2", "license": "Apache-2.0"}}}`)
	write(t, dir, "tools/requirements.txt", "requests==2.30.0\nJinja2==3.1.6\n")
	return dir
}

func scan(t testing.TB, doc *sbom.Document, db *DB) predicate.Vulns {
	t.Helper()
	v, err := Scan(t.Context(), doc, db, clock, "test")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// rows prints results in short, one a line.
func rows(v predicate.Vulns) string {
	var b strings.Builder
	for _, r := range v.Scanner.Result {
		a := r.Annotations[0]
		b.WriteString(strings.Join([]string{r.ID, r.Severity[0].Score, a.PURL, a.FixState, strings.Join(a.FixedIn, ",")}, " ") + "\n")
	}
	return b.String()
}

func TestScanDirectory(t *testing.T) {
	v := scan(t, dirDocument(t, shop(t)), openDB(t, imported(t)))
	want := `GHSA-qw6h-vgh9-j6wx medium pkg:npm/express@4.19.2 fixed 4.20.0
GHSA-29wx-vh33-7x7r low pkg:golang/github.com/golang-jwt/jwt/v4@v4.5.0 fixed 4.5.1
GHSA-mh63-6h87-95cp high pkg:golang/github.com/golang-jwt/jwt/v4@v4.5.0 fixed 4.5.2
GO-2026-5932 unknown pkg:golang/golang.org/x/crypto@v0.57.0 unknown ` + `
GHSA-4374-p667-p6c8 high pkg:golang/golang.org/x/net@v0.16.0 fixed 0.17.0
GHSA-4v7x-pqxf-cx7m medium pkg:golang/golang.org/x/net@v0.16.0 fixed 0.23.0
GHSA-qppj-fm5r-hxr3 medium pkg:golang/golang.org/x/net@v0.16.0 fixed 0.17.0
GHSA-qxp5-gwg8-xv66 medium pkg:golang/golang.org/x/net@v0.16.0 fixed 0.36.0
GHSA-xvch-5gv4-984h critical pkg:npm/minimist@1.2.5 fixed 1.2.6
GHSA-p8p7-x288-28g6 medium pkg:npm/request@2.88.2 not-fixed ` + `
GHSA-j8r2-6x86-q33q medium pkg:pypi/requests@2.30.0 fixed 2.31.0
`
	if got := rows(v); got != want {
		t.Errorf("expected\n%s\nfound\n%s", want, got)
	}
	if v.Scanner.DB.Packages != 9 || v.Metadata.ScanStartedOn != "2026-12-01T12:00:00Z" {
		t.Errorf("%+v %+v", v.Scanner.DB, v.Metadata)
	}
}

func TestExploitedAndLikely(t *testing.T) {
	for _, r := range scan(t, dirDocument(t, shop(t)), openDB(t, imported(t))).Scanner.Result {
		a := r.Annotations[0]
		if exploited := r.ID == "GHSA-qppj-fm5r-hxr3"; a.KEV != exploited || (a.EPSS > 0.9) != exploited {
			t.Errorf("%s: kev %v, epss %v", r.ID, a.KEV, a.EPSS)
		}
		if r.ID == "GHSA-qppj-fm5r-hxr3" && (strings.Join(a.Aliases, " ") != "CVE-2023-44487 GHSA-qppj-fm5r-hxr3" || a.Published != "2023-10-10T00:00:00Z" ||
			strings.Join(a.Locations, " ") != "go.mod") {
			t.Errorf("%+v", a)
		}
	}
}
