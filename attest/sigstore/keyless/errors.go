// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// CodeDown is the reason code of a DownError, CodeToken that of a TokenError and CodeRefused that of a RefusedError.
const (
	CodeDown    = "SIGNING_DOWN"
	CodeToken   = "IDENTITY_TOKEN"
	CodeRefused = "SIGNING_REFUSED"
)

// The servers that signing needs, as messages call them.
const (
	authority    = "certificate authority"
	transparency = "transparency log"
	stamper      = "time stamp authority"
	tokenSource  = "token service"
	issuer       = "OIDC issuer"
)

// DownError says that a server which signing needs did not answer within the budget. Nothing was signed.
type DownError struct {
	Service string // what it is: certificate authority, transparency log, time stamp authority, token service
	URL     string
	Tries   int
	Within  time.Duration
	Cause   error
}

func (e *DownError) Error() string {
	return fmt.Sprintf("the %s %s did not answer: %v (tried %s)\nhint: nothing was stored; run this again when it is back", e.Service, e.URL, e.Cause, e.tried())
}

func (e *DownError) tried() string {
	if e.Tries == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times within %s", e.Tries, e.Within.Round(time.Second/10))
}

// Unwrap gives the last answer.
func (e *DownError) Unwrap() error { return e.Cause }

// ReasonCode is the code under which a decision names the error.
func (*DownError) ReasonCode() string { return CodeDown }

// RefusedError says that a server answered, and refused.
type RefusedError struct {
	Service string
	URL     string
	Status  int
	Detail  string // what it said, shortened
	Hint    string
}

func (e *RefusedError) Error() string {
	s := fmt.Sprintf("the %s %s refused with status %d", e.Service, e.URL, e.Status)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Hint != "" {
		s += "\nhint: " + e.Hint
	}
	return s
}

// ReasonCode is the code under which a decision names the error.
func (*RefusedError) ReasonCode() string { return CodeRefused }

// TokenError says why an OIDC token is of no use. It was not sent anywhere.
type TokenError struct {
	Problem string
	Hint    string
}

func (e *TokenError) Error() string {
	if e.Hint == "" {
		return "identity token: " + e.Problem
	}
	return "identity token: " + e.Problem + "\nhint: " + e.Hint
}

// ReasonCode is the code under which a decision names the error.
func (*TokenError) ReasonCode() string { return CodeToken }

// CodeDoc says what a code means and what to do.
type CodeDoc struct{ Code, Meaning, Fix string }

// Codes documents the codes of this package.
func Codes() []CodeDoc {
	return []CodeDoc{
		{CodeDown, "A server that keyless signing needs (certificate authority, transparency log, time stamp authority, token service) did not answer. Nothing was signed or stored.", "Run the stage again when the server is back; the message names it."},
		{CodeToken, "There is no OIDC token for this job, or it is expired or not meant for Sigstore. It was not sent anywhere.", "Let the CI job have an ID token with the audience sigstore (GitHub: permissions id-token: write; GitLab: id_tokens SIGSTORE_ID_TOKEN with aud sigstore)."},
		{CodeRefused, "A server that keyless signing needs answered that it will not: the token, the key or the entry does not suit it.", "Read what it said; check that the signing configuration and the token belong to the same Sigstore instance."},
	}
}

// maxDetail bounds what is quoted of a server's answer.
const maxDetail = 300

// quote makes an answer fit for a message: short, on one line, and without the secrets that were sent.
func quote(s string, secrets ...string) string {
	for _, secret := range secrets {
		if len(secret) < 4 {
			continue
		}
		s = strings.ReplaceAll(s, secret, "[secret]")
		for part := range strings.SplitSeq(secret, ".") { // a server may quote one part of a token
			if len(part) >= 16 {
				s = strings.ReplaceAll(s, part, "[secret]")
			}
		}
	}
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(s) > maxDetail {
		s = strings.ToValidUTF8(s[:maxDetail], "") + "…"
	}
	return s
}
