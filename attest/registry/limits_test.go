// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

// sends answers every request alike.
func sends(status int, contentType string, body []byte) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}

// padded is a JSON object of n bytes.
func padded(start string, n int) []byte {
	return []byte(start + strings.Repeat(" ", n-len(start)-1) + "}")
}

func TestV67_ManifestSize(t *testing.T) {
	for n, code := range map[int]Code{MaxManifest: "", MaxManifest + 1: Limit} {
		raw := padded(`{"schemaVersion":2`, n)
		r := start(t, sends(200, TypeManifest, raw)).repo(t, Options{})
		for _, ref := range []string{"v1", attest.SHA256(raw).String()} {
			m, err := r.Manifest(t.Context(), ref)
			if CodeOf(err) != code || err == nil && len(m.Raw) != n || err != nil && !strings.Contains(err.Error(), fmt.Sprint(MaxManifest)) {
				t.Errorf("%d bytes: %v, expected %q", n, err, code)
			}
		}
	}
	r := start(t, nil).repo(t, Options{})
	_, err := r.PutManifest(t.Context(), "v1", TypeManifest, padded(`{"a":1`, MaxManifest+1))
	wantCode(t, err, Limit, "4194304")
}

// listing is a page of n referrers, numbered from first on.
func listing(first, n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`{"mediaType":%q,"digest":"sha256:%064x","size":1}`, TypeManifest, first+i))
	}
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[%s]`, TypeIndex, strings.Join(all, ","))
}

var some = attest.SHA256([]byte("some image"))

func TestV67_ReferrersPageSize(t *testing.T) {
	for n, code := range map[int]Code{MaxReferrersPage: "", MaxReferrersPage + 1: Limit} {
		r := start(t, sends(200, TypeIndex, padded(listing(0, 3), n))).repo(t, Options{})
		list, _, err := r.Referrers(t.Context(), some)
		if CodeOf(err) != code || err == nil && len(list) != 3 || err != nil && !strings.Contains(err.Error(), "page of referrers") {
			t.Errorf("%d bytes: %d, %v, expected %q", n, len(list), err, code)
		}
	}
}

// paged serves pages, each of which leads to the next.
func paged(pages int, page func(n int) string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		n := 1
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		if n < pages {
			w.Header().Set("Link", fmt.Sprintf(`<%s?page=%d>; rel="next"`, r.URL.Path, n+1))
		}
		_, _ = io.WriteString(w, page(n))
	}
}

func TestV67_ReferrersPagesAndCount(t *testing.T) {
	for _, c := range []struct {
		pages, each, want int
		code              Code
		says              string
	}{
		{MaxPages, 2, 2 * MaxPages, "", ""},
		{MaxPages + 1, 2, 0, Limit, "more than 64 pages"},
		{2, MaxReferrers / 2, MaxReferrers, "", ""},
		{2, MaxReferrers/2 + 1, 0, Limit, "more than 4096 referrers"},
	} {
		s := start(t, paged(c.pages, func(n int) string { return listing(n*c.each, c.each) + "}" }))
		list, supported, err := s.repo(t, Options{}).Referrers(t.Context(), some)
		if CodeOf(err) != c.code || len(list) != c.want || !supported || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%d pages of %d: %d listed, %v", c.pages, c.each, len(list), err)
		}
	}
}

func TestV67_Tags(t *testing.T) {
	tags := func(first, n int) string {
		all := make([]string, n)
		for i := range n {
			all[i] = fmt.Sprintf("%q", fmt.Sprintf("t%d", first+i))
		}
		return `{"tags":[` + strings.Join(all, ",") + `]}`
	}
	for _, c := range []struct {
		pages, each, want int
		code              Code
		says              string
	}{
		{2, MaxTags / 2, MaxTags, "", ""},
		{2, MaxTags/2 + 1, 0, Limit, "more than 100000 tags"},
		{MaxTagsPages, 1, MaxTagsPages, "", ""},
		{MaxTagsPages + 1, 1, 0, Limit, "more than 1024 pages"},
	} {
		s := start(t, paged(c.pages, func(n int) string { return tags(n*c.each, c.each) }))
		list, err := s.repo(t, Options{}).Tags(t.Context(), "t")
		if CodeOf(err) != c.code || err == nil && len(list) != c.want || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%d pages of %d: %d listed, %v", c.pages, c.each, len(list), err)
		}
	}
	for n, code := range map[int]Code{MaxTagsPage: "", MaxTagsPage + 1: Limit} {
		_, err := start(t, sends(200, "application/json", padded(`{"tags":["t"]`, n))).repo(t, Options{}).Tags(t.Context(), "")
		if CodeOf(err) != code {
			t.Errorf("a page of %d bytes: %v", n, err)
		}
	}
}

func TestV67_Redirects(t *testing.T) {
	raw := padded(`{"a":1`, 20)
	for hops, code := range map[int]Code{MaxRedirects: "", MaxRedirects + 1: Limit} {
		s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			n := 0
			_, _ = fmt.Sscan(r.URL.Query().Get("hop"), &n)
			if n < hops {
				http.Redirect(w, r, fmt.Sprintf("%s?hop=%d", r.URL.Path, n+1), http.StatusTemporaryRedirect)
				return
			}
			sends(200, TypeManifest, raw)(w, r, nil)
		})
		_, err := s.repo(t, Options{}).Manifest(t.Context(), "v1")
		if CodeOf(err) != code || err != nil && !strings.Contains(err.Error(), "more than 5 redirects") {
			t.Errorf("%d redirects: %v", hops, err)
		}
	}
	for n, code := range map[int]Code{MaxURL: NotFound, MaxURL + 1: Malformed} { // not found: there is nothing there
		s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			if r.URL.Query().Get("x") != "" {
				w.WriteHeader(404)
				return
			}
			w.Header().Set("Location", "/?x="+strings.Repeat("x", n-4))
			w.WriteHeader(302)
		})
		_, err := s.repo(t, Options{}).Manifest(t.Context(), "v1")
		wantCode(t, err, code)
	}
}

func TestV67_Headers(t *testing.T) {
	for n, code := range map[int]Code{MaxHeaders / 2: "", MaxHeaders + 1: Limit} {
		s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			w.Header().Set("X", strings.Repeat("x", n))
			sends(200, TypeManifest, padded(`{"a":1`, 20))(w, r, nil)
		})
		_, err := s.repo(t, Options{}).Manifest(t.Context(), "v1")
		if CodeOf(err) != code || err != nil && !strings.Contains(err.Error(), fmt.Sprint(MaxHeaders)) {
			t.Errorf("%d bytes of headers: %v", n, err)
		}
	}
}

func TestV67_ErrorBody(t *testing.T) {
	for n, code := range map[int]Code{MaxErrorBody: NotFound, MaxErrorBody + 1: Limit} {
		_, err := start(t, sends(404, "application/json", padded(`{"errors":[]`, n))).repo(t, Options{}).Manifest(t.Context(), "v1")
		wantCode(t, err, code)
	}
	_, err := start(t, sends(403, "text/plain", bytes.Repeat([]byte("x"), 1<<20))).repo(t, Options{}).Manifest(t.Context(), "v1")
	wantCode(t, err, Denied)
	if len(err.Error()) > 1000 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}
