// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/registry"
)

const writers = 20

// T-07: twenty writers at once, each a process of its own, lose nothing: neither about an image nor about a source.
func TestT07_WritersLoseNothing(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		rounds := 10
		if testing.Short() {
			rounds = 3
		}
		for round := range rounds {
			image, source := s.image(t, fmt.Sprint("app", round)), attesttest.Source("shop", fmt.Sprint(round))
			all := make([]attest.Evidence, writers)
			for i := range all {
				all[i] = w.evidence(i, image, source)
			}
			atOnceAll(t, func(i int) error {
				st := s.open(t)
				if err := st.Put(t.Context(), all[i]); err != nil {
					return err
				}
				return st.Confirm(t.Context(), all[i])
			})
			s.holds(t, primary(image), all...)
			s.holds(t, primary(source), all...)
			if s.mode == withAPI {
				continue
			}
			// The index alone, which is what other tools read, holds them too.
			_, listed, err := s.open(t).referrersTag(t.Context(), primary(image))
			must(t, err)
			if len(listed) != writers {
				t.Fatalf("round %d: the index holds %d of %d", round, len(listed), writers)
			}
		}
	})
}

// Lists that are published at once end in one that holds what all of them stored, upstream too.
func TestT07_PublishersLoseNothing(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		for round := range 3 {
			image, source := s.image(t, fmt.Sprint("app", round)), attesttest.Source("shop", fmt.Sprint(round))
			all := make([]attest.Evidence, writers)
			for i := range all {
				all[i] = w.evidence(i, []attest.Subject{image, source}[i%2])
			}
			atOnceAll(t, func(i int) error {
				st := s.open(t)
				if err := st.Put(t.Context(), all[i]); err != nil {
					return err
				}
				return st.Publish(t.Context(), primary(image), []attest.Digest{primary(source)})
			})
			reader := s.open(t)
			var about [2][]attest.Evidence
			for i, e := range all {
				about[i%2] = append(about[i%2], e)
			}
			for i, d := range []attest.Digest{primary(image), primary(source)} {
				list, err := reader.List(t.Context(), d)
				must(t, err)
				if got, want := ids(t, list), wanted(about[i]...); strings.Join(got, " ") != strings.Join(want, " ") {
					t.Fatalf("round %d, about %s: %d bundles, want %d", round, d.Short(), len(got), len(want))
				}
			}
			if _, covered := reader.coverage(primary(source)); !covered {
				t.Error("the list does not cover the source")
			}
		}
	})
}

// What others store while a list is being written is in it in the end.
func TestT07_StoredWhilePublishing(t *testing.T) {
	s, w, image, _ := stored(t, withAPI, 1)
	source := attesttest.Source("shop", "v1")
	first, late := w.evidence(5, source), w.evidence(6, source)
	must(t, s.open(t).Put(t.Context(), first))
	other := s.open(t)
	var once sync.Once
	s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, tagList) {
			once.Do(func() {
				if err := other.Put(t.Context(), late); err != nil {
					t.Error(err)
				}
			})
		}
		next.ServeHTTP(w, r)
	})
	publish(t.Context(), t, s.open(t), primary(image), primary(source))
	reader := s.open(t)
	_, err := reader.List(t.Context(), primary(image))
	must(t, err)
	list, err := reader.List(t.Context(), primary(source))
	must(t, err)
	if _, covered := reader.coverage(primary(source)); !covered || !equal(ids(t, list), wanted(first, late)) {
		t.Errorf("covered: %v, %d bundles of 2", covered, len(list))
	}
}

