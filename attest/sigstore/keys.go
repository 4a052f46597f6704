// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/encrypted"

	"github.com/sealock-dev/sealock/attest"
)

// PEM block types. The first is what cosign writes today, the second what it wrote before version 1.14.
const (
	pemPrivate    = "ENCRYPTED SIGSTORE PRIVATE KEY"
	pemPrivateOld = "ENCRYPTED COSIGN PRIVATE KEY"
	pemPublic     = "PUBLIC KEY"
)

// Algorithm is the kind of a new key.
type Algorithm string

// The kinds of key that Generate makes.
const (
	ECDSAP256 Algorithm = "ecdsa-p256"
	Ed25519   Algorithm = "ed25519"
)

// ErrPassword says that a key file could not be decrypted with the password given.
var ErrPassword = errors.New("wrong password for this key (set COSIGN_PASSWORD)")

// KeyPair is a pair of PEM files: the private key encrypted as cosign does it (scrypt and NaCl secretbox), the public key in PKIX form.
type KeyPair struct {
	Private []byte
	Public  []byte
}

// Generate makes a key pair. An empty password is allowed, as in cosign; the file is then only as secret as its permissions.
func Generate(alg Algorithm, password []byte) (KeyPair, error) {
	var key crypto.Signer
	var err error
	switch alg {
	case ECDSAP256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case Ed25519:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		return KeyPair{}, fmt.Errorf("key algorithm %q: expected %s or %s", alg, ECDSAP256, Ed25519)
	}
	if err != nil {
		return KeyPair{}, fmt.Errorf("generating key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return KeyPair{}, fmt.Errorf("encoding private key: %w", err)
	}
	strength := encrypted.Standard // what cosign writes
	if len(password) == 0 {
		strength = encrypted.Legacy // which cosign reads as well: half the time and memory for each signature, where there is nothing to guess
	}
	sealed, err := encrypted.EncryptWithCustomKDFParameters(der, password, strength)
	if err != nil {
		return KeyPair{}, fmt.Errorf("encrypting private key: %w", err)
	}
	pub, err := MarshalPublicKey(key.Public())
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{pem.EncodeToMemory(&pem.Block{Type: pemPrivate, Bytes: sealed}), pub}, nil
}

// MarshalPublicKey writes a public key as PEM.
func MarshalPublicKey(pub crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("encoding public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPublic, Bytes: der}), nil
}

// ParsePrivateKey decrypts a private key file. It costs 0.1 to 0.3 CPU-seconds (scrypt): do it once a process.
func ParsePrivateKey(file, password []byte) (crypto.Signer, error) {
	block, err := onePEM(file)
	if err != nil {
		return nil, err
	}
	if block.Type != pemPrivate && block.Type != pemPrivateOld {
		return nil, fmt.Errorf("PEM block is %q, expected %q: make a key with 'sealock keys generate'", block.Type, pemPrivate)
	}
	der, err := encrypted.Decrypt(block.Bytes, password)
	if err != nil {
		return nil, ErrPassword
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("parsing decrypted private key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("private key of type %T can't sign", key)
	}
	return signer, checkKey(signer.Public())
}

// ParsePublicKey reads a PEM file with exactly one public key of an accepted kind.
func ParsePublicKey(file []byte) (crypto.PublicKey, error) {
	block, err := onePEM(file)
	if err != nil {
		return nil, err
	}
	if block.Type != pemPublic {
		return nil, reject(attest.CodeKeyPolicy, "PEM block is %q, expected %q", block.Type, pemPublic)
	}
	pub, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, &attest.Reject{Code: attest.CodeKeyPolicy, Detail: "parsing public key", Cause: err}
	}
	return pub, checkKey(pub)
}

// KeyID is how a key is named everywhere: sha256:… of its PKIX DER.
func KeyID(pub crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", fmt.Errorf("encoding public key: %w", err)
	}
	return attest.SHA256(der).String(), nil
}

// checkKey refuses kinds of key that are weak or that signers and verifiers read differently.
func checkKey(pub crypto.PublicKey) error {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() && k.Curve != elliptic.P384() {
			return reject(attest.CodeKeyPolicy, "ECDSA key on %s, expected P-256 or P-384", k.Curve.Params().Name)
		}
	case ed25519.PublicKey:
		if len(k) != ed25519.PublicKeySize {
			return reject(attest.CodeKeyPolicy, "Ed25519 key of %d bytes", len(k))
		}
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 || k.N.BitLen() > 8192 || k.E < 65537 {
			return reject(attest.CodeKeyPolicy, "RSA key of %d bits and exponent %d, expected 2048 to 8192 bits and 65537", k.N.BitLen(), k.E)
		}
	default:
		return reject(attest.CodeKeyPolicy, "key of type %T, expected ECDSA, Ed25519 or RSA", pub)
	}
	return nil
}

func onePEM(file []byte) (*pem.Block, error) {
	block, rest := pem.Decode(file)
	if block == nil {
		return nil, reject(attest.CodeKeyPolicy, "no PEM block found")
	}
	if len(bytes.TrimSpace(rest)) != 0 {
		return nil, reject(attest.CodeKeyPolicy, "more than one PEM block or trailing data, expected exactly one key")
	}
	return block, nil
}

func reject(code, format string, args ...any) *attest.Reject {
	return &attest.Reject{Code: code, Detail: fmt.Sprintf(format, args...)}
}
