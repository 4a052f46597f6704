// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// noDigestTwice fails if anything was requested twice that is named by its digest.
func noDigestTwice(t *testing.T, requests []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range requests {
		if strings.Contains(r, "sha256:") && !strings.Contains(r, "/referrers/") && seen[r] {
			t.Errorf("requested twice: %s", r)
		}
		seen[r] = true
	}
}

// A verification of our own evidence takes three requests, however much there is: four without a referrers API.
func TestRequestsForOwnEvidence(t *testing.T) {
	for _, mode := range []string{withAPI, withNone} {
		for _, n := range []int{1, 10, 50} {
			t.Run(fmt.Sprint(mode, n), func(t *testing.T) {
				s, w := serve(t, mode), newWriter(t)
				image, source := s.image(t, "app"), attesttest.Source("shop", "v1")
				st := s.open(t)
				var about, upstream []attest.Evidence
				for i := range n {
					e := w.sized(i, 6000, image)
					must(t, st.Put(t.Context(), e))
					about = append(about, e)
				}
				e := w.evidence(n, source)
				must(t, st.Put(t.Context(), e))
				upstream = append(upstream, e)
				publish(t.Context(), t, st, primary(image), primary(source))
				s.requests()

				reader := s.open(t)
				m, err := reader.Manifest(t.Context(), primary(image).String())
				must(t, err)
				a, err := reader.List(t.Context(), m.Digest)
				must(t, err)
				b, err := reader.List(t.Context(), primary(source))
				must(t, err)
				for _, e := range append(about, upstream...) {
					must(t, reader.Confirm(t.Context(), e))
				}
				if !slices.Equal(ids(t, a), wanted(about...)) || !slices.Equal(ids(t, b), wanted(upstream...)) {
					t.Fatalf("got %d and %d bundles", len(a), len(b))
				}
				got := s.requests()
				noDigestTwice(t, got)
				limit := map[string]int{withAPI: 2, withNone: 3}[mode]
				if len(got) > limit {
					t.Errorf("%d requests, want at most %d:\n%s", len(got), limit, strings.Join(got, "\n"))
				}
			})
		}
	}
}

// One that is too large to stand in the manifest takes one request more.
func TestRequestsForALargeList(t *testing.T) {
	s, w := serve(t, withAPI), newWriter(t)
	image := s.image(t, "app")
	st := s.open(t)
	var all []attest.Evidence
	for i := range 6 {
		e := w.sized(i, 500_000, image)
		must(t, st.Put(t.Context(), e))
		all = append(all, e)
	}
	publish(t.Context(), t, st, primary(image))
	m, err := s.repo(t).Manifest(t.Context(), tagOf(primary(image), tagList))
	must(t, err)
	if len(m.Raw) > maxListManifest || len(m.Raw) < maxListManifest/2 {
		t.Errorf("the list's manifest has %d bytes, want most of %d", len(m.Raw), maxListManifest)
	}
	s.requests()
	s.holds(t, primary(image), all...)
	if got := s.requests(); len(got) != 3 {
		t.Errorf("%d requests, want 3:\n%s", len(got), strings.Join(got, "\n"))
	}
}

// By a tag, one request more: the tag's own.
func TestRequestsByTag(t *testing.T) {
	s, w := serve(t, withAPI), newWriter(t)
	image := s.image(t, "app")
	st := s.open(t)
	e := w.evidence(1, image)
	must(t, st.Put(t.Context(), e))
	publish(t.Context(), t, st, primary(image))
	s.requests()
	reader := s.open(t)
	m, err := reader.Manifest(t.Context(), "app")
	must(t, err)
	list, err := reader.List(t.Context(), m.Digest)
	must(t, err)
	if !slices.Equal(ids(t, list), wanted(e)) {
		t.Fatal("not what was put")
	}
	if got := s.requests(); len(got) != 3 {
		t.Errorf("%d requests, want 3:\n%s", len(got), strings.Join(got, "\n"))
	}
}

