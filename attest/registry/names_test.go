// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sealock-dev/sealock/attest"
)

func TestParseName(t *testing.T) {
	for in, want := range map[string]string{
		"registry.acme.io/shop/app": "registry.acme.io/shop/app", "Registry.Acme.IO:443/x": "registry.acme.io:443/x", "localhost/x": "localhost/x", "127.0.0.1:5000/a-b__c.d/e": "127.0.0.1:5000/a-b__c.d/e",
		"[::1]:5000/x": "[::1]:5000/x", "docker.io/alpine": "docker.io/library/alpine", "index.docker.io/acme/x": "docker.io/acme/x", "registry-1.docker.io/library/x": "docker.io/library/x",
		"": "", "x": "", "shop/app": "", "a.b/": "", "a.b/..": "", "a.b/../x": "", "a.b/x/../../y": "", "a.b/x//y": "", "a.b/X": "", "a.b/x:1": "", "a.b/x?y": "", "a.b/x#y": "", "a.b/x%2fy": "",
		"a.b@c/x": "", "user:pw@a.b/x": "", "a.b:x/y": "", "a.b/-x": "", "a.b/x y": "", "a.b/x\n": "", "/x.y/z": "", "a.b/" + strings.Repeat("x", 256): "",
	} {
		host, path, err := ParseName(in)
		got := host + "/" + path
		if err != nil {
			got = ""
		}
		if got != want {
			t.Errorf("%q: %q, %v, expected %q", in, got, err, want)
		}
	}
}

func FuzzParseName(f *testing.F) {
	f.Add("registry.acme.io/shop/app")
	f.Add("docker.io/x")
	f.Fuzz(func(t *testing.T, s string) {
		host, path, err := ParseName(s)
		if err != nil {
			return
		}
		if h, p, err := ParseName(host + "/" + path); err != nil || h != host || p != path {
			t.Errorf("%q: %q/%q becomes %q/%q: %v", s, host, path, h, p, err)
		}
		if strings.Contains(path, "..") || strings.ContainsAny(host+path, "?#@%\\ \n") {
			t.Errorf("%q: %q/%q", s, host, path)
		}
	})
}

func TestRefs(t *testing.T) {
	r := start(t, nil).repo(t, Options{})
	for _, ref := range []string{"", ".", "..", "-x", "a/b", "../../x", "a b", "a?b", "a%2fb", "sha256:x", "sha256:" + strings.Repeat("A", 64), "a:b", strings.Repeat("x", 129), "v1\n"} {
		_, err := r.Manifest(t.Context(), ref)
		wantCode(t, err, Malformed)
		_, err = r.Head(t.Context(), ref)
		wantCode(t, err, Malformed)
		_, err = r.PutManifest(t.Context(), ref, TypeManifest, []byte("{}"))
		wantCode(t, err, Malformed)
		wantCode(t, r.Delete(t.Context(), ref), Malformed)
	}
	_, err := r.Manifest(t.Context(), strings.Repeat("x", 128))
	wantCode(t, err, NotFound)
	_, err = r.Manifest(t.Context(), "sha512:"+strings.Repeat("0", 128))
	wantCode(t, err, Unsupported)
}

// Written as go-containerregistry writes it, so that manifests have the digests that cosign gives them.
func TestDescriptorBytes(t *testing.T) {
	d := Descriptor{MediaType: "a/b", ArtifactType: "c/d", Digest: some, Size: 7, Data: []byte{1, 2, 250}, Annotations: map[string]string{"z": "1", "a": "2"}}
	h, err := v1.NewHash(some.String())
	must(t, err)
	theirs, err := json.Marshal(v1.Descriptor{MediaType: types.MediaType(d.MediaType), ArtifactType: d.ArtifactType, Digest: h, Size: 7, Data: d.Data, Annotations: d.Annotations})
	must(t, err)
	ours, err := attest.EncodeJSON(d)
	must(t, err)
	if !bytes.Equal(ours, theirs) {
		t.Errorf("ours   %s\ntheirs %s", ours, theirs)
	}
	if _, err := attest.EncodeJSON(Descriptor{}); err == nil {
		t.Error("a descriptor of nothing was written")
	}
}

func FuzzDescriptor(f *testing.F) {
	f.Add([]byte(`{"mediaType":"a/b","size":1,"digest":"` + some.String() + `","data":"AQ==","annotations":{"a":"b"},"artifactType":"x/y"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var d Descriptor
		if attest.DecodeJSON(raw, &d) != nil || d.Digest.IsZero() {
			return
		}
		out, err := attest.EncodeJSON(d)
		must(t, err)
		var again Descriptor
		must(t, attest.DecodeJSON(out, &again))
		second, err := attest.EncodeJSON(again)
		must(t, err)
		if !bytes.Equal(out, second) || again.Size < 0 {
			t.Errorf("%s, then %s", out, second)
		}
	})
}

func TestInlineBound(t *testing.T) {
	for n, ok := range map[int]bool{MaxInline: true, MaxInline + 1: false} {
		raw := make([]byte, n)
		out, err := attest.EncodeJSON(Descriptor{Digest: some, Size: int64(n), Data: raw})
		must(t, err)
		var d Descriptor
		if err := attest.DecodeJSON(out, &d); (err == nil) != ok || !ok && !strings.Contains(err.Error(), "4194304") {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
