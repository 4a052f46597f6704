// SPDX-License-Identifier: Apache-2.0

// Package auth signs people in: a user name and a password for a token of fifteen minutes, which the other services check
// against the public keys that are served here.
package auth

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"example.com/shop/internal/token"
	"example.com/shop/internal/web"
)

const (
	tokenLife = 15 * time.Minute
	// A password check costs some tenths of a second of a processor, so there is a limit of those a second.
	checksPerSecond = 20
	checksAtOnce    = 5
	maxPassword     = 256
)

// Config is what the service needs to run. All fields are required.
type Config struct {
	Users  map[string]string // name to stored password, as HashPassword writes it
	Key    ed25519.PrivateKey
	Issuer string
	Now    func() time.Time
}

// Service answers on /v1/token and /.well-known/jwks.json.
type Service struct {
	users  map[string]stored
	nobody stored // compared for unknown names, so that they take as long
	signer jose.Signer
	keys   jose.JSONWebKeySet
	issuer string
	now    func() time.Time
	limit  *rate.Limiter
}

// New checks the configuration and prepares the signer.
func New(c Config) (*Service, error) {
	if len(c.Users) == 0 || len(c.Key) != ed25519.PrivateKeySize || c.Issuer == "" || c.Now == nil {
		return nil, errors.New("users, a signing key, an issuer and a clock are required")
	}
	s := &Service{users: map[string]stored{}, issuer: c.Issuer, now: c.Now,
		limit: rate.NewLimiter(checksPerSecond, checksAtOnce)}
	for name, record := range c.Users {
		p, err := parseStored(record)
		if err != nil {
			return nil, fmt.Errorf("user %q: %w", name, err)
		}
		s.users[name] = p
	}
	var err error
	if s.nobody, err = parseStored(HashPassword(uuid.NewString())); err != nil {
		return nil, err
	}
	public := c.Key.Public().(ed25519.PublicKey)
	sum := sha256.Sum256(public)
	id := hex.EncodeToString(sum[:8])
	s.keys.Keys = []jose.JSONWebKey{{Key: public, KeyID: id, Algorithm: string(jose.EdDSA), Use: "sig"}}
	s.signer, err = jose.NewSigner(
		jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: c.Key, KeyID: id}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("preparing the signer: %w", err)
	}
	return s, nil
}

// Handler has the service's routes.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/token", s.signIn)
	mux.HandleFunc("GET /.well-known/jwks.json", func(w http.ResponseWriter, _ *http.Request) {
		web.Write(w, http.StatusOK, s.keys)
	})
	web.Health(mux, web.Always)
	return mux
}

func (s *Service) signIn(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User     string `json:"user"`
		Password string `json:"password"`
	}
	if err := web.Read(r.Body, &in); err != nil || len(in.Password) > maxPassword {
		web.Refuse(w, http.StatusBadRequest, "expected a user and a password")
		return
	}
	if !s.limit.AllowN(s.now(), 1) {
		w.Header().Set("Retry-After", "1")
		web.Refuse(w, http.StatusTooManyRequests, "too many sign-ins, try again in a second")
		return
	}
	record, known := s.users[in.User]
	if !known {
		record = s.nobody
	}
	if !record.matches(in.Password) || !known {
		web.Refuse(w, http.StatusUnauthorized, "wrong user or password")
		return
	}
	signed, err := s.sign(in.User)
	if err != nil {
		web.Refuse(w, http.StatusInternalServerError, "the token could not be signed")
		return
	}
	web.Write(w, http.StatusOK, map[string]any{"token": signed, "expiresIn": int(tokenLife.Seconds())})
}

func (s *Service) sign(user string) (string, error) {
	now := s.now()
	return jwt.Signed(s.signer).Claims(jwt.Claims{
		ID: uuid.NewString(), Issuer: s.issuer, Subject: user, Audience: jwt.Audience{token.Audience},
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(tokenLife)),
	}).Serialize()
}
