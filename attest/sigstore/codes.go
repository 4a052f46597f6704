// SPDX-License-Identifier: Apache-2.0

package sigstore

// Codes of what is wrong with a certificate, a log entry or a time stamp. They are stable and appear in decisions.
const (
	CodeTrustRoot        = "TRUST_ROOT"
	CodeCertChain        = "CERT_CHAIN"
	CodeCertExpired      = "CERT_EXPIRED"
	CodeCertIdentity     = "CERT_IDENTITY"
	CodeIssuerMissing    = "ISSUER_MISSING"
	CodeSCTMissing       = "SCT_MISSING"
	CodeSCTInvalid       = "SCT_INVALID"
	CodeLogMissing       = "LOG_MISSING"
	CodeLogMismatch      = "LOG_MISMATCH"
	CodeLogInvalid       = "LOG_INVALID"
	CodeTimestampMissing = "TIMESTAMP_MISSING"
	CodeTimestampInvalid = "TIMESTAMP_INVALID"
	CodeSubjectMismatch  = "SUBJECT_MISMATCH"
	CodeIdentityMismatch = "IDENTITY_MISMATCH"
)

// CodeDoc says what a code means and what to do.
type CodeDoc struct{ Code, Meaning, Fix string }

// Codes documents the codes of this package.
func Codes() []CodeDoc {
	return []CodeDoc{
		{CodeTrustRoot, "A trusted root can't be used: it is malformed, or holds less than the policy's trust asks for.", "Take trusted_root.json from the Sigstore instance that signs, or lower what trust asks for."},
		{CodeCertChain, "No certificate authority of the trust root issued the certificate of a signature.", "Sign with the instance that the policy trusts, or add its authority to the trust root."},
		{CodeCertExpired, "A signature was made while its certificate, or the authority that issued it, was not valid.", "Run the stage again; certificates live for minutes, so nothing may sign with a stored one."},
		{CodeCertIdentity, "A certificate does not name its holder in the one way that Fulcio does.", "Sign with a certificate of Fulcio; find out who issued this one."},
		{CodeIssuerMissing, "A certificate does not say which OIDC issuer vouched for its holder.", "Sign with a certificate of Fulcio."},
		{CodeSCTMissing, "A certificate has no proof that it was put into a certificate transparency log.", "Let Fulcio log its certificates, or set sct: false in the policy's trust if it has no such log."},
		{CodeSCTInvalid, "No certificate transparency log of the trust root vouches for a certificate.", "Check that the trust root belongs to the instance that signed; else the certificate was issued in secret."},
		{CodeLogMissing, "A signature is in fewer transparency logs than the policy's trust asks for.", "Sign with the log switched on, or set log: none in the policy's trust and use time stamps."},
		{CodeLogMismatch, "A log entry is about another signature, key or artifact than the bundle that it lies in.", "Find out who put it there; run the stage again."},
		{CodeLogInvalid, "A log entry does not prove that the log holds it.", "Check that the trust root belongs to the log; else find out who changed the entry."},
		{CodeTimestampMissing, "Nobody vouches for the time of a signature, or too few do.", "Sign with a time stamp authority of the trust root."},
		{CodeTimestampInvalid, "A time stamp is not one that an authority of the trust root made over this signature.", "Check that the trust root belongs to the authority; else find out who changed the time stamp."},
		{CodeSubjectMismatch, "A bundle is about another artifact.", "Verify the file that was signed, with the bundle that was made for it."},
		{CodeIdentityMismatch, "A bundle was signed by another identity than the expected one.", "Check the identity and the issuer, letter by letter; 'sealock identity show' prints those of a bundle."},
	}
}
