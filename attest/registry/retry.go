// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// repeat calls f until it succeeds, fails for good, or the tries are used up. Between two tries it waits longer each time, by a
// random part of it so that many clients do not come back at once, or as long as the registry asks.
func (r *Repository) repeat(ctx context.Context, f func() error) error {
	for try := 0; ; try++ {
		err := f()
		var e *Error
		if err == nil || !errors.As(err, &e) || !e.again || ctx.Err() != nil {
			return err
		}
		if try >= r.retries {
			if try > 0 {
				e.Detail += fmt.Sprintf(" (tried %d times)", try+1)
			}
			return err
		}
		wait := attest.Spread(min(r.client.backoff<<min(try, 10), MaxBackoff))
		switch {
		case e.after > MaxRetryAfter:
			e.Hint = fmt.Sprintf("the registry asks to come back in %s, which is longer than %s: try again then", e.after, MaxRetryAfter)
			return err
		case e.after > wait:
			wait = e.after
		}
		if attest.Sleep(ctx, wait) != nil {
			return err
		}
	}
}

// sortError says what an error of a connection means, and whether another try may help.
func sortError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	e = transportError(err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.again, e.Detail = true, "the connection broke off"
	case contains(err, "GOAWAY", "stream error", "server closed idle connection"): // errors that net/http keeps to itself
		e.again, e.Detail = true, "the connection broke off"
	case contains(err, "response headers exceeded", "response header list larger"):
		e.Code, e.Detail = Limit, fmt.Sprintf("the answer's headers have more than %d bytes", MaxHeaders)
	}
	return e
}

func contains(err error, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(err.Error(), p) })
}

// retryAfter is how long an answer asks to wait: seconds, or a time, which is held against the answer's own (RFC 9110, 10.2.3).
func retryAfter(h http.Header) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(min(n, 1<<30)) * time.Second
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil || at.Before(now) {
		return 0
	}
	return at.Sub(now)
}
