// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Code says what kind of thing went wrong. Codes are stable.
type Code string

// The codes of this package.
const (
	NotFound       Code = "NOT_FOUND"       // the registry says that it does not have it, and nothing else
	Unauthorized   Code = "UNAUTHORIZED"    // no credential, or one that is not accepted
	Denied         Code = "DENIED"          // the credential is known and may not do this
	RateLimited    Code = "RATE_LIMITED"    // too many requests
	Unavailable    Code = "UNAVAILABLE"     // the registry fails, or can't be reached
	Timeout        Code = "TIMEOUT"         // it takes too long, or stalls
	Limit          Code = "LIMIT"           // a bound was passed
	DigestMismatch Code = "DIGEST_MISMATCH" // content is not what its digest or descriptor says
	Malformed      Code = "MALFORMED"       // the answer is none that a registry gives
	Unsupported    Code = "UNSUPPORTED"     // the registry does not do this, or we don't
	Offline        Code = "OFFLINE"         // requests are switched off
	RefusedAddress Code = "REFUSED_ADDRESS" // a registry names an address that it has no business to name
)

// Error says which request failed and why. It never holds a credential: URL has neither user nor query.
type Error struct {
	Code   Code
	Op     string // what was being done
	URL    string
	Status int    // of the HTTP answer, 0 where there was none
	Detail string // what is wrong, expected against found
	Hint   string // what to do
	Cause  error

	again bool          // another try may help
	after time.Duration // that the registry asks to wait before it
}

// ReasonCode is how decisions name what went wrong.
func (e *Error) ReasonCode() string { return "REGISTRY_" + string(e.Code) }

func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op)
		if e.URL != "" {
			b.WriteString(" (" + e.URL + ")")
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Detail)
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	if e.Hint != "" {
		b.WriteString("\nhint: " + e.Hint)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf is the code of an Error in err's chain, or "".
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// IsNotFound reports whether the registry said, cleanly, that it does not have what was asked for.
func IsNotFound(err error) bool { return CodeOf(err) == NotFound }

func fail(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

func (e *Error) hint(format string, args ...any) *Error { //nolint:unparam // a format, as fail has one
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

func (e *Error) because(err error) *Error {
	e.Cause = err
	return e
}

// about fills in what an error is about, where it does not say so yet. An error of the context stays visible below.
func about(err error, op string, u *url.URL) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		e = transportError(err)
	}
	if e.Op == "" {
		e.Op = op
	}
	if e.URL == "" && u != nil {
		e.URL = shown(u)
	}
	return e
}

// transportError sorts errors of connections.
func transportError(err error) *Error {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return fail(Unavailable, "interrupted").because(err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fail(Timeout, "no answer in time").because(withoutURL(err)).hint("try again, or give it more time")
	}
	return fail(Unavailable, "the registry can't be reached").because(withoutURL(err)).hint("check the name and the network, and try again")
}

// withoutURL takes the address, which may hold a signed query, out of an error of net/http.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// shown is an address without user, query and fragment.
func shown(u *url.URL) string {
	v := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return printable(v.String(), maxMessage)
}

// printable is foreign text for messages: bounded, one line, without control characters.
func printable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffd {
			return ' '
		}
		return r
	}, s)
	if len(s) > limit {
		return strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
