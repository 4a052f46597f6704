// SPDX-License-Identifier: Apache-2.0

// Package token checks the tokens that the auth service issues.
package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/sync/singleflight"

	"example.com/shop/internal/web"
)

// Audience is the audience of every token: the shop as a whole.
const Audience = "shop"

const (
	keysFresh = 5 * time.Minute
	// clockSkew is how far the clocks of two services may be apart.
	clockSkew = 30 * time.Second
)

// ErrInvalid is the cause of every refusal of a token.
var ErrInvalid = errors.New("token is not valid")

// Verifier checks tokens against the keys that the auth service publishes. It is safe for concurrent use.
type Verifier struct {
	KeysURL string
	Issuer  string
	Client  *http.Client
	Now     func() time.Time

	group   singleflight.Group
	mu      sync.Mutex
	keys    jose.JSONWebKeySet
	fetched time.Time
}

// Verify gives the user that a token was issued to.
func (v *Verifier) Verify(ctx context.Context, token string) (string, error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return "", fmt.Errorf("%w: it is not a JSON web token signed with EdDSA", ErrInvalid)
	}
	keys, err := v.current(ctx)
	if err != nil {
		return "", err
	}
	var claims jwt.Claims
	if err := parsed.Claims(keys, &claims); err != nil {
		return "", fmt.Errorf("%w: no known key verifies it", ErrInvalid)
	}
	want := jwt.Expected{Issuer: v.Issuer, AnyAudience: jwt.Audience{Audience}, Time: v.Now()}
	if err := claims.ValidateWithLeeway(want, clockSkew); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if claims.Subject == "" || claims.Expiry == nil {
		return "", fmt.Errorf("%w: it has no subject or does not expire", ErrInvalid)
	}
	return claims.Subject, nil
}

// Ready fetches the keys if there are none yet.
func (v *Verifier) Ready(ctx context.Context) error {
	_, err := v.current(ctx)
	return err
}

func (v *Verifier) current(ctx context.Context) (*jose.JSONWebKeySet, error) {
	v.mu.Lock()
	keys, fresh := v.keys, len(v.keys.Keys) > 0 && v.Now().Sub(v.fetched) < keysFresh
	v.mu.Unlock()
	if fresh {
		return &keys, nil
	}
	// Many requests that find the keys stale make one fetch.
	got, err, _ := v.group.Do("keys", func() (any, error) { return v.fetch(ctx) })
	if err != nil {
		return nil, fmt.Errorf("fetching the keys of the auth service: %w", err)
	}
	keys = got.(jose.JSONWebKeySet)
	return &keys, nil
}

func (v *Verifier) fetch(ctx context.Context) (jose.JSONWebKeySet, error) {
	var keys jose.JSONWebKeySet
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.KeysURL, nil)
	if err != nil {
		return keys, err
	}
	res, err := v.Client.Do(req)
	if err != nil {
		return keys, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return keys, fmt.Errorf("status %d", res.StatusCode)
	}
	// Not web.Read: a key set may have fields that are not known here.
	if err := json.NewDecoder(io.LimitReader(res.Body, web.MaxBody)).Decode(&keys); err != nil {
		return keys, err
	}
	if len(keys.Keys) == 0 {
		return keys, errors.New("the key set is empty")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keys, v.fetched = keys, v.Now()
	return keys, nil
}
