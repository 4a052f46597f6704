// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

func TestRoundTrip(t *testing.T) {
	s := start(t, nil)
	r := s.repo(t, Options{})
	d := push(t, r, "v1")
	if want := s.host + "/shop/app"; r.Name() != want {
		t.Errorf("name %q, expected %q", r.Name(), want)
	}
	for _, ref := range []string{"v1", d.Digest.String()} {
		m, err := r.Manifest(t.Context(), ref)
		must(t, err)
		if m.Digest != d.Digest || m.MediaType != TypeManifest || m.Descriptor().Size != d.Size {
			t.Errorf("%s: %+v, expected %+v", ref, m, d)
		}
		h, err := r.Head(t.Context(), ref)
		must(t, err)
		if h.Digest != d.Digest || h.Size != d.Size {
			t.Errorf("head of %s: %+v", ref, h)
		}
	}
	content := bytes.Repeat([]byte("x"), 100_000)
	blob, err := r.PutBlob(t.Context(), content, "text/plain")
	must(t, err)
	s.forget()
	_, err = r.PutBlob(t.Context(), content, "text/plain")
	must(t, err)
	if got := s.requests(); len(got) != 1 {
		t.Errorf("storing a blob again took %q", got)
	}
	got, err := r.ReadBlob(t.Context(), blob, 100_000)
	must(t, err)
	if !bytes.Equal(got, content) {
		t.Error("the blob came back as something else")
	}
	var want []attest.Digest
	for i := range 3 {
		m, err := r.PutManifest(t.Context(), fmt.Sprintf("sig-%d", i), TypeManifest, image(d.Digest, i))
		must(t, err)
		want = append(want, m.Digest)
	}
	list, supported, err := r.Referrers(t.Context(), d.Digest)
	must(t, err)
	if !supported || len(list) != len(want) {
		t.Errorf("referrers %v, %v", list, supported)
	}
	tags, err := r.Tags(t.Context(), "sig-")
	must(t, err)
	if fmt.Sprint(tags) != "[sig-0 sig-1 sig-2]" {
		t.Errorf("tags %q", tags)
	}
	must(t, r.Delete(t.Context(), "v1"))
	_, err = r.Manifest(t.Context(), "v1")
	wantCode(t, err, NotFound, "MANIFEST_UNKNOWN", "404")
	if !IsNotFound(err) {
		t.Error("not found is not reported as such")
	}
}
