// SPDX-License-Identifier: Apache-2.0

package attest

import "errors"

// Codes of what is wrong with one piece of evidence. They are stable and appear in decisions.
const (
	CodeLimit              = "LIMIT"
	CodeMalformedBundle    = "MALFORMED_BUNDLE"
	CodeMalformedStatement = "MALFORMED_STATEMENT"
	CodePayloadType        = "PAYLOAD_TYPE"
	CodeNoSubject          = "NO_SUBJECT"
	CodeSubjectNoDigest    = "SUBJECT_NO_DIGEST"
	CodeWeakDigest         = "WEAK_DIGEST"
	CodeSignatureInvalid   = "SIGNATURE_INVALID"
	CodeSignatureCount     = "DSSE_SIGNATURE_COUNT"
	CodeKeyPolicy          = "KEY_POLICY"
	CodeUnsupported        = "UNSUPPORTED"
	CodeIncomplete         = "STORE_INCOMPLETE"
)

// Reject says why one piece of evidence does not count. It is a verdict on the evidence, not a failure to look at it:
// an error that is not a Reject means that nothing is known.
type Reject struct {
	Code   string
	Detail string
	Cause  error
}

func (r *Reject) Error() string {
	if r.Cause != nil {
		return r.Detail + ": " + r.Cause.Error()
	}
	return r.Detail
}

// Unwrap gives the cause.
func (r *Reject) Unwrap() error { return r.Cause }

// RejectCode is the code of a Reject in err's chain, or "".
func RejectCode(err error) string {
	var r *Reject
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}
