// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	ggcr "github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

func image(t testing.TB) v1.Image {
	t.Helper()
	img, err := random.Image(300, 2)
	must(t, err)
	img, err = mutate.CreatedAt(mutate.MediaType(mutate.ConfigMediaType(img, types.OCIConfigJSON), types.OCIManifestSchema1),
		v1.Time{Time: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)})
	must(t, err)
	return img
}

// statement is an attestation manifest as BuildKit puts it beside an image.
func statement(t testing.TB, layers ...types.MediaType) v1.Image {
	t.Helper()
	img := mutate.MediaType(mutate.ConfigMediaType(empty.Image, types.OCIConfigJSON), types.OCIManifestSchema1)
	for i, mt := range layers {
		var err error
		img, err = mutate.Append(img, mutate.Addendum{Layer: static.NewLayer(fmt.Appendf(nil, `{"n":%d}`, i), mt), MediaType: mt})
		must(t, err)
	}
	return img
}

func child(img mutate.Appendable, os, arch string, annotations map[string]string) mutate.IndexAddendum {
	return mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: os, Architecture: arch}, Annotations: annotations}}
}

func newLayout(t testing.TB) (string, ggcr.Path) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	l, err := ggcr.Write(dir, empty.Index)
	must(t, err)
	return dir, l
}

func digestOf(t testing.TB, d interface{ Digest() (v1.Hash, error) }) attest.Digest {
	t.Helper()
	h, err := d.Digest()
	must(t, err)
	return attest.Digest{Algorithm: h.Algorithm, Hex: h.Hex}
}

func TestLayoutImage(t *testing.T) {
	dir, l := newLayout(t)
	img := image(t)
	must(t, l.AppendImage(img, ggcr.WithAnnotations(map[string]string{annotationRefName: "v1"})))
	want := digestOf(t, img)
	for _, ref := range []string{"oci-layout:shop", "shop", "oci-layout:shop@" + want.String(), "shop@" + want.String()} {
		r := resolved(t, ref, filepath.Dir(dir))
		if r.Subject.Digest.Primary() != want || r.Subject.Name != "shop" || r.Index || len(r.Platforms) != 0 || r.Created.Day() != 2 || r.Tag != "v1" {
			t.Errorf("%s: %+v", ref, r)
		}
		src, err := r.Sources(t.Context(), "")
		must(t, err)
		if len(src) != 1 || src[0].Kind != scanners.OCILayout || src[0].Manifest != want || src[0].Path != realPath(dir) {
			t.Errorf("%s: %+v", ref, src)
		}
	}
	must(t, l.AppendImage(img, ggcr.WithAnnotations(map[string]string{annotationRefName: "latest"}))) // a second name for the same image
	resolved(t, dir, "")
	other := image(t)
	must(t, l.AppendImage(other, ggcr.WithAnnotations(map[string]string{annotationRefName: "v2"})))
	_, err := resolve(t, dir, "")
	wantCode(t, err, AmbiguousRef, "oci-layout:"+dir+"@"+want.String()+" (v1)", digestOf(t, other).String()+" (v2)")
	_, err = resolve(t, "oci-layout:"+dir+"@sha256:"+strings.Repeat("0", 64), "")
	wantCode(t, err, NotFound, want.String())
}

func TestLayoutIndex(t *testing.T) {
	dir, l := newLayout(t)
	amd, arm, inner := image(t), image(t), image(t)
	attested := statement(t, inTotoLayer, inTotoLayer)
	mark := map[string]string{annotationRefType: "attestation-manifest", "vnd.docker.reference.digest": digestOf(t, amd).String()}
	nested := mutate.AppendManifests(empty.Index, child(inner, "linux", "s390x", nil))
	idx := mutate.AppendManifests(empty.Index, child(amd, "linux", "amd64", map[string]string{annotationTitle: "auth"}), child(arm, "linux", "arm64", nil),
		child(attested, "unknown", "unknown", mark), mutate.IndexAddendum{Add: nested})
	must(t, l.AppendIndex(idx))
	r := resolved(t, dir, "")
	var got []string
	for _, p := range r.Platforms {
		got = append(got, p.Name+" "+p.Digest.Short()+" "+p.Subject.Name)
	}
	want := []string{"auth linux/amd64 " + digestOf(t, amd).Short() + " shop (auth linux/amd64)", "linux/arm64 " + digestOf(t, arm).Short() + " shop (linux/arm64)",
		"linux/s390x " + digestOf(t, inner).Short() + " shop (linux/s390x)"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("platforms %q, expected %q", got, want)
	}
	if !r.Index || r.Subject.Digest.Primary() != digestOf(t, idx) || len(r.Skipped) != 1 || r.Skipped[0].Digest != digestOf(t, attested) || r.Created.Day() != 2 {
		t.Errorf("%+v", r)
	}
	if len(r.Subjects()) != 4 || len(r.Leaves()) != 3 {
		t.Errorf("subjects %v, leaves %v", r.Subjects(), r.Leaves())
	}
	src, err := r.Sources(t.Context(), "")
	must(t, err)
	for i, s := range src {
		if s.Manifest != r.Platforms[i].Digest || s.Subject.Name != r.Platforms[i].Subject.Name {
			t.Errorf("source %d: %+v", i, s)
		}
	}
	for _, m := range []interface{ Digest() (v1.Hash, error) }{arm, nested, inner, attested} {
		one := resolved(t, "oci-layout:"+dir+"@"+digestOf(t, m).String(), "")
		if one.Subject.Digest.Primary() != digestOf(t, m) {
			t.Errorf("%+v", one)
		}
	}
}

