// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// authorization is what goes into the Authorization header.
type authorization struct {
	header string
	token  string // Bearer: as it stands in the cache
	eager  bool   // sent without having been asked for
}

// mayGo reports whether the authorization may go to this address of its host: unasked, only where nobody listens in.
func (a *authorization) mayGo(u *url.URL, h *host) bool {
	return !a.eager || u.Scheme == "https" || h.loopback
}

// The actions of scopes. Docker's token servers and distribution know pull, push and delete.
const (
	actPull   = "pull"
	actPush   = "pull,push"
	actDelete = "pull,push,delete"
)

func (r *Repository) scope(actions string) string { return "repository:" + r.path + ":" + actions }

func (r *Repository) credential(ctx context.Context) (Credential, error) {
	if r.client.o.Credentials == nil {
		return Credential{}, nil
	}
	return r.client.o.Credentials.For(ctx, r.name)
}

// authorization is what a request goes out with, before the host has said anything about this one: a token for the scope, a
// credential, or nothing.
func (r *Repository) authorization(ctx context.Context, actions string) (*authorization, error) {
	r.host.mu.Lock()
	method := r.host.method
	r.host.mu.Unlock()
	if method != nil && method.scheme == "bearer" {
		return r.bearer(ctx, actions, *method, "")
	}
	cred, err := r.credential(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case cred.registryToken() != "":
		return &authorization{header: "Bearer " + cred.registryToken(), eager: true}, nil
	case cred.password() != "":
		return &authorization{header: basic(cred), eager: method == nil}, nil
	}
	return nil, nil
}

func basic(c Credential) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.Username+":"+c.password()))
}

// convince answers a 401. It gives nil where there is nothing to offer that was not refused already.
func (r *Repository) convince(ctx context.Context, actions string, a *answer, sent *authorization) (*authorization, error) {
	if !r.host.sameHost(a.url) {
		return nil, nil // another host's question gets no answer
	}
	ask := choose(a.header.Values("WWW-Authenticate"))
	if ask == nil {
		return nil, nil
	}
	r.host.mu.Lock()
	r.host.method = ask
	r.host.mu.Unlock()
	if ask.scheme == "bearer" {
		old := ""
		if sent != nil {
			old = sent.token
		}
		a.close()
		return r.bearer(ctx, actions, *ask, old)
	}
	cred, err := r.credential(ctx)
	if err != nil || cred.password() == "" {
		return nil, err
	}
	if next := basic(cred); a.secret != next {
		return &authorization{header: next}, nil
	}
	return nil, nil
}

// bearer gives a token for the actions: a cached one that was not refused, or a new one. One token is fetched at a time for each host.
func (r *Repository) bearer(ctx context.Context, actions string, ask challenge, refused string) (*authorization, error) {
	cred, err := r.credential(ctx)
	if err != nil {
		return nil, err
	}
	if t := cred.registryToken(); t != "" {
		return &authorization{header: "Bearer " + t}, nil
	}
	if t := r.cached(actions, refused); t != "" {
		return &authorization{header: "Bearer " + t, token: t}, nil
	}
	select {
	case r.host.fetching <- struct{}{}:
		defer func() { <-r.host.fetching }()
	case <-ctx.Done():
		return nil, about(ctx.Err(), "waiting for a token for "+r.name, nil)
	}
	if t := r.cached(actions, refused); t != "" {
		return &authorization{header: "Bearer " + t, token: t}, nil
	}
	t, err := r.fetchToken(ctx, r.scopes(actions, ask), ask, cred)
	if err != nil {
		return nil, err
	}
	r.host.mu.Lock()
	defer r.host.mu.Unlock()
	r.host.tokens[r.scope(actions)] = t
	return &authorization{header: "Bearer " + t, token: t}, nil
}

// cached finds a token that allows at least the actions, and is not the one that was refused.
func (r *Repository) cached(actions, refused string) string {
	r.host.mu.Lock()
	defer r.host.mu.Unlock()
	if t := r.host.tokens[r.scope(actions)]; t != "" && t != refused {
		return t
	}
	for _, wider := range []string{actPull, actPush, actDelete} {
		if t := r.host.tokens[r.scope(wider)]; t != "" && t != refused && strings.HasPrefix(wider, actions) {
			return t
		}
	}
	return ""
}

// scopes are the ones to ask for: our own, and the one that the host names if it allows nothing more than ours.
func (r *Repository) scopes(actions string, ask challenge) []string {
	own := r.scope(actions)
	parts := strings.Split(ask.scope, ":")
	if ask.scope == "" || ask.scope == own || len(parts) < 3 || parts[0] != "repository" || strings.ContainsAny(ask.scope, " \t") {
		return []string{own}
	}
	for _, action := range strings.Split(parts[len(parts)-1], ",") {
		if !strings.Contains(","+actions+",", ","+action+",") {
			return []string{own}
		}
	}
	if strings.Join(parts[1:len(parts)-1], ":") == r.path {
		return []string{own} // the same, in another order
	}
	return []string{ask.scope, own}
}