func atOnceAll(t *testing.T, fn func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for i := range errs {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	must(t, errors.Join(errs...))
}

// A writer that is killed at any of its requests leaves the state before or after, and what was there stays; the next writer mends what it left.
func TestT06_KilledWriters(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		n := 0
		var image attest.Subject
		for k := 1; ; k++ {
			image = s.image(t, fmt.Sprint("app", k))
			source := attesttest.Source("shop", fmt.Sprint(k))
			before, killed, after := w.evidence(1, image), w.evidence(2, image), w.evidence(3, image)
			upstream := w.evidence(4, source)
			must(t, s.open(t).Put(t.Context(), before))
			publish(t.Context(), t, s.open(t), primary(image))

			ctx, kill := context.WithCancel(t.Context())
			var count atomic.Int64
			s.use(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
				if count.Add(1) == int64(k) {
					if k%2 == 0 {
						next.ServeHTTP(rw, r) // the registry does it, the writer does not learn
					}
					kill()
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(rw, r)
			})
			st := s.open(t)
			err := st.Put(ctx, killed)
			if err == nil {
				err = st.Put(ctx, upstream)
			}
			if err == nil {
				err = st.Publish(ctx, primary(image), []attest.Digest{primary(source)})
			}
			s.use(nil)
			kill()
			if err == nil {
				break // it came through: there are fewer requests than k
			}
			n++
			list, err := s.open(t).List(t.Context(), primary(image))
			must(t, err)
			if got := ids(t, list); !equal(got, wanted(before)) && !equal(got, wanted(before, killed)) {
				t.Fatalf("killed at request %d: %d bundles", k, len(got))
			}
			must(t, s.open(t).Put(t.Context(), after))
			must(t, s.open(t).Put(t.Context(), killed))
			must(t, s.open(t).Put(t.Context(), upstream))
			publish(t.Context(), t, s.open(t), primary(image), primary(source))
			s.holds(t, primary(image), before, killed, after)
			s.holds(t, primary(source), upstream)
		}
		if n < 10 {
			t.Errorf("killed at %d requests only", n)
		}
	})
}

func equal(a, b []string) bool { return strings.Join(a, " ") == strings.Join(b, " ") }

// Some of many writers are killed: the others lose nothing.
func TestT07_KilledAmongWriters(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image := s.image(t, "app")
		all := make([]attest.Evidence, writers)
		for i := range all {
			all[i] = w.evidence(i, image)
		}
		atOnceAll(t, func(i int) error {
			ctx, kill := context.WithCancel(t.Context())
			defer kill()
			if i%4 == 0 {
				var count atomic.Int64
				r, err := registry.New(registry.Options{Retries: -1, Trace: func(string, string, int, int64) {
					if count.Add(1) == int64(i/2+4) {
						kill()
					}
				}}).Repository(s.host + "/acme/shop")
				if err != nil {
					return err
				}
				_ = Open(r, Options{Now: clock}).Put(ctx, all[i])
				return nil
			}
			return s.open(t).Put(ctx, all[i])
		})
		list, err := s.open(t).List(t.Context(), primary(image))
		must(t, err)
		have := strings.Join(ids(t, list), " ")
		for i, e := range all {
			if i%4 != 0 && !strings.Contains(have, e.BundleID().Hex) {
				t.Errorf("writer %d lost its statement", i)
			}
		}
	})
}

// Entries that other tools wrote into the index stay, as they are.
func TestForeignIndexEntriesStay(t *testing.T) {
	s, w := serve(t, withNone), newWriter(t)
	image := s.image(t, "app")
	target, err := s.repo(t).Head(t.Context(), "app")
	must(t, err)
	foreign := w.evidence(1, image)
	m, err := bundleManifest(target, foreign, clock())
	must(t, err)
	_, err = s.repo(t).PutBlob(t.Context(), foreign.Bundle(), typeBundle)
	must(t, err)
	_, err = s.repo(t).PutManifest(t.Context(), m.Digest.String(), m.MediaType, m.Raw)
	must(t, err)
	entry := fmt.Sprintf(`{"mediaType":%q,"size":%d,"digest":%q,"platform":{"architecture":"amd64","os":"linux"},"annotations":{"x":"y"}}`, m.MediaType, len(m.Raw), m.Digest)
	_, err = s.repo(t).PutManifest(t.Context(), tagOf(primary(image), ""), registry.TypeIndex, fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, registry.TypeIndex, entry))
	must(t, err)
	own := w.evidence(2, image)
	must(t, s.open(t).Put(t.Context(), own))
	s.holds(t, primary(image), foreign, own)
	x, err := s.repo(t).Manifest(t.Context(), tagOf(primary(image), ""))
	must(t, err)
	if !strings.Contains(string(x.Raw), entry) {
		t.Errorf("the entry was changed: %s", x.Raw)
	}
	if !strings.Contains(string(x.Raw), `"dev.sigstore.bundle.predicateType":"https://example.com/test/v1"`) || !strings.Contains(string(x.Raw), `"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"`) {
		t.Errorf("our entry lacks artifact type or annotations: %s", x.Raw)
	}
	// An entry whose manifest was deleted keeps nobody from writing.
	must(t, s.repo(t).Delete(t.Context(), m.Digest.String()))
	third := w.evidence(3, image)
	must(t, s.open(t).Put(t.Context(), third))
	s.holds(t, primary(image), own, third)
}

