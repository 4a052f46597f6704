// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore/kms"
)

// remoteSigner is a key in a key management service, which is asked when it is first needed.
type remoteSigner struct {
	*keyring
	ref  string
	mu   sync.Mutex
	open kms.Signer
}

// remote is the signer of a key in a key management service. It is made once a command.
func (k *keyring) remote(ref string) (attest.Signer, error) {
	if k.offline {
		return nil, usagef("--key %s needs the network, and --offline forbids it", ref)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if s, ok := k.signers[ref]; ok {
		return s, nil
	}
	if k.signers == nil {
		k.signers = map[string]attest.Signer{}
	}
	s := &remoteSigner{keyring: k, ref: ref}
	k.signers[ref] = s
	return s, nil
}

// key asks the service for the public half, once.
func (s *remoteSigner) key(ctx context.Context) (kms.Signer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open != nil {
		return s.open, nil
	}
	transport := &http.Transport{Proxy: s.proxy(), ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext}
	open, err := kms.Open(ctx, s.ref, kms.Options{Getenv: s.getenv, HTTP: transport, Now: s.now, Environ: s.withSecrets()})
	if err == nil {
		s.open = open
	}
	return open, err
}

// withSecrets is the environment of programs that sign for this one: plugins, and kubectl.
func (h *host) withSecrets() []string {
	out := append([]string(nil), h.environ...)
	for name, value := range h.secrets {
		out = append(out, name+"="+value)
	}
	return out
}

// Identity is the key that signs, once the service was asked; nobody before.
func (s *remoteSigner) Identity() attest.Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		return attest.Identity{}
	}
	return s.open.Identity()
}

// Identify asks the service who signs.
func (s *remoteSigner) Identify(ctx context.Context) (attest.Identity, error) {
	key, err := s.key(ctx)
	if err != nil {
		return attest.Identity{}, err
	}
	return key.Identity(), nil
}

// Unlock makes sure that the key is there.
func (s *remoteSigner) Unlock(ctx context.Context) error {
	_, err := s.key(ctx)
	return err
}

func (s *remoteSigner) Sign(ctx context.Context, statement []byte) ([]byte, error) {
	key, err := s.key(ctx)
	if err != nil {
		return nil, err
	}
	return key.Sign(ctx, statement)
}

// SignBlob signs bytes as they are.
func (s *remoteSigner) SignBlob(blob []byte) ([]byte, error) {
	ctx := context.Background() // bounded by the budget of the service
	key, err := s.key(ctx)
	if err != nil {
		return nil, err
	}
	return key.SignBlob(ctx, blob)
}

// PublicKey is what its signatures verify with, once the service was asked; nil before.
func (s *remoteSigner) PublicKey() crypto.PublicKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		return nil
	}
	return s.open.PublicKey()
}
