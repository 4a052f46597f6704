// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"encoding/json"
	"encoding/pem"
	"slices"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protodsse "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"

	"github.com/sealock-dev/sealock/attest"
)

// MaxTimestamps bounds the time stamps beside one signature of a bare envelope.
const MaxTimestamps = 32

// certificate is the first certificate beside a signature in the two spellings that tools use, and whether there is any.
func (s *envelopeSignature) certificate() ([]byte, bool) {
	for _, field := range []struct {
		raw    json.RawMessage
		base64 bool
	}{{s.Certificate, true}, {s.Cert, false}} {
		var text string
		if len(field.raw) == 0 || json.Unmarshal(field.raw, &text) != nil || text == "" {
			continue
		}
		file := []byte(text)
		if field.base64 {
			if decoded, err := decodeBase64(text); err == nil {
				file = decoded
			}
		}
		block, _ := pem.Decode(file)
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, true
		}
		return block.Bytes, true
	}
	return nil, false
}

// certified reports whether some signature comes with a certificate.
func (e *signedEnvelope) certified() bool {
	return slices.ContainsFunc(e.Signatures, func(s *envelopeSignature) bool { _, there := s.certificate(); return there })
}

// asBundle gives one certified signature of an envelope the form of a bundle.
func (e *signedEnvelope) asBundle(s *envelopeSignature) (*parsed, error) {
	der, _ := s.certificate()
	if der == nil {
		return nil, reject(attest.CodeMalformedBundle, "the certificate beside a signature is no PEM")
	}
	sig, err := decodeBase64(s.Sig)
	if err != nil || len(sig) == 0 {
		return nil, reject(attest.CodeSignatureInvalid, "the signature beside a certificate is no base64")
	}
	material := &protobundle.VerificationMaterial{Content: &protobundle.VerificationMaterial_Certificate{Certificate: &protocommon.X509Certificate{RawBytes: der}}}
	var stamps []struct {
		Type string `json:"type"`
		Data []byte `json:"data"`
	}
	if len(s.Timestamps) > 0 {
		if err := json.Unmarshal(s.Timestamps, &stamps); err != nil {
			return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "time stamps beside a signature", Cause: err}
		}
		if len(stamps) > MaxTimestamps {
			return nil, reject(attest.CodeLimit, "%d time stamps beside a signature, limit %d", len(stamps), MaxTimestamps)
		}
		material.TimestampVerificationData = &protobundle.TimestampVerificationData{}
	}
	for _, t := range stamps {
		if t.Type == "tsp" {
			material.TimestampVerificationData.Rfc3161Timestamps = append(material.TimestampVerificationData.Rfc3161Timestamps, &protocommon.RFC3161SignedTimestamp{SignedTimestamp: t.Data})
		}
	}
	b, err := newParsed(&protobundle.Bundle{MediaType: bundleV03, VerificationMaterial: material,
		Content: &protobundle.Bundle_DsseEnvelope{DsseEnvelope: &protodsse.Envelope{PayloadType: e.PayloadType, Payload: e.payload,
			Signatures: []*protodsse.Signature{{Sig: sig, Keyid: s.KeyID}}}}})
	if err != nil {
		return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "certificate beside a signature", Cause: err}
	}
	return b, nil
}

// holder is the holder of a certificate who made one of the signatures of an envelope.
type holder struct {
	bundle *parsed
	proven attest.Authenticated
}

// holders verifies the signatures with a certificate in their order, at most limit of them, each principal once. If none verifies, the error says why
// the first one does not.
func (a *Authenticator) holders(e *signedEnvelope, limit int) ([]holder, error) {
	var out []holder
	var first error
	seen := map[string]bool{}
	for _, s := range e.Signatures {
		if _, there := s.certificate(); !there || len(out) == limit {
			continue
		}
		b, err := e.asBundle(s)
		var proven attest.Authenticated
		if err == nil {
			proven, err = a.bundle(b)
		}
		switch {
		case err != nil:
			if first == nil {
				first = err
			}
		case !seen[proven.Signer.Principal()]:
			seen[proven.Signer.Principal()] = true
			out = append(out, holder{b, proven})
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case first != nil && a.trust.Root == nil:
		return nil, reject(attest.CodeUnsupported, "signed with a certificate, and there is no trust root to verify it with: only keys are trusted")
	case first != nil:
		return nil, first
	}
	return nil, reject(attest.CodeSignatureInvalid, "none of %d signatures verifies with one of the %d keys of the policy", len(e.Signatures), len(a.keys))
}
