// SPDX-License-Identifier: Apache-2.0

// Package payments takes an order and keeps what was paid. A request carries a key of the client's choice, so that one that is
// sent twice is paid once; prices are asked of the catalog, never taken from the request.
package payments

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/currency"

	"example.com/shop/internal/web"
)

const (
	maxQuantity = 100
	// maxPayments bounds what one process keeps in memory.
	maxPayments = 100_000
)

// Verifier says who a token belongs to, and whether it could say so now.
type Verifier interface {
	Verify(ctx context.Context, token string) (user string, err error)
	Ready(ctx context.Context) error
}

// Prices gives the price of one product, in the currency's minor unit.
type Prices interface {
	Price(ctx context.Context, product string) (amount int64, code string, err error)
}

// ErrNoProduct is what Prices answers for a product that does not exist.
var ErrNoProduct = errors.New("no such product")

// Payment is one payment that was taken.
type Payment struct {
	ID       string    `json:"id"`
	Product  string    `json:"product"`
	Quantity int64     `json:"quantity"`
	Amount   int64     `json:"amount"` // in the currency's minor unit
	Currency string    `json:"currency"`
	At       time.Time `json:"at"`

	user string
}

type order struct {
	Product  string `json:"product"`
	Quantity int64  `json:"quantity"`
}

// Service answers on /v1/payments.
type Service struct {
	tokens Verifier
	prices Prices
	now    func() time.Time

	mu    sync.Mutex
	byID  map[string]Payment
	byKey map[string]string // user and idempotency key to id
}

// New makes a service with nothing paid yet.
func New(tokens Verifier, prices Prices, now func() time.Time) *Service {
	return &Service{tokens: tokens, prices: prices, now: now, byID: map[string]Payment{}, byKey: map[string]string{}}
}

// Handler has the service's routes.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/payments", s.pay)
	mux.HandleFunc("GET /v1/payments/{id}", s.show)
	web.Health(mux, s.tokens.Ready)
	return mux
}

// user checks the request's token; it has answered if it returns false.
func (s *Service) user(w http.ResponseWriter, r *http.Request) (string, bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		w.Header().Set("WWW-Authenticate", "Bearer")
		web.Refuse(w, http.StatusUnauthorized, "a bearer token is needed")
		return "", false
	}
	user, err := s.tokens.Verify(r.Context(), token)
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		web.Refuse(w, http.StatusUnauthorized, "the token is not valid")
		return "", false
	}
	return user, true
}

func (s *Service) pay(w http.ResponseWriter, r *http.Request) {
	user, ok := s.user(w, r)
	if !ok {
		return
	}
	key, err := uuid.Parse(r.Header.Get("Idempotency-Key"))
	if err != nil {
		web.Refuse(w, http.StatusBadRequest, "the Idempotency-Key header must be a UUID")
		return
	}
	var o order
	if err := web.Read(r.Body, &o); err != nil || o.Product == "" || o.Quantity < 1 || o.Quantity > maxQuantity {
		web.Refuse(w, http.StatusBadRequest, fmt.Sprintf("expected a product and a quantity of 1 to %d", maxQuantity))
		return
	}
	amount, code, err := s.prices.Price(r.Context(), o.Product)
	switch {
	case errors.Is(err, ErrNoProduct):
		web.Refuse(w, http.StatusUnprocessableEntity, ErrNoProduct.Error())
		return
	case err != nil:
		web.Refuse(w, http.StatusBadGateway, "the catalog did not answer")
		return
	}
	unit, err := currency.ParseISO(code)
	if err != nil {
		web.Refuse(w, http.StatusBadGateway, "the catalog named an unknown currency")
		return
	}
	p := Payment{ID: uuid.NewString(), Product: o.Product, Quantity: o.Quantity, Amount: amount * o.Quantity,
		Currency: unit.String(), At: s.now().UTC(), user: user}
	status, kept := s.keep(p, user+" "+key.String())
	if status >= http.StatusBadRequest {
		web.Refuse(w, status, "the key was used for another order, or no more can be kept")
		return
	}
	web.Write(w, status, kept)
}

// keep stores a payment once for its key and gives the stored one.
func (s *Service) keep(p Payment, key string) (int, Payment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, seen := s.byKey[key]; seen {
		before := s.byID[id]
		if before.Product != p.Product || before.Quantity != p.Quantity {
			return http.StatusConflict, Payment{}
		}
		return http.StatusOK, before
	}
	if len(s.byID) >= maxPayments {
		return http.StatusInsufficientStorage, Payment{}
	}
	s.byID[p.ID], s.byKey[key] = p, p.ID
	return http.StatusCreated, p
}

func (s *Service) show(w http.ResponseWriter, r *http.Request) {
	user, ok := s.user(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	p, found := s.byID[r.PathValue("id")]
	s.mu.Unlock()
	// Somebody else's payment looks like none at all.
	if !found || p.user != user {
		web.Refuse(w, http.StatusNotFound, "no such payment")
		return
	}
	web.Write(w, http.StatusOK, p)
}
