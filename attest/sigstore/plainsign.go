// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"context"

	"github.com/sealock-dev/sealock/attest"
)

// annSignature is the annotation with the signature over a layer of the tag .sig.
const annSignature = "dev.cosignproject.cosign/signature"

// AuthenticateSignature proves who made a plain signature of cosign 1 and 2: over the payload itself, with all else in the annotations of its layer. The
// same is asked of it as of a bundle: a key of the policy, or a certificate and the log entries and time stamps that the trust demands. It implements
// attest.SignatureAuthenticator.
func (a *Authenticator) AuthenticateSignature(_ context.Context, payload []byte, annotations map[string]string) (attest.Authenticated, error) {
	sig, err := decodeBase64(annotations[annSignature])
	if err != nil || len(sig) == 0 {
		return attest.Authenticated{}, reject(attest.CodeSignatureInvalid, "annotation %s holds no signature in base64", annSignature)
	}
	material, err := annotatedMaterial(annotations, sig)
	if err != nil {
		if annotations[annCertificate] != "" {
			return attest.Authenticated{}, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "annotations of the signature", Cause: err}
		}
		if material, err = annotatedMaterial(nil, sig); err != nil { // a key needs no log entry
			return attest.Authenticated{}, err
		}
	}
	whole := Signed(payload, sig)
	whole.MediaType, whole.VerificationMaterial = bundleV01, material
	b, err := newParsed(whole)
	if err != nil {
		return attest.Authenticated{}, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "annotations of the signature", Cause: err}
	}
	return a.signed(b, sig, payload, attest.Authenticated{Payload: payload})
}
