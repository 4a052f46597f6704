// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	ggcr "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	rw "github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/scanners"
)

// hub is a real registry behind a handler that may lie.
type hub struct {
	*httptest.Server
	host string
	mu   sync.Mutex
	seen map[string]int // requests by method and path
	lie  func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

func newHub(t testing.TB) *hub {
	t.Helper()
	h := &hub{seen: map[string]int{}}
	real := ggcr.New(ggcr.WithReferrersSupport(true), ggcr.Logger(log.New(io.Discard, "", 0)))
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.seen[r.Method+" "+r.URL.Path]++
		lie := h.lie
		h.mu.Unlock()
		if lie != nil {
			lie(w, r, real)
			return
		}
		real.ServeHTTP(w, r)
	}))
	t.Cleanup(h.Close)
	h.host = strings.TrimPrefix(h.URL, "http://")
	return h
}

func (h *hub) set(lie func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen, h.lie = map[string]int{}, lie
}

// requests are all since set.
func (h *hub) requests() (n int, most int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, times := range h.seen {
		n, most = n+times, max(most, times)
	}
	return n, most
}

func (h *hub) tag(t testing.TB, tag string) name.Tag {
	t.Helper()
	n, err := name.NewTag(h.host + "/shop/app:" + tag)
	must(t, err)
	return n
}

func (h *hub) options() Options {
	client := registry.New(registry.Options{Retries: -1})
	return Options{Env: testEnv, Registry: func(repository string) (Remote, error) { return client.Repository(repository) }}
}

func (h *hub) resolve(t testing.TB, ref string) (*Resolved, error) {
	t.Helper()
	r, err := Parse(ref)
	must(t, err)
	opt := h.options()
	opt.Dir = t.TempDir()
	return Resolve(t.Context(), r, opt)
}

func (h *hub) resolved(t testing.TB, ref string) *Resolved {
	t.Helper()
	r, err := h.resolve(t, ref)
	must(t, err)
	return r
}

func TestRegistryImage(t *testing.T) {
	h := newHub(t)
	img := image(t)
	must(t, rw.Write(h.tag(t, "v1"), img))
	repo, want := h.host+"/shop/app", digestOf(t, img)
	for _, ref := range []string{repo + ":v1", "oci://" + repo + ":v1", repo + "@" + want.String(), repo + ":v1@" + want.String()} {
		h.set(nil)
		r := h.resolved(t, ref)
		if n, _ := h.requests(); n != 1 {
			t.Errorf("%s: %d requests, expected 1", ref, n)
		}
		if r.Subject.Digest.Primary() != want || r.Subject.Name != repo || r.Location != repo || r.Repository != "" || r.Index || len(r.Platforms) != 0 {
			t.Errorf("%s: %+v", ref, r)
		}
		set, err := r.Rehash(t.Context())
		must(t, err)
		if set["sha256"] != want.Hex {
			t.Errorf("%s: hashed again to %v", ref, set)
		}
		h.set(nil)
		src, err := r.Sources(t.Context(), t.TempDir())
		must(t, err)
		if n, most := h.requests(); n != 3 || most != 1 {
			t.Errorf("%s: %d requests for a configuration and two layers, %d for one of them", ref, n, most)
		}
		if len(src) != 1 || src[0].Kind != scanners.OCILayout || src[0].Manifest != want || r.Created.Day() != 2 {
			t.Fatalf("%s: %+v, created %s", ref, src, r.Created)
		}
		same := resolved(t, "oci-layout:"+src[0].Path, "")
		if same.Subject.Digest.Primary() != want {
			t.Errorf("%s: the layout holds %v", ref, same.Subject)
		}
		must(t, same.Verify(t.Context()))
		must(t, r.Verify(t.Context()))
	}
}