// A child is left out of an index only if all three marks of an attestation manifest are there.
func TestLayoutSkippedNeedsEveryMark(t *testing.T) {
	mark := map[string]string{annotationRefType: "attestation-manifest"}
	for name, c := range map[string]mutate.IndexAddendum{
		"platform":   child(statement(t, inTotoLayer), "linux", "amd64", mark),
		"annotation": child(statement(t, inTotoLayer), "unknown", "unknown", nil),
		"layer":      child(statement(t, inTotoLayer, types.OCILayer), "unknown", "unknown", mark),
		"no layer":   child(statement(t), "unknown", "unknown", mark),
		"halfknown":  child(statement(t, inTotoLayer), "unknown", "amd64", mark),
	} {
		dir, l := newLayout(t)
		must(t, l.AppendIndex(mutate.AppendManifests(empty.Index, c)))
		if r, err := resolve(t, dir, ""); err != nil || len(r.Platforms) != 1 || len(r.Skipped) != 0 {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
	dir, l := newLayout(t)
	s := statement(t, inTotoLayer)
	must(t, l.AppendIndex(mutate.AppendManifests(empty.Index, child(s, "unknown", "unknown", mark))))
	_, err := resolve(t, dir, "")
	wantCode(t, err, Empty)
	dir, l = newLayout(t)
	must(t, l.AppendIndex(mutate.AppendManifests(empty.Index, child(s, "unknown", "unknown", mark), child(s, "linux", "amd64", nil))))
	if r := resolved(t, dir, ""); len(r.Platforms) != 1 || len(r.Skipped) != 0 {
		t.Errorf("skipped in one place and an image in another: %+v", r)
	}
}

func TestLayoutNestedTooDeep(t *testing.T) {
	dir, l := newLayout(t)
	idx := mutate.AppendManifests(empty.Index, child(image(t), "linux", "amd64", nil))
	for range 2 {
		idx = mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: idx})
	}
	must(t, l.AppendIndex(idx))
	if r := resolved(t, dir, ""); len(r.Platforms) != 1 {
		t.Errorf("%+v", r)
	}
	dir, l = newLayout(t)
	must(t, l.AppendIndex(mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: idx})))
	_, err := resolve(t, dir, "")
	wantCode(t, err, Limit, "deeper than 3")
}

// blobPath is where a blob lies.
func blobPath(dir string, d attest.Digest) string {
	return filepath.Join(dir, "blobs", d.Algorithm, d.Hex)
}

