// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// authorityVersions are those of Fulcio's API, as signing configurations count them: 1 is what lies at /api/v2.
var authorityVersions = []uint32{1}

// signature signs bytes with ECDSA and SHA-256.
func signature(key *ecdsa.PrivateKey, data []byte) ([]byte, error) {
	sum := sha256.Sum256(data)
	return ecdsa.SignASN1(rand.Reader, key, sum[:])
}

// certify gets a certificate for a key from Fulcio. That whom the token names has the key is shown by a signature of it on the name.
func (s *Signer) certify(ctx context.Context, key *ecdsa.PrivateKey, token, name string) (*x509.Certificate, error) {
	pub, err := sigstore.MarshalPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	type publicKey struct {
		Algorithm string `json:"algorithm"`
		Content   string `json:"content"` // PEM
	}
	var req struct {
		Key struct {
			Public publicKey `json:"publicKey"`
			Proof  []byte    `json:"proofOfPossession"`
		} `json:"publicKeyRequest"`
	}
	req.Key.Public = publicKey{"ECDSA", string(pub)}
	if req.Key.Proof, err = signature(key, []byte(name)); err != nil {
		return nil, err
	}
	body, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	header := jsonHeader()
	header.Set("Authorization", "Bearer "+token)
	at := strings.TrimSuffix(s.opt.Services.CA.URL, "/") + "/api/v2/signingCert"
	a, err := s.caller(authority).ask(ctx, http.MethodPost, at, header, body,
		"it may not know the issuer of the token, or want another audience: check that the signing configuration and the token belong to the same Sigstore instance", token)
	if err != nil {
		return nil, err
	}
	cert, err := certificate(a.body)
	if err == nil && !key.PublicKey.Equal(cert.PublicKey) {
		err = errors.New("it gave a certificate for another key")
	}
	if err != nil {
		return nil, fmt.Errorf("the %s %s: %s", authority, redacted(s.opt.Services.CA.URL), quote(err.Error(), token))
	}
	return cert, nil
}

// certificate is the first of the chain in Fulcio's answer.
func certificate(answer []byte) (*x509.Certificate, error) {
	type chain struct {
		Chain struct {
			Certificates []string `json:"certificates"`
		} `json:"chain"`
	}
	var got struct {
		Embedded chain `json:"signedCertificateEmbeddedSct"`
		Detached chain `json:"signedCertificateDetachedSct"`
	}
	if err := attest.DecodeJSON(answer, &got); err != nil {
		return nil, fmt.Errorf("reading its answer: %w", err)
	}
	all := slices.Concat(got.Embedded.Chain.Certificates, got.Detached.Chain.Certificates)
	if len(all) == 0 {
		return nil, errors.New("its answer has no certificate")
	}
	block, _ := pem.Decode([]byte(all[0]))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("its answer has something else in place of a certificate in PEM form")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading its certificate: %w", err)
	}
	return cert, nil
}
