// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sealock-dev/sealock/attest"
)

// maxClaim bounds one extension of a certificate. Fulcio's longest are URLs.
const maxClaim = 4096

// fulcioArc is the prefix of Fulcio's extensions (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md).
var fulcioArc = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1}

// claimNames are the names of Fulcio's extensions by their last number, as sigstore-go spells them in JSON. Those up to 6 are deprecated and hold
// bare text, the others a DER UTF8String. The issuer (1 and 8) and the other name (7) are no claims.
var claimNames = map[int]string{
	2: "githubWorkflowTrigger", 3: "githubWorkflowSHA", 4: "githubWorkflowName", 5: "githubWorkflowRepository", 6: "githubWorkflowRef",
	9: "buildSignerURI", 10: "buildSignerDigest", 11: "runnerEnvironment", 12: "sourceRepositoryURI", 13: "sourceRepositoryDigest",
	14: "sourceRepositoryRef", 15: "sourceRepositoryIdentifier", 16: "sourceRepositoryOwnerURI", 17: "sourceRepositoryOwnerIdentifier",
	18: "buildConfigURI", 19: "buildConfigDigest", 20: "buildTrigger", 21: "runInvocationURI", 22: "sourceRepositoryVisibilityAtSigning",
	23: "deploymentEnvironment", 24: "tokenSubject",
}

// ClaimNames lists the claims that a certificate can carry, sorted.
func ClaimNames() []string {
	out := make([]string, 0, len(claimNames))
	for _, name := range claimNames {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// identityOf reads who a certificate names. Nothing here says whether it is to be believed.
func identityOf(cert *x509.Certificate) (attest.Identity, error) {
	id := attest.Identity{Serial: serial(cert), Claims: map[string]string{}}
	var err error
	if id.Subject, err = subjectName(cert); err != nil {
		return attest.Identity{}, err
	}
	var oldIssuer string
	for _, e := range cert.Extensions {
		if len(e.Id) != len(fulcioArc)+1 || !e.Id[:len(fulcioArc)].Equal(fulcioArc) {
			continue
		}
		n := e.Id[len(fulcioArc)]
		name := claimNames[n]
		if name == "" && n != 1 && n != 8 {
			continue
		}
		value, err := claimValue(e.Value, n <= 6)
		if err != nil {
			return attest.Identity{}, reject(CodeCertIdentity, "extension 1.3.6.1.4.1.57264.1.%d of the certificate: %v", n, err)
		}
		switch { //nolint:staticcheck // the cases read better so
		case n == 1:
			oldIssuer = value
		case n == 8:
			id.Issuer = value
		default:
			id.Claims[name] = value
		}
	}
	switch {
	case id.Issuer == "":
		id.Issuer = oldIssuer
	case oldIssuer != "" && oldIssuer != id.Issuer: // the second form is authoritative; a certificate with both and different ones is none of Fulcio's
		return attest.Identity{}, reject(CodeCertIdentity, "the certificate names two issuers, %q and %q", id.Issuer, oldIssuer)
	}
	if id.Issuer == "" {
		return attest.Identity{}, reject(CodeIssuerMissing, "the certificate of %s names no OIDC issuer: expected the extension 1.3.6.1.4.1.57264.1.8 of Fulcio", id.Subject)
	}
	return id, nil
}

// claimValue reads the text of an extension.
func claimValue(der []byte, bare bool) (string, error) {
	value := der
	if !bare {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil || len(rest) != 0 || v.Class != asn1.ClassUniversal || v.Tag != asn1.TagUTF8String || v.IsCompound {
			return "", fmt.Errorf("expected one DER UTF8String")
		}
		value = v.Bytes
	}
	return text(value)
}

// text takes only what can be shown and compared.
func text(b []byte) (string, error) {
	s := string(b)
	if len(s) > maxClaim {
		return "", fmt.Errorf("has %d bytes, limit %d", len(s), maxClaim)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", fmt.Errorf("%q is no plain text", s)
	}
	return s, nil
}

// subjectName is the one subject alternative name of a certificate: a URI, an email address, or Fulcio's other name (user!domain). The forms can't
// be mistaken for each other: a URI has a scheme, an address has none and has an @, another name has an exclamation mark.
func subjectName(cert *x509.Certificate) (string, error) {
	names, err := generalNames(cert)
	if err != nil {
		return "", reject(CodeCertIdentity, "subject alternative name of the certificate: %v", err)
	}
	if len(names) != 1 {
		return "", reject(CodeCertIdentity, "the certificate has %d subject alternative names, expected exactly one", len(names))
	}
	n := names[0]
	kind, value := "", n.Bytes
	switch n.Tag {
	case 0:
		kind = "other name"
		value, err = otherName(n)
	case 1:
		kind = "email address"
	case 6:
		kind = "URI"
	default:
		return "", reject(CodeCertIdentity, "the subject alternative name of the certificate is of type %d, expected a URI, an email address or a name of Fulcio", n.Tag)
	}
	if err != nil {
		return "", reject(CodeCertIdentity, "%s of the certificate: %v", kind, err)
	}
	s, err := text(value)
	if err != nil {
		return "", reject(CodeCertIdentity, "%s of the certificate: %v", kind, err)
	}
	scheme, address, other := strings.Contains(s, "://"), strings.Contains(s, "@"), strings.Contains(s, "!")
	if s == "" || strings.ContainsFunc(s, unicode.IsSpace) || (n.Tag == 6) != scheme || (n.Tag == 1 && !address) || (n.Tag == 0 && !other) {
		return "", reject(CodeCertIdentity, "%s of the certificate is %q, which is not of that form", kind, s)
	}
	return s, nil
}

// generalNames splits the extension: crypto/x509 drops the forms that it does not know.
func generalNames(cert *x509.Certificate) ([]asn1.RawValue, error) {
	for _, e := range cert.Extensions {
		if !e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17}) {
			continue
		}
		var names []asn1.RawValue
		rest, err := asn1.Unmarshal(e.Value, &names)
		if err != nil {
			return nil, err
		}
		if len(rest) != 0 {
			return nil, fmt.Errorf("%d bytes too many", len(rest))
		}
		for _, n := range names {
			if n.Class != asn1.ClassContextSpecific {
				return nil, fmt.Errorf("class %d of a name is not known", n.Class)
			}
		}
		return names, nil
	}
	return nil, nil
}

