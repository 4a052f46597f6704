// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call is one request to a registry, as often as it must be sent.
type call struct {
	op      string // for messages
	method  string
	path    string   // below the API's root, with query
	to      *url.URL // instead of path: where the registry sent us
	header  http.Header
	body    []byte
	source  *source // instead of body: what is read while it is sent
	actions string  // of the scope: pull, push
	budget  time.Duration
}

// answer is what came back, with its body still to be read.
type answer struct {
	status int
	header http.Header
	url    *url.URL
	body   *body
	secret string // the Authorization that was sent
}

func (a *answer) close() {
	_, _ = io.CopyN(io.Discard, a.body, MaxErrorBody) // so that the connection can be used again
	a.body.end()
}

// deliver sends a call, with whatever the host wants as authorization, and follows redirects.
func (r *Repository) deliver(ctx context.Context, q call) (*answer, error) {
	auth, err := r.authorization(ctx, q.actions)
	if err != nil {
		return nil, err
	}
	a, err := r.send(ctx, q, auth)
	if err != nil || a.status != http.StatusUnauthorized {
		return a, err
	}
	again, err := r.convince(ctx, q.actions, a, auth)
	if err != nil {
		return nil, err
	}
	if again == nil {
		return a, nil // nothing more to offer
	}
	a.close()
	return r.send(ctx, q, again)
}

// send tries the schemes that may be used until one is spoken.
func (r *Repository) send(ctx context.Context, q call, auth *authorization) (*answer, error) {
	if q.to != nil {
		return r.follow(ctx, q, q.to, auth)
	}
	schemes := r.host.schemes()
	for i, scheme := range schemes {
		u, err := url.Parse(scheme + "://" + r.host.api + q.path)
		if err != nil {
			return nil, fail(Malformed, "the address of %s", r.name).because(err)
		}
		a, err := r.follow(ctx, q, u, auth)
		if i+1 < len(schemes) && ctx.Err() == nil {
			if other, err := otherScheme(scheme, q.method, a, err); err != nil {
				return nil, err
			} else if other {
				continue
			}
		}
		if err == nil {
			r.host.learn(scheme)
		}
		return a, err
	}
	return nil, fail(Unavailable, "no scheme to speak to %s", r.name)
}

// otherScheme reports whether the answer says that the server speaks the other one of HTTP and HTTPS.
func otherScheme(scheme, method string, a *answer, err error) (bool, error) {
	if err != nil {
		if scheme == "https" {
			var record tls.RecordHeaderError
			return errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/", nil
		}
		return strings.Contains(err.Error(), "malformed HTTP"), nil
	}
	if scheme == "https" || a.status != http.StatusBadRequest {
		return false, nil
	}
	if method == http.MethodHead { // which has no body that would say so
		a.close()
		return true, nil
	}
	raw, err := io.ReadAll(io.LimitReader(a.body, 4096)) // Go's and nginx's servers answer in plain HTTP
	if err != nil {
		return false, err
	}
	text := string(raw)
	if strings.Contains(text, "HTTP request to an HTTPS server") || strings.Contains(text, "HTTP request was sent to HTTPS port") {
		a.close()
		return true, nil
	}
	a.body.rest = io.MultiReader(bytes.NewReader(raw), a.body.rest)
	return false, nil
}

// follow sends the call to an address, and on to where the answer leads if the call only reads.
func (r *Repository) follow(ctx context.Context, q call, u *url.URL, auth *authorization) (*answer, error) {
	for hop := 0; ; hop++ {
		a, err := r.once(ctx, q, u, auth)
		if err != nil || !redirect(a.status) {
			return a, about(err, q.op, u)
		}
		location := a.header.Get("Location")
		a.close()
		if q.method != http.MethodGet && q.method != http.MethodHead {
			return nil, about(fail(Unsupported, "the registry redirects a %s request", q.method).hint("name the repository where it leads"), q.op, u)
		}
		next, err := resolveURL(u, location)
		if err != nil {
			return nil, about(err, q.op, u)
		}
		if hop == MaxRedirects {
			return nil, about(fail(Limit, "more than %d redirects", MaxRedirects), q.op, u)
		}
		u = next
	}
}

func redirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// resolveURL reads an address that a registry gives us, which may be relative.
func resolveURL(base *url.URL, s string) (*url.URL, error) {
	if s == "" || len(s) > MaxURL {
		return nil, fail(Malformed, "the registry names an address of %d bytes, expected 1 to %d", len(s), MaxURL)
	}
	u, err := base.Parse(s)
	if err != nil {
		return nil, fail(Malformed, "the registry names an address that is none")
	}
	u.Fragment = ""
	return u, nil
}

// once is one request and its answer. Not more than MaxAtOnce are under way for a registry; the time of those that wait does not run.
func (r *Repository) once(ctx context.Context, q call, u *url.URL, auth *authorization) (*answer, error) {
	c := r.client
	if c.o.Offline {
		return nil, fail(Offline, "no request is sent, because of --offline").hint("leave --offline out, or use a store and subjects that are folders")
	}
	select {
	case r.host.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, sortError(ctx.Err())
	}
	budget := q.budget
	if budget == 0 {
		budget = c.small
	}
	ctx, cancel := context.WithCancelCause(ctx)
	b := &body{ctx: ctx, watch: newWatch(cancel, c.stall, budget), release: func() { <-r.host.slots }}
	a, err := r.exchange(ctx, q, u, auth, b)
	if err != nil {
		err = sortError(cause(ctx, err))
		b.end()
		return nil, err
	}
	return a, nil
}

func (r *Repository) exchange(ctx context.Context, q call, u *url.URL, auth *authorization, b *body) (*answer, error) {
	c := r.client
	req, err := q.request(ctx, u, b.watch)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.o.UserAgent)
	req.Header.Set("Accept-Encoding", "identity")
	a := &answer{url: u, body: b}
	if auth != nil && r.host.sameHost(u) && auth.mayGo(u, r.host) {
		a.secret = auth.header
		req.Header.Set("Authorization", a.secret)
	}
	line, err := c.route(r.host, req)
	if err != nil {
		return nil, err
	}
	if c.o.Trace != nil {
		b.trace = func(n int64) { c.o.Trace(q.method, shown(u), a.status, n) }
	}
	res, err := line.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	b.watch.touch()
	b.rest, b.src = res.Body, res.Body
	a.status, a.header = res.StatusCode, res.Header
	if e := res.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, fail(Malformed, "the answer is encoded as %.40q, which was not asked for", e)
	}
	return a, nil
}

// request is the call as net/http has it.
func (q call) request(ctx context.Context, u *url.URL, w *watch) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, q.method, u.String(), http.NoBody)
	if err != nil {
		return nil, fail(Malformed, "the address %s", shown(u))
	}
	for k, v := range q.header {
		req.Header[k] = v
	}
	if q.source != nil {
		req.ContentLength, req.Body = q.source.d.Size, q.source.open(ctx, w)
	}
	if len(q.body) > 0 {
		req.ContentLength = int64(len(q.body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(&sending{bytes.NewReader(q.body), w}), nil }
		req.Body, _ = req.GetBody()
	}
	return req, nil
}
