// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/anchore/grype/grype/distro"
	grypepkg "github.com/anchore/grype/grype/pkg"
	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/cataloging"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

const bookworm = "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"

// debian is a small root file system: packages as distroless lists them, a Python package that one of them owns, and one that none does.
func debian() map[string]string {
	return map[string]string{
		"etc/os-release":                                                   bookworm,
		"var/lib/dpkg/status.d/libc6":                                      "Package: libc6\nSource: glibc\nVersion: 2.36-9+deb12u2\nArchitecture: amd64\n",
		"var/lib/dpkg/status.d/wget":                                       "Package: wget\nSource: wget (1.21.3-1)\nVersion: 1.21.3-1+b2\nArchitecture: amd64\n",
		"var/lib/dpkg/status.d/python3-requests":                           "Package: python3-requests\nSource: requests\nVersion: 2.28.1+dfsg-1\nArchitecture: all\n",
		"var/lib/dpkg/status.d/python3-requests.md5sums":                   "d41d8cd98f00b204e9800998ecf8427e  usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA\n",
		"usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: requests\nVersion: 2.28.1\n",
		"opt/app/PyYAML-5.3.dist-info/METADATA":                            "Metadata-Version: 2.1\nName: PyYAML\nVersion: 5.3\n",
	}
}

func layoutOf(t testing.TB, files map[string]string) scanners.Source {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	var names []string
	for n := range files {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, dir := range []string{"var/lib/dpkg/status.d/", "usr/lib/python3/dist-packages/requests-2.28.1.dist-info/"} {
		if err := w.WriteHeader(&tar.Header{Name: dir, Mode: 0o755, Typeflag: tar.TypeDir}); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range names {
		if err := w.WriteHeader(&tar.Header{Name: n, Mode: 0o644, Size: int64(len(files[n]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[n]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, l)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.AppendImage(img); err != nil {
		t.Fatal(err)
	}
	h, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return scanners.Source{Kind: scanners.OCILayout, Path: dir, Manifest: attest.Digest{Algorithm: "sha256", Hex: h.Hex},
		Subject: attest.Subject{Name: "debian", Digest: attest.DigestSet{"sha256": h.Hex}}}
}

func TestScanDebianImage(t *testing.T) {
	v := scan(t, document(t, layoutOf(t, debian())), openDB(t, imported(t)))
	libc := "pkg:deb/debian/libc6@2.36-9%2Bdeb12u2?arch=amd64&distro=debian-12&upstream=glibc"
	wget := "pkg:deb/debian/wget@1.21.3-1%2Bb2?arch=amd64&distro=debian-12&upstream=wget%401.21.3-1"
	want := "CVE-2010-4756 negligible " + libc + " not-fixed \n" +
		"CVE-2023-4911 high " + libc + " fixed 2.36-9+deb12u3\n" +
		"CVE-2024-2961 high " + libc + " fixed 2.36-9+deb12u7\n" +
		"GHSA-8q59-q68h-6hv4 critical pkg:pypi/pyyaml@5.3 fixed 5.4\n" +
		"CVE-2021-31879 medium " + wget + " wont-fix \n"
	if got := rows(v); got != want {
		t.Errorf("expected\n%s\nfound\n%s", want, got)
	}
	for _, r := range v.Scanner.Result {
		if a := r.Annotations[0]; a.KEV != (r.ID == "CVE-2023-4911") {
			t.Errorf("%s: kev %v", r.ID, a.KEV)
		}
	}
}

// TestSameAsGrype holds the packages that are matched against what grype's own Provide makes of the same image.
func TestSameAsGrype(t *testing.T) {
	src := layoutOf(t, debian())
	ours, d := packagesOf(document(t, src).Syft())
	cfg := syft.DefaultCreateSBOMConfig()
	cfg.Packages.Golang = cfg.Packages.Golang.WithUsePackagesLib(false).WithCaptureSymbols(cataloging.SymbolScopeAll)
	theirs, in, _, err := grypepkg.Provide(src.Path, grypepkg.ProviderConfig{
		SyftProviderConfig: grypepkg.SyftProviderConfig{SBOMOptions: cfg, Sources: []string{"oci-dir"}},
		SynthesisConfig:    grypepkg.SynthesisConfig{Distro: grypepkg.DistroConfig{FixChannels: distro.DefaultFixChannels()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if d.String() != in.Distro.String() {
		t.Errorf("distribution %s, grype has %s", d, in.Distro)
	}
	got, want := listed(ours), listed(theirs)
	if !slices.Equal(got, want) {
		t.Errorf("expected\n%s\nfound\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
	if len(got) != 4 { // not the Python package that belongs to a Debian one
		t.Errorf("the fixture gives %d packages", len(got))
	}
}

func listed(packages []grypepkg.Package) []string {
	var out []string
	for _, p := range packages {
		out = append(out, strings.Join([]string{string(p.Type), p.Name, p.Version, p.Distro.String(), strings.Join(p.Distro.Channels, ",")}, " "))
	}
	slices.Sort(out)
	return out
}

// TestDistributionThatCannotBeMatched: grype would find nothing and say so.
func TestDistributionThatCannotBeMatched(t *testing.T) {
	db := openDB(t, imported(t))
	for release, message := range map[string]string{
		"": "not known", "ID=alpine\nVERSION_ID=3.20.1\n": "nothing on alpine 3.20", strings.ReplaceAll(bookworm, "12", "11"): "nothing on debian 11",
	} {
		files := debian()
		if files["etc/os-release"] = release; release == "" {
			delete(files, "etc/os-release")
		}
		_, err := Scan(t.Context(), document(t, layoutOf(t, files)), db, clock, "test")
		if !errors.Is(err, ErrNoDistribution) || !strings.Contains(err.Error(), message) {
			t.Errorf("expected %q, found %v", message, err)
		}
	}
}
