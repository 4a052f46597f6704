// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"context"
	"fmt"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
)

// Resolve parses a reference and resolves it.
func Resolve(ctx context.Context, ref string, opt subject.Options) (*subject.Resolved, error) {
	parsed, err := subject.Parse(ref)
	if err != nil {
		return nil, err
	}
	return subject.Resolve(ctx, parsed, opt)
}

// Request starts a question about a resolved subject.
func Request(res *subject.Resolved) gate.Request {
	req := gate.Request{Subject: res.Subject, Repository: res.Location}
	if len(res.Platforms) > 0 {
		req.Leaves = res.Leaves()
	}
	for _, s := range res.Skipped {
		req.Skipped = append(req.Skipped, gate.Skip{What: s.Digest.String(), Why: s.Why})
	}
	return req
}

// Sign makes evidence of a predicate and verifies it at once with the verifier of the policy.
func Sign(ctx context.Context, v *attest.Verifier, signer attest.Signer, predicateType string, pred any, subjects ...attest.Subject) (attest.Evidence, error) {
	payload, err := attest.EncodeStatement(predicateType, pred, subjects...)
	if err != nil {
		return attest.Evidence{}, err
	}
	return Seal(ctx, v, signer, payload)
}

// Seal signs the bytes of a statement and verifies them at once, as anybody else would: what could not be verified is never stored.
func Seal(ctx context.Context, v *attest.Verifier, signer attest.Signer, payload []byte) (attest.Evidence, error) {
	bundle, err := signer.Sign(ctx, payload)
	if err != nil {
		return attest.Evidence{}, err
	}
	e, err := v.Verify(ctx, bundle)
	if err != nil {
		return attest.Evidence{}, fmt.Errorf("what was signed does not verify: %w\nhint: signed by %s; see whether the policy names that identity, and trusts what vouches for it", err, signer.Identity())
	}
	return e, nil
}

// Unlock makes a signer ready that waits with it until it is needed: a key is decrypted, a certificate is asked for. Only then is it sure who signs.
func Unlock(ctx context.Context, s attest.Signer) error {
	switch locked := s.(type) {
	case interface{ Unlock() error }:
		return locked.Unlock()
	case interface{ Unlock(context.Context) error }:
		return locked.Unlock(ctx)
	}
	return nil
}
