// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"fmt"
)

// MaxImageSignature bounds the payload of a plain signature on an image, in bytes.
const MaxImageSignature = 64 << 10

// imageSignature is what the payload of a plain signature must call itself
// (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md).
const imageSignature = "cosign container image signature"

// SignatureAuthenticator proves who made a plain signature: over a payload, with what belongs to it in annotations, none of which is believed.
type SignatureAuthenticator interface {
	AuthenticateSignature(ctx context.Context, payload []byte, annotations map[string]string) (Authenticated, error)
}

// VerifyImageSignature checks a plain signature on an image, as it was written before there were bundles. The evidence states what the payload does, in the
// words of a statement of the given predicate type: that its signer knows the image with this digest. It has no bundle, so no store takes it.
func (v *Verifier) VerifyImageSignature(ctx context.Context, predicateType string, payload []byte, annotations map[string]string) (Evidence, error) {
	if err := ctx.Err(); err != nil {
		return Evidence{}, err
	}
	auth, ok := v.auth.(SignatureAuthenticator)
	if !ok {
		return Evidence{}, &Reject{Code: CodeUnsupported, Detail: "plain signatures are not verified here"}
	}
	if len(payload) > MaxImageSignature {
		return Evidence{}, &Reject{Code: CodeLimit, Detail: fmt.Sprintf("the signed payload has %d bytes, limit %d", len(payload), MaxImageSignature)}
	}
	a, err := auth.AuthenticateSignature(ctx, payload, annotations)
	if err != nil {
		return Evidence{}, err
	}
	if a.Signer.IsZero() {
		return Evidence{}, &Reject{Code: CodeSignatureInvalid, Detail: "no signer was proven"}
	}
	st, err := signedImage(predicateType, a.Payload)
	if err != nil {
		return Evidence{}, err
	}
	return Evidence{id: SHA256(a.Payload), payload: a.Payload, statement: st, signer: a.Signer, time: a.Time, source: a.TimeSource, logged: a.Logged}, nil
}

// signedImage reads which image a payload is about.
func signedImage(predicateType string, payload []byte) (Statement, error) {
	var p struct {
		Critical struct {
			Identity struct {
				Reference string `json:"docker-reference"`
			} `json:"identity"`
			Image struct {
				Digest string `json:"docker-manifest-digest"`
			} `json:"image"`
			Type string `json:"type"`
		} `json:"critical"`
	}
	if err := DecodeJSON(payload, &p); err != nil {
		return Statement{}, &Reject{Code: CodeMalformedStatement, Detail: "the signed payload", Cause: err}
	}
	d, err := ParseDigest(p.Critical.Image.Digest)
	if err != nil || p.Critical.Type != imageSignature {
		return Statement{}, &Reject{Code: CodeMalformedStatement, Detail: fmt.Sprintf("the signed payload is of type %.60q about %.100q, expected %q about an image's digest",
			p.Critical.Type, p.Critical.Image.Digest, imageSignature), Cause: err}
	}
	return Statement{Type: StatementV1, Subject: []Subject{{Name: p.Critical.Identity.Reference, Digest: DigestSet{d.Algorithm: d.Hex}}}, PredicateType: predicateType}, nil
}
