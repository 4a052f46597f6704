// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/sealock-dev/sealock/attest"
)

// certified is a certificate that an authority of the trust root issued and that was valid when it signed.
type certified struct {
	identity attest.Identity
	observed *observed
	need     need
	logged   bool // in as many logs as are asked for
}

// time is the signing time and who vouches for it.
func (c *certified) time() (time.Time, attest.TimeSource) { return c.observed.time(c.need) }

// leafOf is the certificate in a bundle.
func leafOf(b *parsed) (*x509.Certificate, error) {
	content, err := b.VerificationContent()
	if err != nil {
		return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "certificate of the bundle", Cause: err}
	}
	leaf := content.Certificate()
	if leaf == nil {
		return nil, reject(attest.CodeMalformedBundle, "the bundle holds no certificate")
	}
	if err := checkLeafKey(leaf.PublicKey); err != nil {
		return nil, err
	}
	return leaf, nil
}

// certify verifies all about the certificate of a bundle but the signature that was made with it: log entries and time stamps first, since they say
// when it signed; then the chain at each of these times, the SCT, and whom it names.
func (t Trust) certify(b *parsed, leaf *x509.Certificate) (*certified, error) {
	material := t.Root.root
	n := need{logs: t.Logs, timestamps: t.Timestamps}
	// A time stamp that is there must be sound, as for every Sigstore client.
	if len(b.VerificationMaterial.GetTimestampVerificationData().GetRfc3161Timestamps()) > 0 && t.Root.Timestamps() > 0 {
		n.timestamps = max(n.timestamps, 1)
	}
	asked := n
	if t.Degraded {
		asked.logs = 0
	}
	o, err := observe(b, material, asked)
	if err != nil {
		return nil, err
	}
	logged := t.Logs > 0 && len(o.logs) >= t.Logs
	if t.Degraded && !logged && len(o.timestamps) == 0 {
		return nil, reject(CodeLogMissing, "the signature is in %d transparency logs of the trust root, expected %d, or a time stamp while a log is down: sign again", len(o.logs), t.Logs)
	}
	times := o.times()
	if len(times) == 0 {
		return nil, reject(CodeTimestampMissing, "nobody vouches for the time of the signature, so it can't be told whether the certificate was valid: expected a time stamp by an authority of the trust root, or a promise of its log with a time")
	}
	identity, err := identityOf(leaf)
	if err != nil {
		return nil, err
	}
	dropOtherName(leaf)
	var chains [][]*x509.Certificate
	for _, when := range times {
		c, err := chainAt(leaf, when, material)
		if err != nil {
			return nil, err
		}
		chains = append(chains, c...)
	}
	if t.SCT {
		if err := checkSCT(leaf, chains, material); err != nil {
			return nil, err
		}
	}
	return &certified{identity: identity, observed: o, need: n, logged: logged}, nil
}

// chainAt verifies the path from a certificate to an authority of the trust root, all of it valid at one time.
func chainAt(leaf *x509.Certificate, when time.Time, material root.TrustedMaterial) ([][]*x509.Certificate, error) {
	if when.Before(leaf.NotBefore) || when.After(leaf.NotAfter) { // its bounds belong to it
		return nil, reject(CodeCertExpired, "the certificate was not valid when it signed, %s: expected %s", stamp(when), window(leaf.NotBefore, leaf.NotAfter))
	}
	chains, err := verify.VerifyLeafCertificate(when, leaf, material)
	if err == nil {
		return chains, nil
	}
	var why error
	for _, ca := range material.FulcioCertificateAuthorities() {
		f, ok := ca.(*root.FulcioCertificateAuthority)
		if !ok {
			continue
		}
		always := *f
		always.ValidityPeriodStart, always.ValidityPeriodEnd = time.Time{}, time.Time{}
		_, err := always.Verify(leaf, when)
		if err == nil {
			return nil, reject(CodeCertExpired, "the authority %s that issued the certificate is not trusted when it signed, %s: expected %s", f.URI, stamp(when), window(f.ValidityPeriodStart, f.ValidityPeriodEnd))
		}
		why = err
	}
	if expired(leaf, when, material) {
		return nil, &attest.Reject{Code: CodeCertExpired, Detail: "a certificate of the authority was not valid at the time of the signature, " + stamp(when), Cause: why}
	}
	return nil, &attest.Reject{Code: CodeCertChain, Detail: "no certificate authority of the trust root issued the certificate (its issuer: " + leaf.Issuer.String() + ")", Cause: why}
}

