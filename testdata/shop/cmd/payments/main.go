// SPDX-License-Identifier: Apache-2.0

// Command payments is the shop's payment service. It talks to auth and to catalog, and to nothing else.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"example.com/shop/internal/payments"
	"example.com/shop/internal/token"
	"example.com/shop/internal/web"
)

// askWithin is how long another service may take to answer.
const askWithin = 3 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "payments:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("payments", flag.ContinueOnError)
	listen := f.String("listen", ":8080", "address to listen on")
	issuer := f.String("issuer", "https://shop.example.com", "issuer of the tokens that are accepted")
	// Addresses without a scheme: inside the mesh the sidecars speak mutual TLS to each other.
	authAddress := f.String("auth", "auth:8080", "address of the auth service")
	catalogAddress := f.String("catalog", "catalog:8080", "address of the catalog service")
	if err := f.Parse(args); err != nil {
		return err
	}
	client := &http.Client{
		Timeout: askWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // neither service redirects
		},
	}
	tokens := &token.Verifier{KeysURL: "http://" + *authAddress + "/.well-known/jwks.json", Issuer: *issuer, Client: client, Now: time.Now}
	prices := payments.CatalogPrices{URL: "http://" + *catalogAddress, Client: client}
	return web.Serve(ctx, *listen, payments.New(tokens, prices, time.Now).Handler())
}
