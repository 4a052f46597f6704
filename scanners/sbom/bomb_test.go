// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/scanners"
)

func zipOf(t testing.TB, files ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(e, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const jarPOM = "groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.0\n"

func jar(t testing.TB) []byte {
	return zipOf(t, member{"META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"},
		member{"META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties", jarPOM})
}

func TestJars(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "app.war", string(zipOf(t, member{"META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"}, member{"WEB-INF/lib/log4j-core-2.14.0.jar", string(jar(t))})))
	_, bom := cycloneDX(t, generate(t, dirSourceOf(dir)))
	if !strings.Contains(purls(bom), "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.0") {
		t.Errorf("found %s", purls(bom))
	}
	one := scanners.Source{Kind: scanners.File, Path: filepath.Join(dir, "app.war"), Subject: subject("app.war")}
	_, bom = cycloneDX(t, generate(t, one))
	if !strings.Contains(purls(bom), "log4j-core@2.14.0") || bom.Metadata.Component.Name != "app.war" {
		t.Errorf("found %s", purls(bom))
	}
}

func wantLimit(t *testing.T, what string, content []byte) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "lib/bomb.jar", string(content))
	_, err := Generate(t.Context(), open(t, dirSourceOf(dir)), Options{})
	var limit *LimitError
	if !errors.As(err, &limit) || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "bomb.jar") {
		t.Errorf("expected the limit on %q, found %v", what, err)
	}
}

func TestS14_RatioOfZip(t *testing.T) {
	zeros := strings.Repeat("\x00", 16<<20)
	wantLimit(t, "times its packed size", zipOf(t, member{"a", zeros}, member{"b", zeros}, member{"c", zeros}, member{"d", zeros}, member{"e", zeros}))
}

func TestS14_NestedArchives(t *testing.T) {
	inner := jar(t)
	for i := range MaxArchiveDepth {
		inner = zipOf(t, member{fmt.Sprintf("level%d.jar", i), string(inner)})
	}
	wantLimit(t, "archives inside archives", inner)
}

func TestS14_ForgedSizes(t *testing.T) {
	b := zipOf(t, member{"a", "content"})
	at := bytes.LastIndex(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[at+20:], 1<<30) // packed size in the directory: more than the file has
	dir := t.TempDir()
	write(t, dir, "bomb.jar", string(b))
	if _, err := Generate(t.Context(), open(t, dirSourceOf(dir)), Options{}); err == nil || !strings.Contains(err.Error(), "overlap") {
		t.Errorf("found %v", err)
	}
}

// TestS14_SmallerThanItIs: an entry of which the directory says that it is small can't unpack to more.
func TestS14_SmallerThanItIs(t *testing.T) {
	b := zipOf(t, member{"inner.jar", string(jar(t))})
	at := bytes.LastIndex(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[at+24:], 10)
	dir := t.TempDir()
	write(t, dir, "bomb.jar", string(b))
	if _, err := Generate(t.Context(), open(t, dirSourceOf(dir)), Options{}); err == nil || !strings.Contains(err.Error(), "inner.jar") {
		t.Errorf("found %v", err)
	}
}

func gz(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func fileSource(t testing.TB, name string, content []byte) scanners.Source {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, name, string(content))
	return scanners.Source{Kind: scanners.File, Path: filepath.Join(dir, name), Subject: subject(name)}
}

func TestReleaseArchives(t *testing.T) {
	for name, content := range map[string][]byte{
		"shop-1.0.tar.gz": gz(t, tarOf(t, member{"shop/go.mod", goMod}, member{"shop/go.sum", goSum})),
		"shop-1.0.tgz":    gz(t, tarOf(t, member{"package/go.mod", goMod})),
		"shop-1.0.zip":    zipOf(t, member{"go.mod", goMod}),
	} {
		d := generate(t, fileSource(t, name, content))
		if d.Packages() != 2 {
			t.Errorf("%s: found %d packages", name, d.Packages())
		}
	}
}

func TestS15_ArchiveLeadsOut(t *testing.T) {
	outside := t.TempDir()
	for _, name := range []string{"../evil", "/" + outside + "/evil", `..\evil`, "a/../../evil"} {
		if _, err := Open(t.Context(), fileSource(t, "x.tar.gz", gz(t, tarOf(t, member{name, "x"})))); err == nil || !strings.Contains(err.Error(), "leads out") {
			t.Errorf("%s: found %v", name, err)
		}
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("written: %v, %v", left, err)
	}
}

func TestS14_RatioOfTar(t *testing.T) {
	zeros := strings.Repeat("\x00", MaxRatioFree+1<<20)
	_, err := Open(t.Context(), fileSource(t, "x.tar.gz", gz(t, tarOf(t, member{"zeros", zeros}))))
	if limit := new(LimitError); !errors.As(err, &limit) {
		t.Errorf("found %v", err)
	}
}

func TestGoBinary(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d := generate(t, scanners.Source{Kind: scanners.File, Path: exe, Subject: subject("app")})
	raw, bom := cycloneDX(t, d)
	if !strings.Contains(purls(bom), "pkg:golang/stdlib@") || bytes.Contains(raw, []byte(filepath.Dir(exe))) || bytes.Contains(raw, []byte("goBuildSettings")) {
		t.Errorf("found %s", purls(bom))
	}
}