func TestT02_BlobsAreHeldAgainstTheirDescriptors(t *testing.T) {
	type change func(p string, raw []byte) error
	flip := func(p string, raw []byte) error { raw[len(raw)/2] ^= 1; return os.WriteFile(p, raw, 0o644) }
	longer := func(p string, raw []byte) error { return os.WriteFile(p, append(raw, '\n'), 0o644) }
	shorter := func(p string, raw []byte) error { return os.WriteFile(p, raw[:len(raw)-1], 0o644) }
	remove := func(p string, _ []byte) error { return os.Remove(p) }
	for _, c := range map[string]struct {
		change change
		code   Code
	}{"flip": {flip, DigestMismatch}, "longer": {longer, DigestMismatch}, "shorter": {shorter, DigestMismatch}, "remove": {remove, NotFound}} {
		for _, what := range []string{"manifest", "config", "layer"} {
			dir, l := newLayout(t)
			img := image(t)
			must(t, l.AppendImage(img))
			before := resolved(t, dir, "")
			m, err := img.Manifest()
			must(t, err)
			d := digestOf(t, img)
			switch what {
			case "config":
				d = attest.Digest{Algorithm: "sha256", Hex: m.Config.Digest.Hex}
			case "layer":
				d = attest.Digest{Algorithm: "sha256", Hex: m.Layers[1].Digest.Hex}
			}
			raw, err := os.ReadFile(blobPath(dir, d))
			must(t, err)
			must(t, c.change(blobPath(dir, d), raw))
			_, err = before.Rehash(t.Context())
			wantCode(t, err, c.code, d.Hex)
			_, err = before.Sources(t.Context(), "")
			wantCode(t, err, c.code, d.Hex)
			if what == "manifest" {
				_, err = resolve(t, dir, "")
				wantCode(t, err, c.code, d.Hex)
			}
		}
	}
}

// Nothing outside the layout is read, and nothing in it through a link.
func TestT03_LayoutStaysInside(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("{}"), 0o644))
	for _, digest := range []string{"sha256:../../../secret", "sha256:" + secret, "sha256:..", "../x:" + strings.Repeat("0", 64), "sha256:" + strings.Repeat("A", 64), "sha256:", "",
		"md5:" + strings.Repeat("0", 32), "sha512:" + strings.Repeat("0", 128)} {
		dir, _ := newLayout(t)
		raw, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []any{map[string]any{"mediaType": ociManifest, "digest": digest, "size": 2}}})
		must(t, err)
		must(t, os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, layoutIndex), raw, 0o644))
		_, err = resolve(t, dir, "")
		if c := CodeOf(err); c != Malformed && c != Unsupported {
			t.Errorf("digest %q: code %q: %v", digest, c, err)
		}
	}
	for _, link := range []string{"blob", "sha256", "blobs", layoutIndex, layoutFile} {
		dir, l := newLayout(t)
		img := image(t)
		must(t, l.AppendImage(img))
		p := map[string]string{"blob": blobPath(dir, digestOf(t, img)), "sha256": filepath.Join(dir, "blobs", "sha256"), "blobs": filepath.Join(dir, "blobs")}[link]
		if p == "" {
			p = filepath.Join(dir, link)
		}
		must(t, os.Rename(p, p+".moved"))
		must(t, os.Symlink(filepath.Base(p)+".moved", p))
		_, err := resolve(t, "oci-layout:"+dir, "")
		wantCode(t, err, Unsupported)
	}
}

func TestLayoutForm(t *testing.T) {
	for name, c := range map[string]struct {
		file, content string
		code          Code
	}{
		"version":  {layoutFile, `{"imageLayoutVersion":"2.0.0"}`, Unsupported},
		"no json":  {layoutFile, `x`, Unsupported},
		"image":    {layoutIndex, `{"schemaVersion":2,"config":{},"layers":[]}`, Malformed},
		"none":     {layoutIndex, `{"schemaVersion":2,"manifests":[]}`, Empty},
		"null":     {layoutIndex, `{"schemaVersion":2,"manifests":null}`, Malformed},
		"number":   {layoutIndex, `{"schemaVersion":2,"manifests":7}`, Malformed},
		"schema":   {layoutIndex, `{"schemaVersion":1,"manifests":[]}`, Unsupported},
		"twice":    {layoutIndex, `{"schemaVersion":2,"manifests":[],"manifests":[]}`, Malformed},
		"too big":  {layoutIndex, strings.Repeat(" ", MaxManifest+1), Limit},
		"too many": {layoutIndex, `{"schemaVersion":2,"manifests":[` + strings.Repeat(`{},`, MaxManifests) + `{}]}`, Limit},
		"no size":  {layoutIndex, `{"schemaVersion":2,"manifests":[{"digest":"sha256:` + strings.Repeat("0", 64) + `"}]}`, Malformed},
		"no blob":  {layoutIndex, `{"schemaVersion":2,"manifests":[{"size":1,"digest":"sha256:` + strings.Repeat("0", 64) + `"}]}`, NotFound},
		"huge":     {layoutIndex, `{"schemaVersion":2,"manifests":[{"size":99999999,"digest":"sha256:` + strings.Repeat("0", 64) + `"}]}`, Limit},
	} {
		dir, _ := newLayout(t)
		must(t, os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, c.file), []byte(c.content), 0o644))
		if _, err := resolve(t, dir, ""); CodeOf(err) != c.code {
			t.Errorf("%s: code %q, expected %q: %v", name, CodeOf(err), c.code, err)
		}
	}
	_, err := resolve(t, "oci-layout:nowhere", t.TempDir())
	wantCode(t, err, NotFound)
	_, err = resolve(t, "oci-layout:.", t.TempDir())
	wantCode(t, err, NotFound, layoutFile)
}