// A registry that for a moment does not know a blob which it has is asked again; one that never does is an error.
func TestBlobUnknownForAMoment(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image := s.image(t, "app")
		e := w.evidence(1, image, attesttest.Source("shop", "v1"))
		left, forever := map[string]int{}, false
		var mu sync.Mutex
		s.use(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
			mu.Lock()
			left[r.URL.Path]++
			refuse := r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") && (forever || left[r.URL.Path] <= 2)
			mu.Unlock()
			if refuse {
				rw.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(rw, `{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}]}`)
				return
			}
			next.ServeHTTP(rw, r)
		})
		must(t, s.open(t).Put(t.Context(), e))
		publish(t.Context(), t, s.open(t), primary(image))
		s.holds(t, primary(image), e)
		if s.mode != withAPI {
			return // one of them waits long enough
		}
		forever = true
		if err := s.open(t).Put(t.Context(), w.evidence(2, image)); err == nil {
			t.Error("stored where nothing was stored")
		}
	})
}

// A registry that accepts a referrer and lists others only is not believed.
func TestAcceptedButNeverListed(t *testing.T) {
	s, w, image, all := stored(t, withAPI, 1)
	found, _, err := s.repo(t).Referrers(t.Context(), primary(image))
	must(t, err)
	raw, err := found[0].MarshalJSON()
	must(t, err)
	s.use(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/referrers/") {
			respondIndex(rw, string(raw))
			return
		}
		next.ServeHTTP(rw, r)
	})
	if err := s.open(t).Put(t.Context(), w.evidence(2, image)); err == nil || !strings.Contains(err.Error(), "does not list it") {
		t.Errorf("got %v", err)
	}
	s.holds(t, primary(image), all...)
}

// A referrers tag that holds something else is an error that names it, not an empty index.
func TestReferrersTagOfAnotherKind(t *testing.T) {
	s, w := serve(t, withNone), newWriter(t)
	image := s.image(t, "app")
	config := emptyDescriptor(typeEmpty)
	s.manifest(t, tagOf(primary(image), ""), manifest{Config: &config, Layers: []registry.Descriptor{}})
	if _, err := s.open(t).List(t.Context(), primary(image)); err == nil || !strings.Contains(err.Error(), tagOf(primary(image), "")) {
		t.Errorf("got %v", err)
	}
	if err := s.open(t).Put(t.Context(), w.evidence(1, image)); err == nil {
		t.Error("it was overwritten")
	}
}

// A tag that looks like one of ours and names something else is ignored.
func TestOwnTagOfSomethingElse(t *testing.T) {
	s, w := serve(t, withNone), newWriter(t)
	image, other := s.image(t, "app"), s.image(t, "other")
	foreign := w.evidence(1, other)
	must(t, s.open(t).Put(t.Context(), foreign))
	v, err := s.open(t).seen(t, primary(other))
	must(t, err)
	m := v.entries[0].manifest
	_, err = s.repo(t).PutManifest(t.Context(), ownTag(primary(image), m.Digest), m.MediaType, m.Raw)
	must(t, err)
	_, err = s.repo(t).PutManifest(t.Context(), tagOf(primary(image), ".nothexadecim"), m.MediaType, m.Raw)
	must(t, err)
	s.holds(t, primary(image))
	own := w.evidence(2, image)
	must(t, s.open(t).Put(t.Context(), own))
	s.holds(t, primary(image), own)
}
