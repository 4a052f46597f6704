// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// refer stores a manifest that refers to another, and is no evidence.
func (s *server) refer(t testing.TB, kind string, to attest.Digest, content string) attest.Digest {
	t.Helper()
	config := emptyDescriptor(typeEmpty)
	return s.manifest(t, "", manifest{Config: &config, ArtifactType: kind, Layers: []registry.Descriptor{{MediaType: "text/plain", Digest: attest.SHA256([]byte(content)), Size: int64(len(content))}},
		Subject: &registry.Descriptor{MediaType: registry.TypeManifest, Digest: to, Size: 1}}, []byte(content))
}

func has(t testing.TB, r *registry.Repository, d attest.Digest) bool {
	t.Helper()
	_, err := r.Manifest(t.Context(), d.String())
	if err != nil && !registry.IsNotFound(err) {
		t.Fatal(err)
	}
	return err == nil
}

func TestCarryToTakesAllThatLiesBeside(t *testing.T) {
	for _, mode := range modes {
		for _, strictly := range []bool{false, true} {
			from, to := serve(t, withAPI), serve(t, mode)
			to.strict = strictly
			w := newWriter(t)
			image, tree := from.image(t, "v1"), attest.Subject{Name: "tree", Digest: attest.DigestSet{"gitTree256": strings.Repeat("ab", 32)}}
			to.image(t, "v1")
			about, source := w.evidence(1, image), w.evidence(2, tree)
			st := from.open(t)
			must(t, st.Put(t.Context(), about))
			must(t, st.Put(t.Context(), source))
			sbom := from.refer(t, "application/spdx+json", primary(image), "a bill of materials")
			signature := from.refer(t, "application/vnd.cncf.notary.signature", sbom, "a signature on it")
			must(t, st.SignImage(t.Context(), primary(image), []byte(`{"critical":{}}`), []byte("sig 1"), nil))

			dst := to.open(t)
			_, err := from.open(t).CarryTo(t.Context(), dst, []attest.Digest{primary(image), primary(tree)})
			must(t, err)
			to.holds(t, primary(image), about)
			to.holds(t, primary(tree), source)
			must(t, dst.Complete(t.Context()))
			for what, d := range map[string]attest.Digest{"the bill": sbom, "the signature on it": signature} {
				if !has(t, to.repo(t), d) {
					t.Errorf("%s, strict %v: %s was not copied", mode, strictly, what)
				}
			}
			found, err := to.open(t).listed(t, sbom)
			if err != nil || len(found.digests) != 1 || found.digests[0] != signature {
				t.Errorf("%s: the signature is not listed beside the bill: %v, %v", mode, found.digests, err)
			}
			layers, err := to.open(t).signatures(t.Context(), tagOf(primary(image), tagSig))
			if err != nil || len(layers) != 1 {
				t.Errorf("%s: %d signatures, %v", mode, len(layers), err)
			}
			to.requests()
			again, err := from.open(t).CarryTo(t.Context(), to.open(t), []attest.Digest{primary(image), primary(tree)})
			must(t, err)
			for _, q := range to.requests() {
				if strings.HasPrefix(q, http.MethodPost) || strings.Contains(q, "/blobs/uploads") {
					t.Errorf("%s: %s again, after all was there: %+v", mode, q, again)
				}
			}
		}
	}
}

// T-07: what others left at a tag at the destination stays.
func TestT07_CarriedSignaturesAreAdded(t *testing.T) {
	from, to := serve(t, withAPI), serve(t, withAPI)
	image := from.image(t, "v1")
	to.image(t, "v1")
	payload := []byte(`{"critical":{}}`)
	must(t, from.open(t).SignImage(t.Context(), primary(image), payload, []byte("ours"), nil))
	must(t, to.open(t).SignImage(t.Context(), primary(image), payload, []byte("theirs"), nil))
	for range 2 {
		_, err := from.open(t).CarryTo(t.Context(), to.open(t), []attest.Digest{primary(image)})
		must(t, err)
	}
	layers, err := to.open(t).signatures(t.Context(), tagOf(primary(image), tagSig))
	must(t, err)
	var got []string
	for _, l := range layers {
		sig, _ := base64.StdEncoding.DecodeString(l.Annotations[annSignature])
		got = append(got, string(sig))
	}
	if strings.Join(got, " ") != "theirs ours" {
		t.Errorf("signatures are %q", got)
	}
}

// T-01: what is listed beside an image and refers to another one is not copied, nor is what has lost its content.
func TestT01_ForeignReferrersAreNotCarried(t *testing.T) {
	from, to := serve(t, withAPI), serve(t, withAPI)
	w := newWriter(t)
	image, other := from.image(t, "v1"), from.image(t, "v2")
	to.image(t, "v1")
	good := w.evidence(1, image)
	must(t, from.open(t).Put(t.Context(), good))
	foreign := from.refer(t, "text/plain", primary(other), "about another image")
	lost := from.refer(t, "text/plain", primary(image), "lost")
	from.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		switch {
		case strings.Contains(r.URL.Path, "/referrers/"+primary(image).String()):
			r.URL.Path = strings.Replace(r.URL.Path, primary(image).String(), primary(other).String(), 1)
			next.ServeHTTP(w, r)
		case strings.HasSuffix(r.URL.Path, attest.SHA256([]byte("lost")).String()):
			w.WriteHeader(http.StatusNotFound)
		default:
			next.ServeHTTP(w, r)
		}
	})
	_, err := from.open(t).CarryTo(t.Context(), to.open(t), []attest.Digest{primary(image)})
	must(t, err)
	if has(t, to.repo(t), foreign) {
		t.Error("what refers to another image was copied")
	}
	from.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, attest.SHA256([]byte("lost")).String()) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
	_, err = from.open(t).CarryTo(t.Context(), to.open(t), []attest.Digest{primary(image)})
	must(t, err)
	if has(t, to.repo(t), lost) {
		t.Error("what has lost its content was copied")
	}
	to.holds(t, primary(image), good)
}

