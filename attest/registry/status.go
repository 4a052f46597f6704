// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// failure turns an answer that is no success into an error, and ends it. Statuses are kept apart: only a clean 404 says that
// something is not there.
func (a *answer) failure(cred Credential) *Error {
	defer a.body.end()
	raw, err := readAll(a.body, 0, MaxErrorBody, "the error's explanation")
	kind := mediaType(a.header)
	code, message := a.explain(raw)
	e := fail(Unsupported, "the registry answers %d %s", a.status, http.StatusText(a.status))
	e.Status = a.status
	if message != "" {
		e.Detail += fmt.Sprintf(" (%s)", message)
	}
	switch {
	case a.status == http.StatusUnauthorized:
		e.Code, e.Hint = Unauthorized, whose(cred, "is not accepted", "log in with docker login or podman login, or name a file with credentials: --registry-config FILE")
	case a.status == http.StatusForbidden:
		e.Code, e.Hint = Denied, whose(cred, "may not do this", "log in as somebody who may: docker login, or --registry-config FILE")
	case a.status == http.StatusNotFound:
		e.Code, e.Hint = NotFound, "check the name; some registries say so where a login is needed, or where the repository must be created first"
		if clean := err == nil && (code != "" || len(raw) == 0 || kind == "" || kind == "text/plain" || kind == "application/json"); !clean {
			e.Code, e.Hint = Malformed, "this is no registry's answer: check the name, and the proxy in between"
			if CodeOf(err) == Limit {
				e.Code, e.Cause = Limit, err
			} else if err != nil {
				return sortError(err)
			}
		}
	case a.status == http.StatusTooManyRequests:
		e.Code, e.again, e.after, e.Hint = RateLimited, true, retryAfter(a.header), "try again later; registries allow more to who is logged in"
	case a.status == http.StatusRequestTimeout, a.status == http.StatusGatewayTimeout:
		e.Code, e.again, e.after = Timeout, true, retryAfter(a.header)
	case a.status == http.StatusBadGateway, a.status == http.StatusServiceUnavailable:
		e.Code, e.again, e.after, e.Hint = Unavailable, true, retryAfter(a.header), "try again"
	case a.status == http.StatusNotImplemented, a.status == http.StatusMethodNotAllowed, code == "UNSUPPORTED":
		e.Code = Unsupported
	case a.status >= 500:
		e.Code, e.Hint = Unavailable, "try again"
	case a.status == http.StatusRequestEntityTooLarge:
		e.Code, e.Hint = Limit, "the registry takes less at a time"
	case a.status < 400:
		e.Code = Malformed
	}
	return e
}

func whose(cred Credential, what, otherwise string) string {
	if cred.Anonymous() {
		return otherwise
	}
	return fmt.Sprintf("the credential of %q from %s %s; %s", printable(cred.Username, 100), cred.Source, what, otherwise)
}

// explain reads the first error of a registry's error body
// (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes). The words are the registry's: bounded, and
// left out if they hold what we sent it in confidence.
func (a *answer) explain(raw []byte) (code, message string) {
	var w struct {
		Errors []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if attest.DecodeJSON(raw, &w) != nil || len(w.Errors) == 0 {
		return "", ""
	}
	code = printable(w.Errors[0].Code, 60)
	message = strings.TrimSuffix(code+": "+printable(w.Errors[0].Message, maxMessage), ": ")
	for _, s := range secretsIn(a.secret) {
		if strings.Contains(w.Errors[0].Message, s) || strings.Contains(w.Errors[0].Code, s) {
			return "UNKNOWN", "its words repeat the credential and are left out"
		}
	}
	return code, message
}

// secretsIn are the secret parts of an Authorization header.
func secretsIn(header string) []string {
	_, value, ok := strings.Cut(header, " ")
	if !ok {
		return nil
	}
	out := []string{value}
	if raw, err := base64.StdEncoding.DecodeString(value); err == nil {
		if _, password, ok := strings.Cut(string(raw), ":"); ok && password != "" {
			out = append(out, password)
		}
	}
	return out
}

// mediaType is the Content-Type without its parameters.
func mediaType(h http.Header) string {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}
