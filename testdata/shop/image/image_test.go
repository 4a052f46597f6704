// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func sample() []image {
	return []image{
		{"auth", []file{{"app/auth", 0o755, []byte("one")}, {"etc/passwd", 0o644, []byte("x")}}},
		{"catalog", []file{{"app/catalog", 0o755, []byte("two")}, {"app/web/public/index.html", 0o644, []byte("hi")}}},
	}
}

func read(t *testing.T, dir, digest string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "blobs", "sha256", strings.TrimPrefix(digest, "sha256:")))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSameFilesSameDigestWhereverAndWhenever(t *testing.T) {
	one, two := filepath.Join(t.TempDir(), "shop"), filepath.Join(t.TempDir(), "deeper", "shop")
	epoch := time.Unix(0, 0).UTC()
	a, err := writeLayout(one, epoch, sample())
	if err != nil {
		t.Fatal(err)
	}
	b, err := writeLayout(two, epoch, sample())
	if err != nil {
		t.Fatal(err)
	}
	again, err := writeLayout(one, epoch, sample())
	if err != nil {
		t.Fatal(err)
	}
	if a.Digest != b.Digest || a.Digest != again.Digest || !slices.Equal(a.Images, b.Images) {
		t.Errorf("three writes gave %s, %s and %s", a.Digest, b.Digest, again.Digest)
	}
	changed := sample()
	changed[1].Files[0].Data = []byte("three")
	c, err := writeLayout(one, epoch, changed)
	if err != nil {
		t.Fatal(err)
	}
	if c.Digest == a.Digest || c.Images[0] != a.Images[0] || c.Images[1] == a.Images[1] {
		t.Error("a change to one service must change its image and the index, and no other image")
	}
	left, err := os.ReadDir(filepath.Dir(one))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestLayoutHoldsWhatItSays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	r, err := writeLayout(dir, time.Unix(0, 0).UTC(), sample())
	if err != nil {
		t.Fatal(err)
	}
	var x index
	if err := json.Unmarshal(read(t, dir, r.Digest), &x); err != nil {
		t.Fatal(err)
	}
	if len(x.Manifests) != 2 || x.Manifests[1].Annotations[annotationTitle] != "catalog" || x.Manifests[1].Digest != r.Images[1] {
		t.Fatalf("index: %+v", x)
	}
	var m manifest
	if err := json.Unmarshal(read(t, dir, r.Images[1]), &m); err != nil {
		t.Fatal(err)
	}
	var c imageConfig
	if err := json.Unmarshal(read(t, dir, m.Config.Digest), &c); err != nil {
		t.Fatal(err)
	}
	if c.Config.User != "65532:65532" || !slices.Equal(c.Config.Entrypoint, []string{"/app/catalog"}) {
		t.Errorf("config: %+v", c.Config)
	}
	z, err := gzip.NewReader(bytes.NewReader(read(t, dir, m.Layers[0].Digest)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil || digest(plain) != c.RootFS.DiffIDs[0] {
		t.Errorf("the layer's digest is not in the configuration: %v", err)
	}
	var names []string
	for tr := tar.NewReader(bytes.NewReader(plain)); ; {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != user || h.Gid != user || h.ModTime.Unix() != 0 {
			t.Errorf("%s: owner %d:%d, time %v", h.Name, h.Uid, h.Gid, h.ModTime)
		}
		names = append(names, h.Name)
	}
	want := []string{"app/", "app/catalog", "app/web/", "app/web/public/", "app/web/public/index.html"}
	if !slices.Equal(names, want) {
		t.Errorf("layer holds %q, want %q", names, want)
	}
}

func TestPackageFiles(t *testing.T) {
	files, err := packageFiles([]byte(`{"packages": {"": {"name": "shop-web", "version": "1.0.0"},
		"node_modules/a": {"version": "1.2.3", "license": "MIT", "integrity": "sha512-x"},
		"node_modules/a/node_modules/@s/b": {"version": "2.0.0", "license": "ISC"},
		"node_modules/tool": {"version": "9.9.9", "dev": true}}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range files {
		got[f.Path] = string(f.Data)
	}
	if len(got) != 2 || !strings.Contains(got["app/web/node_modules/a/package.json"], `"version":"1.2.3"`) ||
		!strings.Contains(got["app/web/node_modules/a/node_modules/@s/b/package.json"], `"name":"@s/b"`) {
		t.Errorf("got %q", got)
	}
	for _, bad := range []string{``, `{}`, `{"packages": {"../../etc": {"version": "1.0.0"}}}`,
		`{"packages": {"node_modules/../../x": {"version": "1.0.0"}}}`, `{"packages": {"node_modules/a": {}}}`} {
		if _, err := packageFiles([]byte(bad)); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}

func TestPinImages(t *testing.T) {
	dir := t.TempDir()
	zero, one := "sha256:"+strings.Repeat("0", 64), "sha256:"+strings.Repeat("1", 64)
	line := "          image: registry.example.com/shop/%@" + zero + "\n"
	for _, s := range services {
		if err := os.WriteFile(filepath.Join(dir, s+".yaml"), []byte(strings.ReplaceAll(line, "%", s)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := pinImages(dir, []string{zero, one, zero}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "catalog.yaml"))
	if err != nil || string(b) != strings.ReplaceAll(strings.Replace(line, zero, one, 1), "%", "catalog") {
		t.Errorf("catalog.yaml: %s, %v", b, err)
	}
	if err := os.Remove(filepath.Join(dir, "auth.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := pinImages(dir, []string{zero, one, zero}); err == nil {
		t.Error("a service without a manifest was not noticed")
	}
}

func TestParseEpoch(t *testing.T) {
	if got, err := parseEpoch("1700000000"); err != nil || got.Unix() != 1700000000 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"yesterday", "-1"} {
		if _, err := parseEpoch(bad); err == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}