func TestRegistryIndexReadsSharedBlobsOnce(t *testing.T) {
	h := newHub(t)
	shared, err := random.Layer(5000, types.OCILayer)
	must(t, err)
	with := func() v1.Image {
		img, err := mutate.AppendLayers(image(t), shared)
		must(t, err)
		return img
	}
	amd, arm := with(), with()
	mark := map[string]string{annotationRefType: "attestation-manifest"}
	attested := statement(t, inTotoLayer)
	idx := mutate.AppendManifests(empty.Index, child(amd, "linux", "amd64", nil), child(arm, "linux", "arm64", nil), child(attested, "unknown", "unknown", mark))
	must(t, rw.WriteIndex(h.tag(t, "v1"), idx))
	h.set(nil)
	r := h.resolved(t, h.host+"/shop/app:v1")
	if n, most := h.requests(); n != 4 || most != 1 {
		t.Errorf("%d requests, %d for one manifest", n, most)
	}
	if !r.Index || r.Subject.Digest.Primary() != digestOf(t, idx) || len(r.Leaves()) != 2 || len(r.Skipped) != 1 || r.Platforms[1].Name != "linux/arm64" {
		t.Fatalf("%+v", r)
	}
	h.set(nil)
	src, err := r.Sources(t.Context(), t.TempDir())
	must(t, err)
	if n, most := h.requests(); n != 7 || most != 1 { // two configurations, two layers each, and the shared one
		t.Errorf("%d requests, %d for one blob", n, most)
	}
	if len(src) != 2 || src[0].Path != src[1].Path || src[0].Manifest != digestOf(t, amd) || src[1].Subject.Name != r.Platforms[1].Subject.Name {
		t.Errorf("%+v", src)
	}
}

func TestC18_TagIsReadOnceAndThenTheDigestCounts(t *testing.T) {
	h := newHub(t)
	good, bad := image(t), image(t)
	must(t, rw.Write(h.tag(t, "v1"), good))
	r := h.resolved(t, h.host+"/shop/app:v1")
	must(t, rw.Write(h.tag(t, "v1"), bad))
	src, err := r.Sources(t.Context(), t.TempDir())
	must(t, err)
	if src[0].Manifest != digestOf(t, good) {
		t.Errorf("scanned %s, resolved %s", src[0].Manifest, digestOf(t, good))
	}
}

func TestC19_MovedTag(t *testing.T) {
	h := newHub(t)
	good, bad := image(t), image(t)
	must(t, rw.Write(h.tag(t, "v1"), good))
	want := digestOf(t, good)
	r := h.resolved(t, h.host+"/shop/app:v1")
	fixed := h.resolved(t, h.host+"/shop/app@"+want.String())
	must(t, rw.Write(h.tag(t, "v1"), bad))
	set, err := r.Rehash(t.Context())
	must(t, err)
	if set["sha256"] != digestOf(t, bad).Hex {
		t.Errorf("hashed again to %v, the tag names %s now", set, digestOf(t, bad))
	}
	if set, err := fixed.Rehash(t.Context()); err != nil || set["sha256"] != want.Hex {
		t.Errorf("a reference by digest changed: %v, %v", set, err)
	}
	_, err = h.resolve(t, h.host+"/shop/app:v1@"+want.String())
	wantCode(t, err, TagMoved, want.String(), digestOf(t, bad).String(), "hint: the tag was moved")
}

// rewrite changes what the registry answers to a path.
func rewrite(part string, change func([]byte) []byte) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		if strings.Contains(r.URL.Path, part) {
			body = change(body)
		}
		w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
	}
}

func flipped(b []byte) []byte {
	out := append([]byte{}, b...)
	out[len(out)/2] ^= 1
	return out
}