// Evidence of others, without a list: two requests each, and three to find out.
func TestRequestsForForeignEvidence(t *testing.T) {
	for _, n := range []int{1, 10, 50} {
		s, w := serve(t, withAPI), newWriter(t)
		image := s.image(t, "app")
		st := s.open(t)
		var all []attest.Evidence
		for i := range n {
			e := w.evidence(i, image)
			must(t, st.Put(t.Context(), e))
			all = append(all, e)
		}
		s.requests()
		s.holds(t, primary(image), all...)
		got := s.requests()
		noDigestTwice(t, got)
		if len(got) != 2*n+3 {
			t.Errorf("%d bundles: %d requests, want %d", n, len(got), 2*n+3)
		}
	}
}

// An index, its platforms and what they were made of: one listing and one list for all of them.
func TestRequestsForAnIndex(t *testing.T) {
	s, w := serve(t, withAPI), newWriter(t)
	amd, arm := s.image(t, "amd64"), s.image(t, "arm64")
	r := s.repo(t)
	var entries []string
	for _, p := range []attest.Subject{amd, arm} {
		d, err := r.Head(t.Context(), primary(p).String())
		must(t, err)
		raw, err := d.MarshalJSON()
		must(t, err)
		entries = append(entries, string(raw))
	}
	raw := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, registry.TypeIndex, strings.Join(entries, ","))
	desc, err := r.PutManifest(t.Context(), "all", registry.TypeIndex, []byte(raw))
	must(t, err)
	index := attest.Subject{Name: "all", Digest: attest.DigestSet{"sha256": desc.Digest.Hex}}
	source := attesttest.Source("shop", "v1")
	st := s.open(t)
	digests := []attest.Digest{primary(index), primary(amd), primary(arm), primary(source)}
	for i, sub := range []attest.Subject{index, amd, arm, source} {
		must(t, st.Put(t.Context(), w.evidence(i, sub)))
	}
	publish(t.Context(), t, st, primary(index), digests...)
	s.requests()
	reader := s.open(t)
	for _, d := range digests[:3] {
		_, err := reader.Manifest(t.Context(), d.String())
		must(t, err)
	}
	must(t, each(t.Context(), digests, func(ctx context.Context, d attest.Digest) error {
		list, err := reader.List(ctx, d)
		if err == nil && len(list) != 1 {
			err = fmt.Errorf("%d entries about %s", len(list), d.Short())
		}
		return err
	}))
	if got := s.requests(); len(got) != 2 {
		t.Errorf("%d requests, want 2:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func TestListSurvivesWhatReadersMeet(t *testing.T) {
	s, w := serve(t, withAPI), newWriter(t)
	image := s.image(t, "app")
	e := w.evidence(1, image)
	st := s.open(t)
	must(t, st.Put(t.Context(), e))
	publish(t.Context(), t, st, primary(image))
	s.requests()
	publish(t.Context(), t, s.open(t), primary(image))
	for _, r := range s.requests() {
		if strings.HasPrefix(r, http.MethodPut) {
			t.Errorf("an unchanged list was written again: %s", r)
		}
	}
}

// Where there is no referrers API, that is found out once; evidence about several subjects is stored under one tag each, with a manifest that is sent once.
func TestRequestsWithoutReferrersAPI(t *testing.T) {
	s, w := serve(t, withNone), newWriter(t)
	images := []attest.Subject{s.image(t, "a"), s.image(t, "b"), s.image(t, "c")}
	st := s.open(t)
	must(t, st.Put(t.Context(), w.evidence(1, images[0])))
	s.requests()
	must(t, st.Put(t.Context(), w.evidence(2, images...)))
	count := map[string]int{}
	for _, r := range s.requests() {
		switch {
		case strings.Contains(r, "/referrers/"):
			count["referrers"]++
		case strings.HasPrefix(r, http.MethodPut) && strings.Contains(r, "/manifests/sha256:"):
			count["by digest"]++
		case strings.HasPrefix(r, http.MethodPut) && strings.Contains(r, "/manifests/sha256-") && strings.Contains(r[strings.LastIndexByte(r, '/'):], "."):
			count["own tags"]++
		}
	}
	if count["referrers"] != 0 || count["by digest"] != 0 || count["own tags"] != len(images) {
		t.Errorf("%v", count)
	}
	for _, image := range images[1:] {
		_, listed, err := s.open(t).referrersTag(t.Context(), primary(image))
		if err != nil || len(listed) != 1 {
			t.Errorf("the index of %s lists %d, %v", image.Name, len(listed), err)
		}
	}
}

// Where the tags of a repository are listed anyway, no tag is asked for that is not among them; but a list that lacks a tag which is there is not believed.
func TestTagsThatAreNotListed(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		from, to := serve(t, withNone), serve(t, withNone)
		w := newWriter(t)
		images := []attest.Subject{from.image(t, "a"), from.image(t, "b"), from.image(t, "c")}
		var digests []attest.Digest
		var all []attest.Evidence
		for i, image := range images {
			to.image(t, image.Name)
			e := w.evidence(i, image)
			must(t, from.open(t).Put(t.Context(), e))
			all, digests = append(all, e), append(digests, primary(image))
		}
		if hidden {
			from.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if strings.HasSuffix(r.URL.Path, "/tags/list") {
					fmt.Fprint(w, `{"name":"acme/shop","tags":["a","b","c"]}`)
					return
				}
				next.ServeHTTP(w, r)
			})
		}
		from.requests()
		st := from.open(t)
		m, err := st.Manifest(t.Context(), digests[0].String()) // what was read before tells whether the tags can be relied on
		must(t, err)
		_, err = st.List(t.Context(), m.Digest)
		must(t, err)
		dst := to.open(t)
		_, err = st.CarryTo(t.Context(), dst, digests)
		must(t, err)
		must(t, dst.Complete(t.Context()))
		for i, image := range images {
			to.holds(t, primary(image), all[i])
			if _, listed, err := to.open(t).referrersTag(t.Context(), primary(image)); err != nil || len(listed) != 1 {
				t.Errorf("hidden %v: the index of %s lists %d, %v", hidden, image.Name, len(listed), err)
			}
		}
		asked := 0
		for _, r := range from.requests() {
			if strings.HasSuffix(r, tagAtt) || strings.HasSuffix(r, tagSig) {
				asked++
			}
		}
		if asked > 0 != hidden {
			t.Errorf("hidden %v: %d requests for cosign's tags", hidden, asked)
		}
	}
}

