// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// Bounds and defaults of tokens.
const (
	DefaultAudience = "sigstore"
	MaxToken        = 64 << 10         // bytes
	clockSkew       = 30 * time.Second // by which clocks may differ
)

// Source is where tokens come from.
type Source struct {
	Name  string // for people: "GitHub Actions", "SIGSTORE_ID_TOKEN"
	Token func(ctx context.Context) (string, error)
}

// Static is a token that was given.
func Static(name, token string) Source {
	return Source{name, func(context.Context) (string, error) { return strings.TrimSpace(token), nil }}
}

// claims is what a token says of itself. Nobody has verified it: that is the certificate authority's work.
type claims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  audience `json:"aud"`
	Expires   float64  `json:"exp"`
	NotBefore float64  `json:"nbf"`
	Nonce     string   `json:"nonce"`
	Email     string   `json:"email"`

	JobWorkflowRef   string `json:"job_workflow_ref"`  // GitHub
	CIConfigRefURI   string `json:"ci_config_ref_uri"` // GitLab
	OrganizationSlug string `json:"organization_slug"` // Buildkite
	PipelineSlug     string `json:"pipeline_slug"`     //
	Federated        struct {
		ConnectorID string `json:"connector_id"`
	} `json:"federated_claims"` // where people log in through another issuer
}

// audience is one name or several.
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(data, &many)
	*a = many
	return err
}

// readToken parses a token and refuses one that would be of no use, or that is meant for somebody else. No message holds any part of it but claims.
func readToken(token, wanted string, now time.Time) (claims, error) {
	var c claims
	if token == "" {
		return c, &TokenError{Problem: "it is empty"}
	}
	if len(token) > MaxToken {
		return c, &TokenError{Problem: fmt.Sprintf("it has %d bytes, limit %d", len(token), MaxToken)}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, &TokenError{Problem: fmt.Sprintf("it has %d parts, expected the three of a signed JWT", len(parts))}
	}
	for _, p := range parts {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(p); err != nil || p == "" {
			return c, &TokenError{Problem: "it is not a signed JWT: a part of it is not base64url"}
		}
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])                  // it was decoded a moment ago
	if attest.CheckJSON(payload) != nil || json.Unmarshal(payload, &c) != nil { // the reason would quote it
		return c, &TokenError{Problem: "its claims are not a sound JSON object"}
	}
	return c, c.check(wanted, now)
}

func (c claims) check(wanted string, now time.Time) error {
	if !slices.Contains(c.Audience, wanted) {
		return &TokenError{Problem: fmt.Sprintf("it is meant for %q, expected %q; it was not sent", quote(strings.Join(c.Audience, ", ")), wanted), Hint: fmt.Sprintf("ask for a token with the audience %s", wanted)}
	}
	if c.Issuer == "" || (c.Subject == "" && c.Email == "") {
		return &TokenError{Problem: "it names no issuer, or nobody"}
	}
	if c.Expires <= 0 || c.Expires > 1e11 {
		return &TokenError{Problem: "it does not say when it expires"}
	}
	if end := time.Unix(int64(c.Expires), 0).UTC(); !now.Before(end) {
		return &TokenError{Problem: fmt.Sprintf("it expired at %s, and it is %s; it was not sent", end.Format(time.RFC3339), now.UTC().Format(time.RFC3339)), Hint: "run the job again; a token that lives longer than the stage's command, or one that is fetched when it is needed (GitHub Actions, Buildkite), avoids this"}
	}
	if start := time.Unix(int64(c.NotBefore), 0).UTC(); c.NotBefore > 0 && c.NotBefore < 1e11 && now.Add(clockSkew).Before(start) {
		return &TokenError{Problem: fmt.Sprintf("it is not valid before %s, and it is %s", start.Format(time.RFC3339), now.UTC().Format(time.RFC3339)), Hint: "check the clock of this machine"}
	}
	return nil
}

// identity guesses whom a certificate for this token would name. It is for recognising one's own earlier work, and decides nothing: the
// certificate does.
func (c claims) identity() attest.Identity {
	id := attest.Identity{Issuer: c.Issuer, Subject: c.Subject}
	switch {
	case c.JobWorkflowRef != "":
		id.Subject = "https://github.com/" + c.JobWorkflowRef
	case c.CIConfigRefURI != "":
		id.Subject = "https://" + c.CIConfigRefURI
	case c.OrganizationSlug != "" && c.PipelineSlug != "":
		id.Subject = "https://buildkite.com/" + c.OrganizationSlug + "/" + c.PipelineSlug
	case c.Email != "":
		id.Subject = c.Email
		if strings.HasPrefix(c.Federated.ConnectorID, "https://") {
			id.Issuer = c.Federated.ConnectorID
		}
	}
	return id
}

// name is what the authority takes for the name of whom the token is about.
func (c claims) name() string {
	if c.Email != "" {
		return c.Email
	}
	return c.Subject
}

// said takes what people can read from an answer: the message of a JSON error, or the text itself.
func said(body []byte, secrets ...string) string {
	var m struct {
		Message string `json:"message"`
		Error   string `json:"error"`
		Detail  string `json:"error_description"`
	}
	text := string(body)
	if json.Unmarshal(body, &m) == nil {
		for _, s := range []string{m.Error, m.Detail, m.Message} {
			if s != "" {
				text = s
			}
		}
	}
	for _, s := range secrets { // as they stand in a header: "Bearer …"
		_, bare, _ := strings.Cut(s, " ")
		text = quote(text, s, bare)
	}
	return quote(text)
}
