// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

func TestParse(t *testing.T) {
	zero := attest.Digest{Algorithm: "sha256", Hex: zeros}
	for in, want := range map[string]Ref{
		"git:HEAD":                               {Scheme: Git, Path: "HEAD"},
		"git:HEAD~2^{commit}":                    {Scheme: Git, Path: "HEAD~2^{commit}"},
		"file:a:b":                               {Scheme: File, Path: "a:b"},
		"dir:.":                                  {Scheme: Dir, Path: "."},
		"oci-layout:out/shop":                    {Scheme: OCILayout, Path: "out/shop"},
		"oci-layout:out@sha256:" + zeros:         {Scheme: OCILayout, Path: "out", Digest: zero},
		"docker-archive:x.tar":                   {Scheme: DockerArchive, Path: "x.tar"},
		"registry.acme.io/shop/auth:v1":          {Scheme: Registry, Path: "registry.acme.io/shop/auth", Tag: "v1", Bare: true},
		"localhost:5000/shop@sha256:" + zeros:    {Scheme: Registry, Path: "localhost:5000/shop", Digest: zero, Bare: true},
		"oci://localhost/shop:1@sha256:" + zeros: {Scheme: Registry, Path: "localhost/shop", Tag: "1", Digest: zero},
		"README.md":                              {Path: "README.md"},
		"./registry.acme.io/shop:v1":             {Path: "./registry.acme.io/shop:v1"},
		"example.org/file":                       {Path: "example.org/file"},
		"out@sha256:" + zeros:                    {Path: "out@sha256:" + zeros},
	} {
		got, err := Parse(in)
		if err != nil || got != want || got.String() != in {
			t.Errorf("%s: %+v %v, written as %s", in, got, err, got)
		}
	}
	for _, in := range []string{"", "git:", "git:-x", "git:--upload-pack=x", "file:", "dir:", "docker-archive:", "oci-layout:", "oci-layout:@sha256:" + zeros,
		"oci-layout:x@sha256:../../x", "oci-layout:x@sha256:" + strings.Repeat("A", 64), "a\nb", "file:a\x00b", "dir:\xff", "oci://shop:v1", "oci://host.io/x", "oci://host.io/UPPER:v1",
		"oci://host.io/x:ta g", strings.Repeat("x", MaxRef+1)} {
		if got, err := Parse(in); err == nil || CodeOf(err) == "" {
			t.Errorf("%q was accepted as %+v (%v)", in, got, err)
		}
	}
}

func TestComplete(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"folder/x": "x", "lay/" + layoutFile: "{}", "file.txt": "x", "empty": "", "lay2@sha256:" + zeros + "/x": "", "lay2/" + layoutFile: "",
		"host.io/x:v1": "file"})
	writeArchive(t, filepath.Join(dir, "img.tar"), image(t))
	must(t, os.Symlink("file.txt", filepath.Join(dir, "link")))
	for in, want := range map[string]Scheme{"folder": Dir, ".": Dir, "lay": OCILayout, "file.txt": File, "empty": File, "link": File, "img.tar": DockerArchive,
		"lay@sha256:" + zeros: OCILayout, "other.io/x:v1": Registry, "oci://host.io/x:v1": Registry, "./host.io/x:v1": File, "git:HEAD": Git} {
		ref, err := Parse(in)
		must(t, err)
		if got, err := ref.Complete(dir); err != nil || got.Scheme != want {
			t.Errorf("%s: %+v %v, expected %s", in, got, err, want)
		}
	}
	for in, code := range map[string]Code{"nowhere": NotFound, "HEAD": NotFound, "host.io/x:v1": AmbiguousRef, "lay2@sha256:" + zeros: AmbiguousRef, "nowhere@sha256:" + zeros: NotFound} {
		ref, err := Parse(in)
		must(t, err)
		_, err = ref.Complete(dir)
		wantCode(t, err, code)
		if err == nil || !strings.Contains(err.Error(), "hint: write") {
			t.Errorf("%s: no way out is named: %v", in, err)
		}
	}
	_, err := resolve(t, "registry.acme.io/shop:v1", dir)
	wantCode(t, err, Unsupported, "no registry can be reached")
	if _, err = Resolve(t.Context(), Ref{}, Options{Dir: dir}); CodeOf(err) != Malformed {
		t.Errorf("the zero Ref: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"git:HEAD", "dir:.", "oci-layout:x@sha256:" + zeros, "oci://localhost:5000/a/b:t@sha256:" + zeros, "a.b/c:d", "x@sha256:", "localhost/x:y", "file:git:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := Parse(s)
		if err != nil {
			if CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if r.String() != s {
			t.Fatalf("%q is written as %q", s, r)
		}
		again, err := Parse(r.String())
		if err != nil || again != r {
			t.Fatalf("%q: %+v, read again %+v %v", s, r, again, err)
		}
	})
}