// Evidence about several subjects is listed for all of them by one look at the tags before and one after.
func TestOneLookAtTheTags(t *testing.T) {
	s, w := serve(t, withNone), newWriter(t)
	images := []attest.Subject{s.image(t, "a"), s.image(t, "b"), s.image(t, "c")}
	st := s.open(t)
	must(t, st.Put(t.Context(), w.evidence(1, images...)))
	s.requests()
	must(t, st.Put(t.Context(), w.evidence(2, images...)))
	looks := 0
	for _, r := range s.requests() {
		if strings.HasSuffix(r, "/tags/list") {
			looks++
		}
	}
	if looks != 2 {
		t.Errorf("the tags were listed %d times, want 2", looks)
	}
}

// A copy that was cut off before it was listed is listed by the next.
func TestCutOffCopyIsListed(t *testing.T) {
	from, to := serve(t, withNone), serve(t, withNone)
	w := newWriter(t)
	image := from.image(t, "a")
	to.image(t, "a")
	must(t, from.open(t).Put(t.Context(), w.evidence(1, image)))
	for range 2 {
		_, err := from.open(t).CarryTo(t.Context(), to.open(t), []attest.Digest{primary(image)}) // the store that owes the list is gone
		must(t, err)
	}
	if _, listed, err := to.open(t).referrersTag(t.Context(), primary(image)); err != nil || len(listed) != 0 {
		t.Fatalf("the index lists %d, %v", len(listed), err)
	}
	dst := to.open(t)
	_, err := from.open(t).CarryTo(t.Context(), dst, []attest.Digest{primary(image)})
	must(t, err)
	must(t, dst.Complete(t.Context()))
	if _, listed, err := to.open(t).referrersTag(t.Context(), primary(image)); err != nil || len(listed) != 1 {
		t.Errorf("the index lists %d, %v", len(listed), err)
	}
}