const (
	descriptorJSON = `{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:` + zeros + `","size":2}`
	zeros          = "0000000000000000000000000000000000000000000000000000000000000000"
)

func TestA10_AmbiguousManifest(t *testing.T) {
	image := `"schemaVersion":2,"config":` + descriptorJSON + `,"layers":[` + descriptorJSON + `]`
	index := `"schemaVersion":2,"manifests":[` + descriptorJSON + `]`
	for name, c := range map[string]struct {
		raw, named string
		code       Code
	}{
		"image":           {"{" + image + "}", ociManifest, ""},
		"image, unnamed":  {"{" + image + "}", "", ""},
		"index":           {"{" + index + "}", ociIndex, ""},
		"docker list":     {`{"mediaType":"` + dockerList + `",` + index + "}", dockerList, ""},
		"both":            {"{" + image + "," + index[len(`"schemaVersion":2,`):] + "}", "", AmbiguousManifest},
		"layers too":      {`{"layers":[],` + index + "}", ociIndex, AmbiguousManifest},
		"config too":      {`{"config":null,` + index + "}", ociIndex, AmbiguousManifest},
		"fsLayers too":    {`{"fsLayers":[],` + image + "}", ociManifest, AmbiguousManifest},
		"Manifests":       {`{"Manifests":[],` + image + "}", ociManifest, AmbiguousManifest},
		"layerſ":          {`{"layerſ":[],` + image + "}", ociManifest, AmbiguousManifest},
		"Digest":          {`{"schemaVersion":2,"config":` + descriptorJSON + `,"layers":[{"Digest":"sha256:1",` + descriptorJSON[1:] + `]}`, ociManifest, AmbiguousManifest},
		"named index":     {"{" + image + "}", ociIndex, AmbiguousManifest},
		"named image":     {"{" + index + "}", ociManifest, AmbiguousManifest},
		"says index":      {`{"mediaType":"` + ociIndex + `",` + image + "}", "", AmbiguousManifest},
		"says image":      {`{"mediaType":"` + dockerManifest + `",` + index + "}", "", AmbiguousManifest},
		"two media types": {`{"mediaType":"` + dockerManifest + `",` + image + "}", ociManifest, AmbiguousManifest},
		"other type":      {"{" + image + "}", "text/plain", Unsupported},
		"schema 1":        {`{"schemaVersion":1,"fsLayers":[],"history":[]}`, "", Unsupported},
		"nothing":         {"{}", "", Unsupported},
		"no layers":       {`{"schemaVersion":2,"config":` + descriptorJSON + "}", "", Malformed},
		"null layers":     {`{"schemaVersion":2,"config":` + descriptorJSON + `,"layers":null}`, "", Malformed},
		"null config":     {`{"schemaVersion":2,"config":null,"layers":[]}`, "", Malformed},
		"list":            {"[]", "", Malformed},
		"two documents":   {"{" + image + "}{}", "", Malformed},
		"config twice":    {`{"config":` + descriptorJSON + "," + image + "}", "", Malformed},
	} {
		m, err := parseManifest([]byte(c.raw), c.named)
		if CodeOf(err) != c.code || (err == nil) != (m != nil) {
			t.Errorf("%s: code %q, expected %q: %v", name, CodeOf(err), c.code, err)
		}
	}
}

