// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protodsse "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/sealock-dev/sealock/attest"
)

// KeySigner signs statements with a key. It implements attest.Signer.
type KeySigner struct {
	signingKey
	key signature.Signer
}

// NewSigner makes a signer of a private key, as ParsePrivateKey gives it.
func NewSigner(key crypto.Signer) (*KeySigner, error) {
	if key == nil {
		return nil, errors.New("signer needs a key")
	}
	pub, err := newSigningKey(key.Public())
	if err != nil {
		return nil, err
	}
	by, err := signature.LoadDefaultSignerVerifier(key)
	if err != nil {
		return nil, fmt.Errorf("loading signing key: %w", err)
	}
	return &KeySigner{pub, by}, nil
}

// Sign wraps the statement's bytes in a DSSE envelope with one signature and a Sigstore bundle v0.3. The JSON is in
// canonical form (RFC 8785), so an Ed25519 key gives the same bundle for the same statement.
func (s *KeySigner) Sign(_ context.Context, statement []byte) ([]byte, error) {
	return s.sign(statement, s.SignBlob)
}

// signingKey is the public half of a key that signs.
type signingKey struct {
	pub  crypto.PublicKey
	id   string
	hint string // cosign's: base64 of the sha256 of the key's DER
}

// newSigningKey names a public key that may sign.
func newSigningKey(pub crypto.PublicKey) (signingKey, error) {
	switch pub.(type) {
	case *ecdsa.PublicKey, ed25519.PublicKey:
	default:
		return signingKey{}, reject(attest.CodeKeyPolicy, "signing with a key of type %T is not supported: use ECDSA P-256 or Ed25519", pub)
	}
	if err := checkKey(pub); err != nil {
		return signingKey{}, err
	}
	id, err := KeyID(pub)
	if err != nil {
		return signingKey{}, err
	}
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return signingKey{}, fmt.Errorf("encoding public key: %w", err)
	}
	return signingKey{pub, id, hint(der)}, nil
}

// Identity is the key that signs.
func (k signingKey) Identity() attest.Identity { return attest.Identity{Key: k.id} }

// PublicKey is what its signatures verify with.
func (k signingKey) PublicKey() crypto.PublicKey { return k.pub }

// sign makes a bundle of a statement with a signature on its pre-authentication encoding.
func (k signingKey) sign(statement []byte, sign func([]byte) ([]byte, error)) ([]byte, error) {
	if _, err := attest.DecodeStatement(statement); err != nil {
		return nil, fmt.Errorf("refusing to sign: %w", err)
	}
	sig, err := sign(dsse.PAE(attest.PayloadInToto, statement))
	if err != nil {
		return nil, err
	}
	b := Enveloped(statement, sig)
	b.VerificationMaterial = &protobundle.VerificationMaterial{Content: &protobundle.VerificationMaterial_PublicKey{PublicKey: &protocommon.PublicKeyIdentifier{Hint: k.hint}}}
	return EncodeBundle(b)
}

// Enveloped is a bundle with a statement in a DSSE envelope, and nothing yet to verify its signature with.
func Enveloped(statement, sig []byte) *protobundle.Bundle {
	return &protobundle.Bundle{MediaType: bundleV03, Content: &protobundle.Bundle_DsseEnvelope{
		DsseEnvelope: &protodsse.Envelope{Payload: statement, PayloadType: attest.PayloadInToto, Signatures: []*protodsse.Signature{{Sig: sig}}}}}
}

// Signed is a bundle with a signature on bytes as they are, by their sha256, and nothing yet to verify it with.
func Signed(data, sig []byte) *protobundle.Bundle {
	sum := sha256.Sum256(data)
	return &protobundle.Bundle{MediaType: bundleV03, Content: &protobundle.Bundle_MessageSignature{
		MessageSignature: &protocommon.MessageSignature{MessageDigest: &protocommon.HashOutput{Algorithm: protocommon.HashAlgorithm_SHA2_256, Digest: sum[:]}, Signature: sig}}}
}

func hint(der []byte) string {
	sum := sha256.Sum256(der)
	return base64.StdEncoding.EncodeToString(sum[:])
}
