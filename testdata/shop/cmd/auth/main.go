// SPDX-License-Identifier: Apache-2.0

// Command auth is the shop's sign-in service.
package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"example.com/shop/internal/auth"
	"example.com/shop/internal/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "auth:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("auth", flag.ContinueOnError)
	listen := f.String("listen", ":8080", "address to listen on")
	issuer := f.String("issuer", "https://shop.example.com", "issuer of the tokens")
	users := f.String("users", "/var/run/shop/users.json", "file of users and stored passwords")
	key := f.String("key", "/var/run/shop/signing.pem", "file of the signing key: Ed25519, PKCS #8, PEM")
	if err := f.Parse(args); err != nil {
		return err
	}
	c := auth.Config{Issuer: *issuer, Now: time.Now}
	var err error
	if c.Users, err = readUsers(*users); err != nil {
		return err
	}
	if c.Key, err = readKey(*key); err != nil {
		return err
	}
	s, err := auth.New(c)
	if err != nil {
		return err
	}
	return web.Serve(ctx, *listen, s.Handler())
}

func readUsers(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the users: %w", err)
	}
	defer file.Close()
	var users map[string]string
	if err := web.Read(file, &users); err != nil {
		return nil, fmt.Errorf("reading the users of %s: %w", path, err)
	}
	return users, nil
}

func readKey(path string) (ed25519.PrivateKey, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the signing key: %w", err)
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("reading the signing key %s: it is not PEM", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		// The cause could quote the key's bytes.
		return nil, fmt.Errorf("reading the signing key %s: it is not PKCS #8", path)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("the signing key is not an Ed25519 key")
	}
	return key, nil
}