func TestT02_RegistrySendsOtherContent(t *testing.T) {
	h := newHub(t)
	img := image(t)
	must(t, rw.Write(h.tag(t, "v1"), img))
	m, err := img.Manifest()
	must(t, err)
	ref := h.host + "/shop/app@" + digestOf(t, img).String()
	for what, change := range map[string]func([]byte) []byte{
		"flipped": flipped, "longer": func(b []byte) []byte { return append(b, '\n') }, "shorter": func(b []byte) []byte { return b[:len(b)-1] },
	} {
		h.set(rewrite("/manifests/", change))
		if _, err := h.resolve(t, ref); CodeOf(err) != DigestMismatch && registry.CodeOf(err) != registry.Malformed {
			t.Errorf("%s manifest: %v", what, err)
		}
		for name, d := range map[string]v1.Descriptor{"config": m.Config, "layer": m.Layers[1]} {
			h.set(nil)
			r := h.resolved(t, ref)
			h.set(rewrite("/blobs/"+d.Digest.String(), change))
			src, err := r.Sources(t.Context(), t.TempDir())
			wantCode(t, err, DigestMismatch, d.Digest.String())
			if src != nil {
				t.Errorf("%s %s: sources came with the error", what, name)
			}
			wantCode(t, r.Verify(t.Context()), DigestMismatch, d.Digest.String())
		}
	}
}

// lying is a Remote that does not hash.
type lying struct{ raw map[string][]byte }

func (l lying) Manifest(_ context.Context, ref string) (registry.Manifest, error) {
	return registry.Manifest{Raw: l.raw[ref], Digest: attest.SHA256(l.raw[ref])}, nil
}
func (l lying) Blob(context.Context, registry.Descriptor, io.Writer) error {
	return errors.New("not asked for")
}

func TestT11_RemoteIsNotTrusted(t *testing.T) {
	img, other := image(t), image(t)
	raw, err := other.RawManifest()
	must(t, err)
	idx := mutate.AppendManifests(empty.Index, child(img, "linux", "amd64", nil))
	top, err := idx.RawManifest()
	must(t, err)
	want, idxWant := digestOf(t, img).String(), digestOf(t, idx).String()
	opt := Options{Dir: t.TempDir(), Registry: func(string) (Remote, error) { return lying{map[string][]byte{want: raw, idxWant: top}}, nil }}
	for _, d := range []string{want, idxWant} {
		ref, err := Parse("registry.example.com/shop@" + d)
		must(t, err)
		_, err = Resolve(t.Context(), ref, opt)
		wantCode(t, err, DigestMismatch, want)
	}
}

func TestT13_RegistryErrorsAreNoVerdictOnTheSubject(t *testing.T) {
	h := newHub(t)
	must(t, rw.Write(h.tag(t, "v1"), image(t)))
	for status, code := range map[int]registry.Code{401: registry.Unauthorized, 403: registry.Denied, 429: registry.RateLimited, 500: registry.Unavailable, 503: registry.Unavailable} {
		h.set(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(status) })
		_, err := h.resolve(t, h.host+"/shop/app:v1")
		if registry.CodeOf(err) != code || CodeOf(err) != "" || !strings.Contains(err.Error(), h.host+"/shop/app:v1") {
			t.Errorf("%d: %v", status, err)
		}
	}
	h.set(nil)
	_, err := h.resolve(t, h.host+"/shop/app:v2")
	wantCode(t, err, NotFound, "v2")
	h.Close()
	_, err = h.resolve(t, h.host+"/shop/app:v1")
	if registry.CodeOf(err) != registry.Unavailable || CodeOf(err) != "" {
		t.Errorf("no server: %v", err)
	}
}

// edited stores a manifest that was changed after it was made.
func (h *hub) edited(t testing.TB, tag string, img v1.Image, edit func(map[string]any)) attest.Digest {
	t.Helper()
	must(t, rw.Write(h.tag(t, tag), img))
	raw, err := img.RawManifest()
	must(t, err)
	var m map[string]any
	must(t, json.Unmarshal(raw, &m))
	edit(m)
	raw, err = json.Marshal(m)
	must(t, err)
	r, err := registry.New(registry.Options{}).Repository(h.host + "/shop/app")
	must(t, err)
	d, err := r.PutManifest(t.Context(), tag, ociManifest, raw)
	must(t, err)
	return d.Digest
}

