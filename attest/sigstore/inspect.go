// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"crypto/x509"
	"encoding/asn1"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// Unverified is what a bundle or envelope says of itself. Nothing of it was checked: it is for showing, never for deciding.
type Unverified struct {
	Format      string // for people: "bundle 0.3", "DSSE envelope"
	PayloadType string // empty for a bare signature
	Payload     []byte
	Signatures  int
	Signer      string // who is said to have signed, empty where nothing is said
}

// Inspect reads a bundle or a bare envelope without verifying it.
func Inspect(raw []byte) (Unverified, error) {
	if isEnvelope(raw) {
		e, err := parseEnvelope(raw)
		if err != nil {
			return Unverified{}, err
		}
		u := Unverified{Format: "DSSE envelope", PayloadType: e.PayloadType, Payload: e.payload, Signatures: len(e.Signatures)}
		if e.certified() {
			u.Signer = "a certificate"
		}
		return u, nil
	}
	b, err := parse(raw)
	if err != nil {
		return Unverified{}, err
	}
	version, err := b.Version()
	if err != nil {
		return Unverified{}, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "version of the bundle", Cause: err}
	}
	env := b.GetDsseEnvelope()
	u := Unverified{Format: "bundle " + strings.TrimPrefix(version, "v"), PayloadType: env.GetPayloadType(), Payload: env.GetPayload(), Signatures: len(env.GetSignatures())}
	if env == nil {
		u.Signatures = 1
	}
	u.Signer = claimedSigner(b)
	return u, nil
}

// claimedSigner is what a bundle's verification material names.
func claimedSigner(b *parsed) string {
	if key := b.VerificationMaterial.GetPublicKey(); key != nil {
		if key.GetHint() == "" {
			return "a key"
		}
		return "a key with the hint " + key.GetHint()
	}
	der := b.VerificationMaterial.GetCertificate().GetRawBytes()
	if chain := b.VerificationMaterial.GetX509CertificateChain().GetCertificates(); len(chain) > 0 {
		der = chain[0].GetRawBytes()
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return "a certificate"
	}
	names := append([]string(nil), cert.EmailAddresses...)
	for _, u := range cert.URIs {
		names = append(names, u.Redacted())
	}
	if len(names) == 0 {
		return "a certificate"
	}
	who := "a certificate of " + strings.Join(names, ", ")
	if issuer := fulcioIssuer(cert); issuer != "" {
		who += " (" + issuer + ")"
	}
	return who
}

// fulcioIssuer is Fulcio's extension with the OIDC issuer
// (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md, 1.3.6.1.4.1.57264.1.8).
func fulcioIssuer(cert *x509.Certificate) string {
	oid := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 8}
	for _, e := range cert.Extensions {
		var issuer string
		if !e.Id.Equal(oid) {
			continue
		}
		if rest, err := asn1.Unmarshal(e.Value, &issuer); err == nil && len(rest) == 0 {
			return issuer
		}
	}
	return ""
}
