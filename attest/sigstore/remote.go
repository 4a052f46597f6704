// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	_ "crypto/sha512" // of keys on P-384
	"errors"
	"fmt"

	"github.com/sealock-dev/sealock/attest"
)

// RemoteKey is an ECDSA key on P-256 or P-384 that never leaves where it is: a key management service, or hardware.
type RemoteKey interface {
	Public() crypto.PublicKey
	// SignDigest signs a digest (SHA-256 for P-256, SHA-384 for P-384) and gives an ASN.1 signature.
	SignDigest(ctx context.Context, digest []byte) ([]byte, error)
}

// RemoteSigner signs statements with a key that is somewhere else. It implements attest.Signer.
type RemoteSigner struct {
	signingKey
	key  RemoteKey
	hash crypto.Hash
}

// NewRemoteSigner makes a signer of a key that is somewhere else.
func NewRemoteSigner(key RemoteKey) (*RemoteSigner, error) {
	if key == nil {
		return nil, errors.New("signer needs a key")
	}
	pub, ok := key.Public().(*ecdsa.PublicKey)
	if !ok {
		return nil, reject(attest.CodeKeyPolicy, "key of type %T, expected ECDSA on P-256 or P-384", key.Public())
	}
	k, err := newSigningKey(pub)
	if err != nil {
		return nil, err
	}
	s := &RemoteSigner{k, key, crypto.SHA256}
	if pub.Curve == elliptic.P384() {
		s.hash = crypto.SHA384
	}
	return s, nil
}

// Sign makes a bundle as KeySigner does.
func (s *RemoteSigner) Sign(ctx context.Context, statement []byte) ([]byte, error) {
	return s.sign(statement, func(message []byte) ([]byte, error) { return s.SignBlob(ctx, message) })
}

// SignBlob signs bytes as they are.
func (s *RemoteSigner) SignBlob(ctx context.Context, blob []byte) ([]byte, error) {
	h := s.hash.New()
	h.Write(blob)
	digest := h.Sum(nil)
	sig, err := s.key.SignDigest(ctx, digest)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	if pub, ok := s.pub.(*ecdsa.PublicKey); !ok || !ecdsa.VerifyASN1(pub, digest, sig) {
		return nil, errors.New("signing: the signature that was given does not verify with the key that was given")
	}
	return sig, nil
}
