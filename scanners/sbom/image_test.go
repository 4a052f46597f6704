// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

type member struct{ name, content string }

func tarOf(t testing.TB, files ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func imageOf(t testing.TB, layers ...[]member) v1.Image {
	t.Helper()
	img := empty.Image
	for _, files := range layers {
		content := tarOf(t, files...)
		l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil })
		if err != nil {
			t.Fatal(err)
		}
		if img, err = mutate.AppendLayers(img, l); err != nil {
			t.Fatal(err)
		}
	}
	return img
}

// layoutOf writes the images side by side and gives a source of the first.
func layoutOf(t testing.TB, images ...v1.Image) scanners.Source {
	t.Helper()
	dir := t.TempDir()
	p, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	for _, img := range images {
		if err := p.AppendImage(img); err != nil {
			t.Fatal(err)
		}
	}
	h, err := images[0].Digest()
	if err != nil {
		t.Fatal(err)
	}
	d := attest.Digest{Algorithm: "sha256", Hex: h.Hex}
	return scanners.Source{Kind: scanners.OCILayout, Path: dir, Manifest: d, Subject: attest.Subject{
		Name: "shop", Digest: attest.DigestSet{"sha256": h.Hex},
	}}
}

func shopImages(t testing.TB) []v1.Image {
	return []v1.Image{
		imageOf(t, []member{{"app/node_modules/lodash/package.json", `{"name":"lodash","version":"4.17.20","license":"MIT"}`}, {"etc/secret", "old"}},
			[]member{{"etc/.wh.secret", ""}, {"srv/page", "x"}}),
		imageOf(t, []member{{"app/node_modules/express/package.json", `{"name":"express","version":"4.19.2","license":"MIT"}`}}),
	}
}

// TestS22_ExactlyTheNamedImage: of several images in a layout only the one named by digest is scanned, and its files of all layers are seen.
func TestS22_ExactlyTheNamedImage(t *testing.T) {
	src := layoutOf(t, shopImages(t)...)
	tree := open(t, src)
	want := []string{"app/node_modules/lodash/package.json", "etc/secret", "srv/page"}
	if got := walked(t, tree); !slices.Equal(got, want) {
		t.Errorf("expected %q, found %q", want, got)
	}
	raw, bom := cycloneDX(t, generate(t, src))
	if purls(bom) != "pkg:npm/lodash@4.17.20" || bom.Metadata.Component.Type != "container" {
		t.Errorf("found %s in %s", purls(bom), raw)
	}
	again, _ := cycloneDX(t, generate(t, layoutOf(t, shopImages(t)...)))
	if !bytes.Equal(raw, again) || bytes.Contains(raw, []byte(src.Path)) {
		t.Errorf("two layouts of one image differ, or hold their path:\n%s\n%s", raw, again)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	tree, err := Open(t.Context(), layoutOf(t, shopImages(t)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(t.Context(), tree, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := tree.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(tmp, "sealock-*")); err != nil || len(left) > 0 {
		t.Errorf("left %q, %v", left, err)
	}
}

func TestDockerArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image.tar")
	ref, err := name.NewTag("shop:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(path, ref, shopImages(t)[0]); err != nil {
		t.Fatal(err)
	}
	_, bom := cycloneDX(t, generate(t, scanners.Source{Kind: scanners.DockerArchive, Path: path, Subject: subject("image.tar")}))
	if purls(bom) != "pkg:npm/lodash@4.17.20" {
		t.Errorf("found %s", purls(bom))
	}
}

// TestS22_ChangedImage: a manifest, configuration or layer that is not what its digest says is refused.
func TestS22_ChangedImage(t *testing.T) {
	img := shopImages(t)[0]
	manifest, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	for what, digest := range map[string]func(scanners.Source) string{
		"manifest":      func(s scanners.Source) string { return s.Manifest.Hex },
		"configuration": func(scanners.Source) string { return manifest.Config.Digest.Hex },
		"layer":         func(scanners.Source) string { return manifest.Layers[1].Digest.Hex },
	} {
		src := layoutOf(t, img)
		path := filepath.Join(src.Path, "blobs", "sha256", digest(src))
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, '\n')
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), src); err == nil || !strings.Contains(err.Error(), "does not match its digest") {
			t.Errorf("%s: found %v", what, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), src); err == nil {
			t.Errorf("%s: opened without it", what)
		}
	}
}

func TestS22_LayersDifferFromConfiguration(t *testing.T) {
	img := shopImages(t)[0]
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	swapped := config.DeepCopy()
	slices.Reverse(swapped.RootFS.DiffIDs)
	if img, err = mutate.ConfigFile(img, swapped); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), layoutOf(t, img)); err == nil || !strings.Contains(err.Error(), "unpacked layer does not match") {
		t.Errorf("found %v", err)
	}
}

// TestT03_LayoutLeadsOut: digests that are paths, and blobs that are links, do not lead out of the layout.
func TestT03_LayoutLeadsOut(t *testing.T) {
	src := layoutOf(t, shopImages(t)[0])
	for _, hex := range []string{"../../x", strings.Repeat("A", 64), ""} {
		bad := src
		bad.Manifest.Hex = hex
		if _, err := Open(t.Context(), bad); err == nil {
			t.Errorf("opened %q", hex)
		}
	}
	path := filepath.Join(src.Path, "blobs", "sha256", src.Manifest.Hex)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, src.Path+"-outside", "manifest", string(b))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(src.Path+"-outside", "manifest"), path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), src); err == nil {
		t.Error("opened a manifest outside the layout")
	}
}

// TestS15_TarNames: names that lead out of a layer stay inside it, and nothing is written for them.
func TestS15_TarNames(t *testing.T) {
	outside := t.TempDir()
	img := imageOf(t, []member{
		{"../../../../../../" + outside + "/evil", "x"}, {"/abs/package.json", "{}"},
		{"app/node_modules/lodash/package.json", `{"name":"lodash","version":"4.17.20"}`},
	})
	d := generate(t, layoutOf(t, img))
	if d.Packages() != 1 {
		t.Errorf("found %d packages", d.Packages())
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("written: %v, %v", left, err)
	}
}

// TestFoldersThatALayerDoesNotList: a layer without entries for its folders hides no package.
func TestFoldersThatALayerDoesNotList(t *testing.T) {
	img := imageOf(t, []member{{"etc/os-release", "ID=debian\nVERSION_ID=12\n"}, {"var/lib/dpkg/status.d/libc6", "Package: libc6\nVersion: 2.36-9\nArchitecture: amd64\n"}})
	_, bom := cycloneDX(t, generate(t, layoutOf(t, img)))
	if !strings.Contains(purls(bom), "pkg:deb/debian/libc6@2.36-9") {
		t.Errorf("found %q", purls(bom))
	}
}