// C-28: a listing that can't be read to its end is no listing.
func TestC28_PageThatFails(t *testing.T) {
	from, to := serve(t, withAPI), serve(t, withAPI)
	image := from.image(t, "v1")
	to.image(t, "v1")
	must(t, from.open(t).Put(t.Context(), newWriter(t).evidence(1, image)))
	from.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/referrers/") {
			if r.URL.Query().Get("page") == "2" {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			w.Header().Set("Link", "<"+r.URL.Path+`?page=2>; rel="next"`)
		}
		next.ServeHTTP(w, r)
	})
	if _, err := from.open(t).CarryTo(t.Context(), to.open(t), []attest.Digest{primary(image)}); err == nil {
		t.Error("a page of the listing failed, and that was taken for all")
	}
}

func TestLayoutCopy(t *testing.T) {
	s := serve(t, withAPI)
	image := s.image(t, "v1")
	src, err := ReadImage(t.Context(), s.repo(t), primary(image))
	must(t, err)
	dir := filepath.Join(t.TempDir(), "image")
	l, err := OpenLayout(dir, true)
	must(t, err)
	defer l.Close()
	if d, err := l.Holds(); err != nil || !d.IsZero() {
		t.Fatalf("a new layout holds %s, %v", d, err)
	}
	if c, err := src.Missing(t.Context(), l); err != nil || c != src.Whole() {
		t.Errorf("missing %+v, %v", c, err)
	}
	for range 2 {
		_, err = src.CopyBlobs(t.Context(), l)
		must(t, err)
		_, err = src.PutManifests(t.Context(), l)
		must(t, err)
	}
	must(t, src.Verify(t.Context(), l, true))
	if d, err := l.Holds(); err != nil || !d.IsZero() {
		t.Errorf("before it was tagged it holds %s, %v", d, err)
	}
	must(t, src.Tag(t.Context(), l, ""))
	if d, err := l.Holds(); err != nil || d != primary(image) {
		t.Errorf("it holds %s, %v", d, err)
	}
	back := serve(t, withAPI)
	again, err := ReadImage(t.Context(), l, primary(image))
	must(t, err)
	_, err = again.CopyBlobs(t.Context(), back.repo(t))
	must(t, err)
	_, err = again.PutManifests(t.Context(), back.repo(t))
	must(t, err)
	must(t, again.Verify(t.Context(), back.repo(t), true))
	left, err := filepath.Glob(filepath.Join(dir, ".tmp-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestT03_HostileLayout(t *testing.T) {
	s := serve(t, withAPI)
	image := s.image(t, "v1")
	src, err := ReadImage(t.Context(), s.repo(t), primary(image))
	must(t, err)
	fresh := func() (string, *Layout) {
		dir := t.TempDir()
		l, err := OpenLayout(dir, true)
		must(t, err)
		_, err = src.CopyBlobs(t.Context(), l)
		must(t, err)
		_, err = src.PutManifests(t.Context(), l)
		must(t, err)
		must(t, src.Tag(t.Context(), l, ""))
		return dir, l
	}
	blob := src.Blobs[0]
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("secret"), 0o600))
	dir, l := fresh()
	file := filepath.Join(dir, "blobs", "sha256", blob.Digest.Hex)
	must(t, os.Remove(file))
	must(t, os.Symlink(secret, file))
	if _, err := l.HasBlob(t.Context(), blob); err == nil {
		t.Error("a blob that is a link was followed")
	}
	if err := src.Verify(t.Context(), l, false); err == nil {
		t.Error("a layout with a link verifies")
	}
	must(t, l.Close())

	dir, l = fresh()
	must(t, os.WriteFile(filepath.Join(dir, "index.json"), []byte(`{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"sha256:../../x","size":1}]}`), 0o600))
	if _, err := l.Holds(); err == nil {
		t.Error("a digest that is a path was taken")
	}
	if _, err := l.Manifest(t.Context(), "sha256:../../x"); err == nil {
		t.Error("a digest that is a path was read")
	}
	must(t, os.WriteFile(filepath.Join(dir, "blobs", "sha256", blob.Digest.Hex), []byte("other"), 0o600))
	if has, err := l.HasBlob(t.Context(), blob); err == nil && has {
		t.Error("a blob with other content counts")
	}
	if how, err := l.CopyBlob(t.Context(), blob, s.repo(t)); err != nil || how != registry.Uploaded {
		t.Errorf("a damaged blob is not replaced: %v, %v", how, err)
	}
	must(t, l.Close())
}

func TestReadImageRefuses(t *testing.T) {
	s := serve(t, withAPI)
	config := emptyDescriptor(typeEmpty)
	foreign := s.manifest(t, "", manifest{Config: &config, Layers: []registry.Descriptor{{MediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest: config.Digest, Size: 2}}})
	sizes := s.manifest(t, "", manifest{Config: &config, Layers: []registry.Descriptor{{MediaType: "x/y", Digest: config.Digest, Size: 3}}})
	for what, d := range map[string]attest.Digest{"a layer that lies elsewhere": foreign, "a blob of two sizes": sizes, "what is not there": attest.SHA256([]byte("nothing"))} {
		if _, err := ReadImage(t.Context(), s.repo(t), d); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}