// fetchToken exchanges a credential, or nothing, for a token (https://distribution.github.io/distribution/spec/auth/token/, …/oauth/).
func (r *Repository) fetchToken(ctx context.Context, scopes []string, ask challenge, cred Credential) (string, error) {
	op := "getting a token for " + r.name
	base := &url.URL{Scheme: "https", Host: r.host.api, Path: "/"}
	realm, err := resolveURL(base, ask.realm)
	if err != nil {
		return "", about(err, op, nil)
	}
	if !realm.IsAbs() || !strings.Contains(ask.realm, "://") {
		return "", about(fail(Malformed, "the registry names no address for tokens (realm %.100q)", ask.realm), op, nil)
	}
	q, auth := tokenCall(op, realm, scopes, ask, cred)
	var token string
	err = r.repeat(ctx, func() error {
		a, err := r.followToken(ctx, q, q.to, auth)
		if err != nil {
			return err
		}
		defer a.body.end()
		if a.status != http.StatusOK {
			return about(a.failure(cred), op, a.url)
		}
		raw, err := readAll(a.body, 0, MaxTokenBody, "the token server's answer")
		if err != nil {
			return about(err, op, a.url)
		}
		token, err = readToken(raw)
		return about(err, op, a.url)
	})
	return token, err
}

func tokenCall(op string, realm *url.URL, scopes []string, ask challenge, cred Credential) (call, *authorization) {
	v := realm.Query()
	if ask.service != "" {
		v.Set("service", ask.service)
	}
	if t := cred.identityToken(); t != "" {
		v.Set("grant_type", "refresh_token")
		v.Set("client_id", "sealock")
		v.Set("refresh_token", t)
		v.Set("scope", strings.Join(scopes, " "))
		to := *realm
		to.RawQuery = ""
		return call{op: op, method: http.MethodPost, to: &to, body: []byte(v.Encode()), header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}, nil
	}
	v["scope"] = strings.Fields(strings.Join(scopes, " "))
	var auth *authorization
	if cred.password() != "" {
		auth = &authorization{header: basic(cred)}
		v.Set("account", cred.Username)
	}
	to := *realm
	to.RawQuery = v.Encode()
	return call{op: op, method: http.MethodGet, to: &to}, auth
}

// followToken is follow for the token server: the credential goes to the realm's own host, and nowhere from there.
func (r *Repository) followToken(ctx context.Context, q call, u *url.URL, auth *authorization) (*answer, error) {
	if auth == nil {
		return r.follow(ctx, q, u, nil)
	}
	q.header = http.Header{"Authorization": {auth.header}}
	a, err := r.once(ctx, q, u, nil)
	if err != nil {
		return nil, about(err, q.op, u)
	}
	a.secret = auth.header
	if !redirect(a.status) {
		return a, nil
	}
	defer a.close()
	return nil, about(fail(Unsupported, "the token server redirects a request that holds a credential"), q.op, u)
}

func readToken(raw []byte) (string, error) {
	var w struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	if err := attest.DecodeJSON(raw, &w); err != nil {
		return "", fail(Malformed, "the token server's answer is not sound JSON")
	}
	t := w.Token
	if t == "" {
		t = w.AccessToken
	}
	switch {
	case t == "":
		return "", fail(Malformed, "the token server's answer holds no token")
	case len(t) > MaxToken:
		return "", fail(Limit, "the token has %d bytes, limit %d", len(t), MaxToken)
	case strings.ContainsFunc(t, func(c rune) bool { return c <= ' ' || c > '~' }):
		return "", fail(Malformed, "the token holds characters that no header can carry")
	}
	return t, nil
}

// maxExpected bounds the memory that is set aside for a body because it is said to be that long.
const maxExpected = 4 << 20

// readAll reads a body that is bounded, and said to have a length (0: unknown).
func readAll(src io.Reader, length, limit int64, what string) ([]byte, error) {
	buf := bytes.NewBuffer(make([]byte, 0, min(max(length, 0), limit, maxExpected)+bytes.MinRead))
	if _, err := buf.ReadFrom(io.LimitReader(src, limit+1)); err != nil {
		return nil, err
	}
	if int64(buf.Len()) > limit {
		return nil, fail(Limit, "%s has more than %d bytes", what, limit)
	}
	return buf.Bytes(), nil
}
