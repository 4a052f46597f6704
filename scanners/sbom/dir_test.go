// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/source"
	"github.com/anchore/syft/syft/source/directorysource"

	"github.com/sealock-dev/sealock/scanners"
)

func walked(t testing.TB, tree *Tree) []string {
	t.Helper()
	var out []string
	err := tree.Walk(t.Context(), func(f scanners.FileEntry) error {
		rc, err := f.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(rc)
		if err != nil {
			return err
		}
		if int64(len(b)) != f.Size {
			t.Errorf("%s: size %d, read %d bytes", f.Path, f.Size, len(b))
		}
		out = append(out, f.Path)
		return rc.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWalkAndExclude(t *testing.T) {
	dir := shop(t)
	write(t, dir, ".git/config", "[core]")
	write(t, dir, "out/package-lock.json", packageLock)
	write(t, dir, ".gitignore", "front\n")
	write(t, dir, ".syft.yaml", "exclude: ['**']\n")
	src := dirSourceOf(dir)
	src.Exclude = []string{".git", "out/"}
	tree := open(t, src)
	want := []string{".gitignore", ".syft.yaml", "front/index.js", "front/package-lock.json", "go.mod", "go.sum"}
	if got := walked(t, tree); !slices.Equal(got, want) {
		t.Errorf("expected %q, found %q", want, got)
	}
	d, err := Generate(t.Context(), tree, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Packages() != 5 {
		t.Errorf("expected 5 packages, found %d", d.Packages())
	}
	stop := errors.New("stop")
	if err := tree.Walk(t.Context(), func(scanners.FileEntry) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("expected the visitor's error, found %v", err)
	}
}

// TestS16_SymlinkOutOfRoot: neither a link to a file, to a folder, nor a link through a link is followed.
func TestS16_SymlinkOutOfRoot(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "package-lock.json", packageLock)
	write(t, outside, "deep/requirements.txt", "requests==2.30.0\n")
	dir := t.TempDir()
	write(t, dir, "go.mod", goMod)
	for name, target := range map[string]string{
		"package-lock.json": filepath.Join(outside, "package-lock.json"), "deep": filepath.Join(outside, "deep"),
		"up": outside, "through": "up/deep", "loop": "loop",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	tree := open(t, dirSourceOf(dir))
	if got := walked(t, tree); !slices.Equal(got, []string{"go.mod"}) {
		t.Errorf("walked %q", got)
	}
	d, err := Generate(t.Context(), tree, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if raw, bom := cycloneDX(t, d); d.Packages() != 2 || strings.Contains(string(raw), "requests") {
		t.Errorf("found %s", purls(bom))
	}
}

// TestS20_NothingIsRun: a tool of the scanned tree's language that comes first in PATH is not started.
func TestS20_NothingIsRun(t *testing.T) {
	bin, marker := t.TempDir(), filepath.Join(t.TempDir(), "ran")
	for _, tool := range []string{"go", "npm", "node", "python", "python3", "pip", "mvn", "git", "ruby", "cargo", "dpkg", "rpm"} {
		write(t, bin, tool, "#!/bin/sh\necho "+tool+" >> "+marker+"\n")
		if err := os.Chmod(filepath.Join(bin, tool), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	t.Chdir(bin)
	dir := shop(t)
	write(t, dir, "main.go", "package main\n\nimport _ \"github.com/google/uuid\"\n\nfunc main() {}\n")
	write(t, dir, "setup.py", "from setuptools import setup\nsetup(install_requires=['requests==2.30.0'])\n")
	write(t, dir, "pom.xml", "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version></project>")
	generate(t, dirSourceOf(dir))
	if ran, err := os.ReadFile(marker); err == nil {
		t.Errorf("ran %s", ran)
	}
}

// Names need not be UTF-8, of folders neither.
func TestNamesThatAreNoText(t *testing.T) {
	dir := t.TempDir()
	odd := "inv\xff\xfe"
	if err := os.Mkdir(filepath.Join(dir, odd), 0o700); err != nil {
		t.Skip("this file system takes UTF-8 only")
	}
	write(t, dir, odd+"/package-lock.json", packageLock)
	write(t, dir, odd+"/\xe9.txt", "x")
	tree := open(t, dirSourceOf(dir))
	if got := walked(t, tree); !slices.Equal(got, []string{odd + "/package-lock.json", odd + "/\xe9.txt"}) {
		t.Errorf("found %q", got)
	}
	d, err := Generate(t.Context(), tree, Options{})
	if err != nil || d.Packages() == 0 {
		t.Errorf("no packages: %v", err)
	}
}

func TestEmptyTree(t *testing.T) {
	d := generate(t, dirSourceOf(t.TempDir()))
	if _, bom := cycloneDX(t, d); d.Packages() != 0 || bom.Metadata.Component == nil {
		t.Errorf("%d packages", d.Packages())
	}
	if _, err := d.SPDX(); err != nil {
		t.Error(err)
	}
}

func TestTreeOfLinksOnlyIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dirSourceOf(dir)); err == nil || !strings.Contains(err.Error(), "nothing to scan") {
		t.Errorf("found %v", err)
	}
}

func TestUnreadableIsAnError(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	dir := shop(t)
	if err := os.Chmod(filepath.Join(dir, "go.mod"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(t.Context(), open(t, dirSourceOf(dir)), Options{}); err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("found %v", err)
	}
}

// TestVanishedFileIsAnError: a cataloger that passes over what it can't read does not make the SBOM shorter.
func TestVanishedFileIsAnError(t *testing.T) {
	dir := shop(t)
	tree := open(t, dirSourceOf(dir))
	if err := os.Remove(filepath.Join(dir, "front", "package-lock.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(t.Context(), tree, Options{}); err == nil || !strings.Contains(err.Error(), "package-lock.json") {
		t.Errorf("found %v", err)
	}
}

func TestUnreadIsReported(t *testing.T) {
	dir := shop(t)
	write(t, dir, "broken/package-lock.json", "{")
	d := generate(t, dirSourceOf(dir))
	if u := d.Unread(); len(u) != 1 || !strings.HasPrefix(u[0], "broken/package-lock.json: ") {
		t.Errorf("unread %q", u)
	}
	_, bom := cycloneDX(t, d)
	if bom.Compositions == nil || (*bom.Compositions)[0].Aggregate != "incomplete" || len(*bom.Metadata.Properties) != 1 {
		t.Errorf("the SBOM does not say that it is incomplete: %+v", bom.Compositions)
	}
	only := t.TempDir()
	write(t, only, "package-lock.json", "{")
	if _, err := Generate(t.Context(), open(t, dirSourceOf(only)), Options{}); err == nil || !strings.Contains(err.Error(), "no package was found") {
		t.Errorf("found %v", err)
	}
}

func TestRefusedSources(t *testing.T) {
	dir := shop(t)
	for name, change := range map[string]func(*scanners.Source){
		"no digest":   func(s *scanners.Source) { s.Subject.Digest = nil },
		"kind":        func(s *scanners.Source) { s.Kind = "tape" },
		"missing":     func(s *scanners.Source) { s.Path = filepath.Join(dir, "absent") },
		"no folder":   func(s *scanners.Source) { s.Path = filepath.Join(dir, "go.mod") },
		"no file":     func(s *scanners.Source) { s.Kind = scanners.File },
		"no manifest": func(s *scanners.Source) { s.Kind = scanners.OCILayout },
		"no archive":  func(s *scanners.Source) { s.Kind, s.Path = scanners.DockerArchive, filepath.Join(dir, "go.mod") },
	} {
		src := dirSourceOf(dir)
		change(&src)
		if tree, err := Open(t.Context(), src); err == nil {
			t.Errorf("%s: opened %v", name, tree)
		}
	}
}

// TestSameAsSyft holds our folder source against syft's own: the same packages at the same places.
func TestSameAsSyft(t *testing.T) {
	dir := shop(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "bin/app", string(b))
	write(t, dir, ".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n    - uses: actions/checkout@v4\n")
	write(t, dir, "py/requirements.txt", "requests==2.30.0\n")
	write(t, dir, "py/lib/x-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n")
	write(t, dir, "var/lib/dpkg/status", "Package: bash\nStatus: install ok installed\nVersion: 5.2-1\nArchitecture: amd64\n\n")
	write(t, dir, "slim/var/lib/dpkg/status.d/libc6", "Package: libc6\nVersion: 2.36-9\nArchitecture: amd64\n")
	ours := generate(t, dirSourceOf(dir))
	theirs, err := directorysource.New(directorysource.Config{Path: dir, Base: dir, Alias: source.Alias{Name: "shop"}})
	if err != nil {
		t.Fatal(err)
	}
	licences, err := licenceScanner()
	if err != nil {
		t.Fatal(err)
	}
	s, err := syft.CreateSBOM(withValues{t.Context(), licences}, theirs, config(Options{}))
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]bool{}, map[string]bool{}
	for p := range s.Artifacts.Packages.Enumerate() {
		for _, l := range p.Locations.ToSlice() {
			want[p.PURL+" "+l.RealPath] = true
		}
	}
	for p := range ours.Syft().Artifacts.Packages.Enumerate() {
		for _, l := range p.Locations.ToSlice() {
			got[p.PURL+" "+l.RealPath] = true
		}
	}
	if len(want) < 10 {
		t.Errorf("the fixture gives only %d packages", len(want))
	}
	for p := range want {
		if !got[p] {
			t.Errorf("missing %s", p)
		}
	}
	for p := range got {
		if !want[p] {
			t.Errorf("only ours: %s", p)
		}
	}
}