func TestDockerArchive(t *testing.T) {
	dir := t.TempDir()
	img, err := random.Image(300, 2)
	must(t, err)
	tag := writeArchive(t, filepath.Join(dir, "shop.tar"), img)
	want, err := tarball.ImageFromPath(filepath.Join(dir, "shop.tar"), &tag)
	must(t, err)
	for _, ref := range []string{"docker-archive:shop.tar", "shop.tar"} {
		r := resolved(t, ref, dir)
		if r.Subject.Digest.Primary() != digestOf(t, want) || r.Ref.Scheme != DockerArchive || r.Tag != "v1" || r.Repository != "example.org/shop" {
			t.Errorf("%s: %+v", ref, r)
		}
		set, err := r.Rehash(t.Context())
		must(t, err)
		src, err := r.Sources(t.Context(), "")
		must(t, err)
		if !set.Matches(r.Subject.Digest) || len(src) != 1 || src[0].Kind != scanners.DockerArchive {
			t.Errorf("%s: %v %+v", ref, set, src)
		}
	}
	put(t, dir, map[string]string{"no.tar": "no tar archive"})
	_, err = resolve(t, "docker-archive:no.tar", dir)
	wantCode(t, err, Malformed)
	if r := resolved(t, "no.tar", dir); r.Ref.Scheme != File {
		t.Errorf("%+v", r.Ref)
	}
}

func TestA10_AmbiguousArchive(t *testing.T) {
	dir := t.TempDir()
	img, err := random.Image(300, 2)
	must(t, err)
	writeArchive(t, filepath.Join(dir, "ok.tar"), img)
	files := untar(t, filepath.Join(dir, "ok.tar"))
	var head []map[string]any
	must(t, json.Unmarshal([]byte(files["manifest.json"]), &head))
	layer := head[0]["Layers"].([]any)[0].(string)
	sources := func(extra map[string]any) string {
		one := map[string]any{}
		for k, v := range head[0] {
			one[k] = v
		}
		for k, v := range extra {
			one[k] = v
		}
		raw, err := json.Marshal([]any{one})
		must(t, err)
		return string(raw)
	}
	m, err := img.ConfigFile()
	must(t, err)
	for name, c := range map[string]struct {
		entries [][2]string
		code    Code
	}{
		"two manifests": {[][2]string{{"./manifest.json", files["manifest.json"]}}, AmbiguousManifest},
		"two layers":    {[][2]string{{layer, "evil"}}, AmbiguousManifest},
		"two images":    {[][2]string{{"=manifest.json", strings.Replace(files["manifest.json"], "[", "["+sources(nil)[1:len(sources(nil))-1]+",", 1)}}, AmbiguousRef},
		"config folded": {[][2]string{{"=manifest.json", sources(map[string]any{"config": "x"})}}, AmbiguousManifest},
		"no image":      {[][2]string{{"=manifest.json", "[]"}}, AmbiguousRef},
		"layer lies":    {[][2]string{{"=" + layer, "evil"}}, DigestMismatch},
		"claimed layer": {[][2]string{{"=manifest.json", sources(map[string]any{"LayerSources": map[string]any{m.RootFS.DiffIDs[0].String(): map[string]any{
			"mediaType": string(types.DockerLayer), "size": 4, "digest": "sha256:" + zeros}}})}}, DigestMismatch},
		"one layer left": {[][2]string{{"=manifest.json", sources(map[string]any{"Layers": []any{layer}})}}, AmbiguousManifest},
	} {
		p := filepath.Join(dir, "x.tar")
		tarWith(t, p, files, c.entries)
		r, err := resolve(t, "docker-archive:"+p, "")
		if err == nil {
			_, err = r.Sources(t.Context(), "")
		}
		if CodeOf(err) != c.code {
			t.Errorf("%s: code %q, expected %q: %v", name, CodeOf(err), c.code, err)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(`{"schemaVersion":2,"config":`+descriptorJSON+`,"layers":[]}`), ociManifest)
	f.Add([]byte(`{"schemaVersion":2,"manifests":[`+descriptorJSON+`]}`), ociIndex)
	f.Add([]byte(`{"schemaVersion":2,"layers":[],"manifests":[]}`), "")
	f.Fuzz(func(t *testing.T, raw []byte, named string) {
		m, err := parseManifest(raw, named)
		if err != nil {
			return
		}
		var std struct { // what a reader that ignores case sees
			MediaType string
			Config    *struct{ Digest string }
			Layers    []struct{ Digest string }
			Manifests []struct{ Digest string }
		}
		if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&std); err != nil {
			t.Fatalf("accepted what encoding/json does not read: %v", err)
		}
		if m.index != (std.Config == nil && std.Layers == nil) || m.index != (std.Manifests != nil) || len(std.Layers) != len(m.layers) || len(std.Manifests) != len(m.manifests) {
			t.Fatalf("two readers, two meanings: %s", raw)
		}
		for i := range m.layers {
			if std.Layers[i].Digest != m.layers[i].Digest {
				t.Fatalf("two readers, two layers: %s", raw)
			}
		}
	})
}
