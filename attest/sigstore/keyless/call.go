// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// Bounds on talking to a server.
const (
	DefaultBudget = 30 * time.Second // how long one server is asked again
	tryTimeout    = 20 * time.Second // of a single request
	firstWait     = 250 * time.Millisecond
	maxWait       = 5 * time.Second
	maxAnswer     = 4 << 20 // bytes
)

const userAgent = "sealock"

// caller asks one server until it answers or the budget is used up.
type caller struct {
	service string
	http    http.RoundTripper
	budget  time.Duration
	known   *outages // of earlier requests; nil: every request finds out for itself
}

// outages remembers which servers did not answer, so that only the first request to each costs its whole budget.
type outages struct {
	mu   sync.Mutex
	down map[string]*DownError // by URL
}

func (o *outages) of(url string) *DownError {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.down[url]
}

func (o *outages) add(url string, e *DownError) *DownError {
	if o == nil {
		return e
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down == nil {
		o.down = map[string]*DownError{}
	}
	o.down[url] = e
	return e
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// errRedirect is final: a token goes where it was meant to go, and nowhere else.
var errRedirect = errors.New("it points to another place, and redirects are not followed")

// do sends a request. An answer that says "later" (429, 5xx) and a broken connection are tried again; every other answer is given back.
func (c *caller) do(ctx context.Context, method, url string, header http.Header, body []byte) (*answer, error) {
	budget := c.budget
	if budget <= 0 {
		budget = DefaultBudget
	}
	if d := c.known.of(url); d != nil {
		return nil, d
	}
	within, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	down := &DownError{Service: c.service, URL: redacted(url), Within: budget}
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		down.Tries++
		a, err := c.once(within, method, url, header, body)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("asking the %s %s: %w", c.service, redacted(url), ctx.Err())
		}
		later := time.Duration(0)
		switch {
		case err == nil && !again(a.status):
			return a, nil
		case err == nil:
			down.Cause = fmt.Errorf("status %d", a.status)
			if later = retryAfter(a.header); later > budget { // waiting would be in vain
				down.Cause = fmt.Errorf("status %d, and it asks to come back in %s", a.status, later)
				return nil, c.known.add(url, down)
			}
		case within.Err() == nil || down.Cause == nil: // the budget's end is no cause of its own
			down.Cause = err
		}
		if !final(err) && attest.Sleep(within, max(attest.Spread(wait), later)) == nil {
			continue
		}
		if ctx.Err() != nil { // the caller's time is up, not the server's
			return nil, fmt.Errorf("asking the %s %s: %w; so far: %w", c.service, redacted(url), ctx.Err(), down.Cause)
		}
		return nil, c.known.add(url, down)
	}
}

// ask makes every answer but success an error. What was sent and is a secret stays out of it.
func (c *caller) ask(ctx context.Context, method, url string, header http.Header, body []byte, hint string, secrets ...string) (*answer, error) {
	a, err := c.do(ctx, method, url, header, body)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK && a.status != http.StatusCreated {
		return nil, &RefusedError{Service: c.service, URL: redacted(url), Status: a.status, Detail: said(a.body, secrets...), Hint: hint}
	}
	return a, nil
}

func (c *caller) once(ctx context.Context, method, url string, header http.Header, body []byte) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body)) //nolint:gosec // the server that the user, or the CI system, names
	if err != nil {
		return nil, err
	}
	req.Header = header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("User-Agent", userAgent)
	resp, err := c.http.RoundTrip(req) // a client would follow redirects
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return nil, errRedirect
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("reading its answer: %w", err)
	}
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLong, maxAnswer)
	}
	return &answer{resp.StatusCode, resp.Header, data}, nil
}

var errTooLong = errors.New("its answer is too long")

func again(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
}

// final reports whether asking again would only lead to the same error.
func final(err error) bool {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var verify *tls.CertificateVerificationError
	return errors.Is(err, errRedirect) || errors.Is(err, errTooLong) || errors.As(err, &unknown) || errors.As(err, &invalid) || errors.As(err, &name) || errors.As(err, &verify)
}

// retryAfter is how long a server asks to be left alone, in seconds; the other form, a date, is not used by these servers.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 || n > 3600 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// Answer is what a server said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Ask sends one request to a server over TLS, or to this machine, with the budget and the bounds of this package: a server that does not answer is a
// DownError, every other answer is given back. Redirects are not followed.
func Ask(ctx context.Context, rt http.RoundTripper, budget time.Duration, service, method, url string, header http.Header, body []byte) (Answer, error) {
	if err := checkURL(service, url); err != nil {
		return Answer{}, err
	}
	a, err := (&caller{service: service, http: rt, budget: budget}).do(ctx, method, url, header, body)
	if err != nil {
		return Answer{}, err
	}
	return Answer{a.status, a.header, a.body}, nil
}

// Refused makes an answer that is no success an error, with what people can read in it and without the secrets that were sent.
func (a Answer) Refused(service, url, hint string, secrets ...string) error {
	return &RefusedError{Service: service, URL: redacted(url), Status: a.Status, Detail: said(a.Body, secrets...), Hint: hint}
}

// Fetch reads a file that is published, as Ask does. A status other than 200 is a RefusedError.
func Fetch(ctx context.Context, rt http.RoundTripper, budget time.Duration, service, url string) ([]byte, error) {
	a, err := Ask(ctx, rt, budget, service, http.MethodGet, url, nil, nil)
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK {
		return nil, a.Refused(service, url, "")
	}
	return a.Body, nil
}