func TestRegistryForeignLayers(t *testing.T) {
	h := newHub(t)
	layer := func(m map[string]any) map[string]any { return m["layers"].([]any)[0].(map[string]any) }
	for name, edit := range map[string]func(map[string]any){
		"urls":             func(m map[string]any) { layer(m)["urls"] = []string{"https://169.254.169.254/layer"} },
		"nondistributable": func(m map[string]any) { layer(m)["mediaType"] = string(types.OCIRestrictedLayer) },
		"docker foreign":   func(m map[string]any) { layer(m)["mediaType"] = string(types.DockerForeignLayer) },
	} {
		h.set(nil)
		h.edited(t, "v1", image(t), edit)
		r := h.resolved(t, h.host+"/shop/app:v1")
		_, err := r.Sources(t.Context(), t.TempDir())
		wantCode(t, err, Unsupported, "layer 0")
		if n, _ := h.requests(); name == "urls" && n == 0 {
			t.Error("nothing was asked at all")
		}
	}
}

func TestV67_ImageBounds(t *testing.T) {
	h := newHub(t)
	many := func(n int) func(map[string]any) {
		return func(m map[string]any) {
			one := m["layers"].([]any)[0]
			var all []any
			for range n {
				all = append(all, one)
			}
			m["layers"] = all
		}
	}
	h.edited(t, "most", image(t), many(MaxLayers))
	r := h.resolved(t, h.host+"/shop/app:most")
	_, err := r.Sources(t.Context(), t.TempDir())
	must(t, err)
	h.edited(t, "more", image(t), many(MaxLayers+1))
	_, err = h.resolve(t, h.host+"/shop/app:more")
	wantCode(t, err, Limit, fmt.Sprint(MaxLayers))
	size := func(n int64) func(map[string]any) {
		return func(m map[string]any) {
			m["config"].(map[string]any)["size"] = 10
			for i, l := range m["layers"].([]any) {
				l.(map[string]any)["size"] = 0
				if i == 0 {
					l.(map[string]any)["size"] = n
				}
			}
		}
	}
	h.edited(t, "large", image(t), size(MaxImageBytes-10))
	_, err = h.resolved(t, h.host+"/shop/app:large").Sources(t.Context(), t.TempDir())
	wantCode(t, err, DigestMismatch) // within the bound, and not what the registry has
	h.edited(t, "larger", image(t), size(MaxImageBytes-9))
	_, err = h.resolved(t, h.host+"/shop/app:larger").Sources(t.Context(), t.TempDir())
	wantCode(t, err, Limit, "blobs have more than")
	h.edited(t, "twice", image(t), func(m map[string]any) {
		one := m["layers"].([]any)[0].(map[string]any)
		m["layers"] = []any{one, map[string]any{"mediaType": one["mediaType"], "digest": one["digest"], "size": 7}}
	})
	_, err = h.resolved(t, h.host+"/shop/app:twice").Sources(t.Context(), t.TempDir())
	wantCode(t, err, DigestMismatch, "elsewhere")
}

func TestRegistrySchema1IsUnsupported(t *testing.T) {
	h := newHub(t)
	h.set(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws")
		_, _ = io.WriteString(w, `{"schemaVersion":1,"name":"shop/app","tag":"v1","fsLayers":[],"history":[]}`)
	})
	_, err := h.resolve(t, h.host+"/shop/app:v1")
	wantCode(t, err, Unsupported, "schema 1", "hint: build or push the image again")
}

func TestRegistryLeavesNothingOutsideTmp(t *testing.T) {
	h := newHub(t)
	must(t, rw.Write(h.tag(t, "v1"), image(t)))
	tmp := t.TempDir()
	src, err := h.resolved(t, h.host+"/shop/app:v1").Sources(t.Context(), tmp)
	must(t, err)
	if rel, err := filepath.Rel(tmp, src[0].Path); err != nil || !filepath.IsLocal(rel) {
		t.Errorf("written to %s", src[0].Path)
	}
	info, err := os.Stat(src[0].Path)
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v", info.Mode())
	}
}
