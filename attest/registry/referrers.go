// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// Referrers lists the manifests that say they are about d, to the last page and without a filter, each once, in the order of the
// registry. That they are is a claim: read each and compare its subject. Where the registry has no such listing, supported is false.
func (r *Repository) Referrers(ctx context.Context, d attest.Digest) (list []Descriptor, supported bool, err error) {
	list, supported, _, err = r.ReferrersOrNone(ctx, d)
	return list, supported, err
}

// ReferrersOrNone is Referrers, and says where the answer is true of every digest: the registry has no such listing for this repository. A registry that only
// does not know the name, or the manifest, may list what is pushed there a moment later.
func (r *Repository) ReferrersOrNone(ctx context.Context, d attest.Digest) (list []Descriptor, supported, never bool, err error) {
	op := "listing the referrers of " + d.String() + " in " + r.name
	if _, err := hasher(d); err != nil {
		return nil, false, false, about(err, op, nil)
	}
	seen := map[attest.Digest]bool{}
	path := "/v2/" + r.path + "/referrers/" + d.String()
	err = r.pages(ctx, op, path, TypeIndex, pageBounds{MaxPages, MaxReferrersPage, "a page of referrers"}, func(raw []byte) error {
		supported = true
		var page struct {
			Manifests json.RawMessage `json:"manifests"`
		}
		var manifests []Descriptor // null is written for none by some registries
		err := attest.DecodeJSON(raw, &page)
		if err == nil && page.Manifests == nil {
			return fail(Malformed, "the listing has no list of manifests")
		}
		if err == nil {
			err = attest.DecodeJSON(page.Manifests, &manifests)
		}
		if err != nil {
			return fail(Malformed, "the listing is not sound").because(err)
		}
		for _, m := range manifests {
			if seen[m.Digest] {
				continue
			}
			if seen[m.Digest] = true; len(seen) > MaxReferrers {
				return fail(Limit, "more than %d referrers", MaxReferrers).hint("delete evidence that is no longer needed")
			}
			list = append(list, m)
		}
		return nil
	})
	if err != nil && !supported && unsupported(err) {
		var e *Error
		return nil, false, errors.As(err, &e) && !strings.Contains(e.Detail, "NAME_UNKNOWN") && !strings.Contains(e.Detail, "MANIFEST_UNKNOWN"), nil
	}
	if err != nil {
		return nil, supported, false, err
	}
	return list, true, false, nil
}

// unsupported reports whether an answer to the first page says that there is no referrers API: a 404 of any form, as the
// specification has it, or the statuses by which servers refuse what they do not know.
func unsupported(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Status {
	case http.StatusNotFound:
		return e.Code != Limit
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusBadRequest:
		return strings.Contains(e.Detail, "UNSUPPORTED")
	}
	return false
}

// Tags lists the tags that start with prefix, to the last page, in the order of the registry.
func (r *Repository) Tags(ctx context.Context, prefix string) ([]string, error) {
	op := "listing the tags of " + r.name
	var out []string
	seen := map[string]bool{}
	err := r.pages(ctx, op, "/v2/"+r.path+"/tags/list", "application/json", pageBounds{MaxTagsPages, MaxTagsPage, "a page of tags"}, func(raw []byte) error {
		var page struct {
			Tags []string `json:"tags"`
		}
		if err := attest.DecodeJSON(raw, &page); err != nil {
			return fail(Malformed, "the listing is not sound").because(err)
		}
		for _, t := range page.Tags {
			if seen[t] {
				continue
			}
			if seen[t] = true; len(seen) > MaxTags {
				return fail(Limit, "more than %d tags", MaxTags).hint("use a repository of its own for evidence")
			}
			if strings.HasPrefix(t, prefix) && isTag(t) {
				out = append(out, t)
			}
		}
		return nil
	})
	return out, err
}

// pageBounds are the bounds of a listing.
type pageBounds struct {
	pages int
	bytes int64
	what  string
}

// pages reads a listing page by page. A page that fails is an error: what was listed so far is then worth nothing.
func (r *Repository) pages(ctx context.Context, op, path, accept string, b pageBounds, read func([]byte) error) error {
	q := call{op: op, method: http.MethodGet, path: path, header: http.Header{"Accept": {accept}}, actions: actPull}
	seen := map[string]bool{path: true}
	for n := 1; ; n++ {
		raw, header, err := r.ask(ctx, q, b.bytes, b.what)
		if err != nil {
			return err
		}
		if mediaType(header) == "text/html" {
			return about(fail(Malformed, "the answer is a web page, expected a listing").hint("this is no registry's answer: check the name, and the proxy in between"), op, nil)
		}
		if err := read(raw); err != nil {
			return about(err, op, nil)
		}
		next, err := r.next(header, path, q.path)
		if err != nil || next == "" {
			return about(err, op, nil)
		}
		if seen[next] {
			return about(fail(Malformed, "page %d leads back to an earlier one", n), op, nil)
		}
		if n == b.pages {
			return about(fail(Limit, "more than %d pages", b.pages), op, nil)
		}
		seen[next], q.path = true, next
	}
}

// next is where the next page is: the same host and path, with another query (RFC 8288; distribution specification, "Content
// Discovery"). "" is the end.
func (r *Repository) next(h http.Header, path, current string) (string, error) {
	target := ""
	for _, value := range h.Values("Link") {
		if t := linkTarget(value); t != "" {
			target = t
		}
	}
	if target == "" {
		return "", nil
	}
	schemes := r.host.schemes()
	base, err := url.Parse(schemes[0] + "://" + r.host.api + current)
	if err != nil {
		return "", fail(Malformed, "the address of this page")
	}
	u, err := resolveURL(base, target)
	if err != nil {
		return "", err
	}
	if !r.host.sameHost(u) || u.User != nil || u.EscapedPath() != path {
		return "", fail(RefusedAddress, "the next page is said to be at %s, expected the same host and path", shown(u))
	}
	if u.RawQuery == "" {
		return path, nil
	}
	return path + "?" + u.RawQuery, nil
}

// linkTarget finds the target of rel="next" in a Link header.
func linkTarget(s string) string {
	for s != "" {
		start := strings.IndexByte(s, '<')
		if start < 0 {
			return ""
		}
		end := strings.IndexByte(s[start:], '>')
		if end < 0 {
			return ""
		}
		target, params := s[start+1:start+end], s[start+end+1:]
		rest := ""
		if i := strings.IndexByte(params, '<'); i >= 0 {
			params, rest = params[:i], params[i:]
		}
		for _, p := range strings.FieldsFunc(params, func(c rune) bool { return c == ';' || c == ',' }) {
			k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.EqualFold(strings.TrimSpace(k), "rel") && strings.EqualFold(strings.Trim(strings.TrimSpace(v), `"`), "next") {
				return target
			}
		}
		s = rest
	}
	return ""
}