// otherName reads SEQUENCE { 1.3.6.1.4.1.57264.1.7, [0] EXPLICIT UTF8String }.
func otherName(n asn1.RawValue) ([]byte, error) {
	var id asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(n.Bytes, &id)
	if err != nil {
		return nil, err
	}
	if len(id) != len(fulcioArc)+1 || !id[:len(fulcioArc)].Equal(fulcioArc) || id[len(fulcioArc)] != 7 {
		return nil, fmt.Errorf("type %s is not known", id)
	}
	var explicit, value asn1.RawValue
	if rest, err = asn1.Unmarshal(rest, &explicit); err != nil || len(rest) != 0 || explicit.Class != asn1.ClassContextSpecific || explicit.Tag != 0 {
		return nil, fmt.Errorf("expected one value")
	}
	if rest, err = asn1.Unmarshal(explicit.Bytes, &value); err != nil || len(rest) != 0 || value.Class != asn1.ClassUniversal || value.Tag != asn1.TagUTF8String {
		return nil, fmt.Errorf("expected a UTF8String")
	}
	return value.Bytes, nil
}

// serial is the serial number in lower-case hex, an even number of digits, as other tools print it byte by byte.
func serial(cert *x509.Certificate) string {
	s := fmt.Sprintf("%x", cert.SerialNumber)
	if len(s)%2 == 1 {
		s = "0" + s
	}
	return s
}
