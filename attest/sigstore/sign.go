// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore-go/pkg/sign"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/sealock-dev/sealock/attest"
)

// KeySigner signs statements with a key. It implements attest.Signer.
type KeySigner struct {
	pair  keypair
	keyID string
}

// NewSigner makes a signer of a private key, as ParsePrivateKey gives it.
func NewSigner(key crypto.Signer) (*KeySigner, error) {
	if key == nil {
		return nil, errors.New("signer needs a key")
	}
	pair, id, err := newKeypair(key.Public())
	if err != nil {
		return nil, err
	}
	if pair.sv, err = signature.LoadDefaultSignerVerifier(key); err != nil {
		return nil, fmt.Errorf("loading signing key: %w", err)
	}
	return &KeySigner{pair: pair, keyID: id}, nil
}

// Identity is the key that signs.
func (s *KeySigner) Identity() attest.Identity { return attest.Identity{Key: s.keyID} }

// Sign wraps the statement's bytes in a DSSE envelope with one signature and a Sigstore bundle v0.3. The JSON is in
// canonical form (RFC 8785), so an Ed25519 key gives the same bundle for the same statement.
func (s *KeySigner) Sign(ctx context.Context, statement []byte) ([]byte, error) {
	if _, err := attest.DecodeStatement(statement); err != nil {
		return nil, fmt.Errorf("refusing to sign: %w", err)
	}
	content := &sign.DSSEData{Data: statement, PayloadType: attest.PayloadInToto}
	b, err := sign.Bundle(content, s.pair, sign.BundleOptions{Context: ctx})
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return EncodeBundle(b)
}

// keypair is a key in the shape that sigstore-go's signing wants.
type keypair struct {
	sv      signature.SignerVerifier
	pub     crypto.PublicKey
	der     []byte
	details protocommon.PublicKeyDetails
}

// newKeypair describes a public key that may sign, and names it. What signs is still to be filled in.
func newKeypair(pub crypto.PublicKey) (pair keypair, id string, err error) {
	if err := checkKey(pub); err != nil {
		return keypair{}, "", err
	}
	if id, err = KeyID(pub); err != nil {
		return keypair{}, "", err
	}
	details, err := keyDetails(pub)
	if err != nil {
		return keypair{}, "", err
	}
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return keypair{}, "", fmt.Errorf("encoding public key: %w", err)
	}
	return keypair{pub: pub, der: der, details: details}, id, nil
}

func (k keypair) GetHashAlgorithm() protocommon.HashAlgorithm {
	return protocommon.HashAlgorithm_SHA2_256
}
func (k keypair) GetSigningAlgorithm() protocommon.PublicKeyDetails { return k.details }
func (k keypair) GetKeyAlgorithm() string                           { return k.details.String() }
func (k keypair) GetPublicKey() crypto.PublicKey                    { return k.pub }

// GetHint is cosign's: base64 of the sha256 of the key's DER.
func (k keypair) GetHint() []byte { return []byte(hint(k.der)) }

func (k keypair) GetPublicKeyPem() (string, error) {
	p, err := MarshalPublicKey(k.pub)
	return string(p), err
}

func (k keypair) SignData(_ context.Context, data []byte) ([]byte, []byte, error) {
	sig, err := k.sv.SignMessage(bytes.NewReader(data))
	if err != nil {
		return nil, nil, fmt.Errorf("signing: %w", err)
	}
	sum := sha256.Sum256(data)
	return sig, sum[:], nil
}

func hint(der []byte) string {
	sum := sha256.Sum256(der)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func keyDetails(pub crypto.PublicKey) (protocommon.PublicKeyDetails, error) {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return protocommon.PublicKeyDetails_PKIX_ECDSA_P256_SHA_256, nil
		}
		return protocommon.PublicKeyDetails_PKIX_ECDSA_P384_SHA_384, nil
	case ed25519.PublicKey:
		return protocommon.PublicKeyDetails_PKIX_ED25519, nil
	}
	return 0, reject(attest.CodeKeyPolicy, "signing with a key of type %T is not supported: use ECDSA P-256 or Ed25519", pub)
}