// expired reports whether some authority did issue the certificate, and one of its own certificates was not valid at the time.
func expired(leaf *x509.Certificate, when time.Time, material root.TrustedMaterial) bool {
	for _, ca := range material.FulcioCertificateAuthorities() {
		f, ok := ca.(*root.FulcioCertificateAuthority)
		if !ok {
			continue
		}
		above := append(slices.Clone(f.Intermediates), f.Root)
		issued := slices.ContainsFunc(above, func(c *x509.Certificate) bool { return leaf.CheckSignatureFrom(c) == nil })
		if issued && slices.ContainsFunc(above, func(c *x509.Certificate) bool { return when.Before(c.NotBefore) || when.After(c.NotAfter) }) {
			return true
		}
	}
	return false
}

// sctList is the extension with signed certificate timestamps (RFC 6962, 3.3).
var sctList = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}

// checkSCT verifies that a certificate log of the trust root took the certificate in; the issuer is the one of the verified chain.
func checkSCT(leaf *x509.Certificate, chains [][]*x509.Certificate, material root.TrustedMaterial) error {
	there := slices.ContainsFunc(leaf.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(sctList) })
	if !there {
		return reject(CodeSCTMissing, "the certificate has no signed certificate timestamp: expected one of a certificate log of the trust root")
	}
	if err := verify.VerifySignedCertificateTimestamp(chains, 1, material); err != nil {
		return &attest.Reject{Code: CodeSCTInvalid, Detail: "no certificate log of the trust root vouches for the certificate", Cause: err}
	}
	return nil
}

// dropOtherName marks a subject name of Fulcio's own form as handled, which crypto/x509 does not know and identityOf has read.
func dropOtherName(leaf *x509.Certificate) {
	leaf.UnhandledCriticalExtensions = slices.DeleteFunc(leaf.UnhandledCriticalExtensions, func(id asn1.ObjectIdentifier) bool {
		return id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17})
	})
}

// checkLeafKey takes the keys of checkKey and P-521, which Fulcio certifies too.
func checkLeafKey(pub crypto.PublicKey) error {
	if k, ok := pub.(*ecdsa.PublicKey); ok && k.Curve == elliptic.P521() {
		return nil
	}
	return checkKey(pub)
}

// leafVerifiers are the ways in which a key may sign: the default of its kind, and for the larger curves also with SHA-256, as older clients did.
// Over bytes without an envelope, Ed25519 is Ed25519ph, which alone can be logged.
func leafVerifiers(pub crypto.PublicKey, opts ...signature.LoadOption) ([]signature.Verifier, error) {
	v, err := signature.LoadDefaultVerifier(pub, opts...)
	if err != nil {
		return nil, &attest.Reject{Code: attest.CodeKeyPolicy, Detail: "key of the certificate", Cause: err}
	}
	out := []signature.Verifier{v}
	if k, ok := pub.(*ecdsa.PublicKey); ok && k.Curve != elliptic.P256() {
		v, err := signature.LoadVerifier(pub, crypto.SHA256)
		if err != nil {
			return nil, &attest.Reject{Code: attest.CodeKeyPolicy, Detail: "key of the certificate", Cause: err}
		}
		out = append(out, v)
	}
	return out, nil
}

// madeBy checks that the certificate's key made a signature over a message.
func madeBy(leaf *x509.Certificate, sig, message []byte) error {
	verifiers, err := leafVerifiers(leaf.PublicKey)
	if err != nil {
		return err
	}
	for _, v := range verifiers {
		if err = v.VerifySignature(bytes.NewReader(sig), bytes.NewReader(message)); err == nil {
			return nil
		}
	}
	return &attest.Reject{Code: attest.CodeSignatureInvalid, Detail: "the signature was not made with the key of the certificate in the bundle", Cause: err}
}
