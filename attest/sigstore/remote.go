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
	"io"

	"github.com/sigstore/sigstore/pkg/signature"

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
	key  RemoteKey
	hash crypto.Hash
	pair keypair
	id   string
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
	pair, id, err := newKeypair(pub)
	if err != nil {
		return nil, err
	}
	s := &RemoteSigner{key: key, hash: crypto.SHA256, id: id, pair: pair}
	if pub.Curve == elliptic.P384() {
		s.hash = crypto.SHA384
	}
	return s, nil
}

// Identity is the key that signs.
func (s *RemoteSigner) Identity() attest.Identity { return attest.Identity{Key: s.id} }

// PublicKey is what its signatures verify with.
func (s *RemoteSigner) PublicKey() crypto.PublicKey { return s.pair.pub }

// Sign makes a bundle as KeySigner does.
func (s *RemoteSigner) Sign(ctx context.Context, statement []byte) ([]byte, error) {
	pair := s.pair
	pair.sv = remote{ctx, s}
	return (&KeySigner{pair: pair, keyID: s.id}).Sign(ctx, statement)
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
	if pub, ok := s.pair.pub.(*ecdsa.PublicKey); !ok || !ecdsa.VerifyASN1(pub, digest, sig) {
		return nil, errors.New("signing: the signature that was given does not verify with the key that was given")
	}
	return sig, nil
}

// remote is the key in the shape that keypair takes, for one call.
type remote struct {
	ctx context.Context //nolint:containedctx // it lives as long as one signature
	*RemoteSigner
}

func (r remote) SignMessage(message io.Reader, _ ...signature.SignOption) ([]byte, error) {
	data, err := io.ReadAll(message)
	if err != nil {
		return nil, err
	}
	return r.SignBlob(r.ctx, data)
}

func (r remote) PublicKey(...signature.PublicKeyOption) (crypto.PublicKey, error) {
	return r.pair.pub, nil
}

func (r remote) VerifySignature(sig, message io.Reader, opts ...signature.VerifyOption) error {
	v, err := signature.LoadDefaultVerifier(r.pair.pub)
	if err != nil {
		return err
	}
	return v.VerifySignature(sig, message, opts...)
}
