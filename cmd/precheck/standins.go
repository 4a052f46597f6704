// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

// standIns are keys that stand for the identities of a policy. They exist for one call and are written nowhere.
type standIns struct {
	signers  map[string]attest.Signer // by the name of the identity
	verifier *attest.Verifier         // knows these keys alone
	ids      map[string]string
}

func newStandIns(p *gate.Policy) (*standIns, error) {
	s := &standIns{signers: map[string]attest.Signer{}, ids: map[string]string{}}
	var public []crypto.PublicKey
	for name, id := range p.Identities {
		if len(id.AnyOf) > 0 {
			continue
		}
		pub, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("making a key for the preview: %w", err)
		}
		signer, err := sigstore.NewSigner(private)
		if err != nil {
			return nil, fmt.Errorf("making a key for the preview: %w", err)
		}
		s.signers[name], s.ids[name] = signer, signer.Identity().Key
		public = append(public, pub)
	}
	auth, err := sigstore.NewAuthenticator(public)
	if err != nil {
		return nil, fmt.Errorf("making a verifier for the preview: %w", err)
	}
	s.verifier, err = attest.NewVerifier(auth)
	return s, err
}

// choose takes n identities of different people out of those named.
func (s *standIns) choose(p *gate.Policy, x *gate.Preview, names []string, n int) []attest.Signer {
	people := map[string]bool{}
	var out []attest.Signer
	for _, name := range p.Expand(names) {
		signer := s.signers[name]
		if signer == nil || len(out) == n {
			continue
		}
		if person := x.Person(signer.Identity()); !people[person] {
			people[person] = true
			out = append(out, signer)
		}
	}
	return out
}

// shelf is a store for one call.
type shelf map[attest.Digest][]attest.Stored

var _ attest.Store = shelf{}

// List gives what was put under a digest.
func (s shelf) List(ctx context.Context, subject attest.Digest) ([]attest.Stored, error) {
	return s[subject], ctx.Err()
}

// Put keeps evidence under every digest of every subject.
func (s shelf) Put(ctx context.Context, e attest.Evidence) error {
	entry := attest.Stored{Name: "preview/" + e.BundleID().Hex[:16], Bundle: e.Bundle(), Digest: e.BundleID()}
	for _, about := range e.Statement().Subject {
		for _, d := range about.Digest.Digests() {
			if !slices.ContainsFunc(s[d], func(x attest.Stored) bool { return x.Digest == entry.Digest }) {
				s[d] = append(s[d], entry)
			}
		}
	}
	return ctx.Err()
}
