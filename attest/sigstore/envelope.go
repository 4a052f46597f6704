// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/sealock-dev/sealock/attest"
)

// MaxSignatures bounds the signatures of one bare envelope: each may cost as many verifications as there are keys.
const MaxSignatures = 16

// envelope is a bare DSSE envelope (https://github.com/secure-systems-lab/dsse/blob/master/envelope.md). Unknown fields are ignored, as the
// specification has it; those in which tools put a certificate and time stamps are read where a trust root says what they are worth.
type envelope struct {
	PayloadType string               `json:"payloadType"`
	Payload     *string              `json:"payload"`
	Signatures  []*envelopeSignature `json:"signatures"`
}

type envelopeSignature struct {
	KeyID       string          `json:"keyid"`
	Sig         string          `json:"sig"`
	Certificate json.RawMessage `json:"certificate"` // witness: base64 of PEM
	Cert        json.RawMessage `json:"cert"`        // slsa-github-generator: PEM
	Timestamps  json.RawMessage `json:"timestamps"`  // witness: [{"type": "tsp", "data": base64}]
}

// isEnvelope tells a bare envelope from a bundle by the first name on the top level that only one of them has.
func isEnvelope(raw []byte) bool {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return false
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return false
		}
		switch name.String() {
		case "payloadType", "payload", "signatures":
			return true
		case "mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature":
			return false
		}
		if d.SkipValue() != nil {
			return false
		}
	}
	return false
}

// signedEnvelope is a bare envelope, decoded once.
type signedEnvelope struct {
	envelope
	payload []byte
	pae     []byte // what each of the signatures is over
}

func parseEnvelope(raw []byte) (*signedEnvelope, error) {
	var e signedEnvelope
	if err := attest.DecodeJSON(raw, &e.envelope); err != nil {
		if attest.RejectCode(err) != "" {
			return nil, err
		}
		return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "not a DSSE envelope", Cause: err}
	}
	if e.Payload == nil {
		return nil, reject(attest.CodeMalformedBundle, "envelope has no payload")
	}
	switch n := len(e.Signatures); {
	case n == 0:
		return nil, reject(attest.CodeSignatureCount, "envelope has no signature: nobody vouches for it")
	case n > MaxSignatures:
		return nil, reject(attest.CodeLimit, "envelope has %d signatures, limit %d", n, MaxSignatures)
	}
	for i, s := range e.Signatures {
		if s == nil {
			return nil, reject(attest.CodeMalformedBundle, "signature %d of the envelope is null", i)
		}
	}
	var err error
	if e.payload, err = decodeBase64(*e.Payload); err != nil {
		return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "payload of the envelope", Cause: err}
	}
	e.pae = dsse.PAE(e.PayloadType, e.payload)
	return &e, nil
}

// signer is a trusted key that verified one of the signatures.
type signer struct {
	key *trustedKey
	sig []byte
	at  int // index of the signature
}

// signers verifies the signatures in their order and gives the trusted keys that made them, each once, at most limit of them. A signature that
// can't be decoded is one that does not verify: what somebody appends takes nothing from those before it.
func (a *Authenticator) signers(e *signedEnvelope, limit int) []signer {
	var out []signer
	seen := map[string]bool{}
	for i, s := range e.Signatures {
		sig, err := decodeBase64(s.Sig)
		if err != nil || len(sig) == 0 {
			continue
		}
		for k := range a.keys {
			key := &a.keys[k]
			if seen[key.id] || !key.verifies(sig, e.pae) {
				continue
			}
			seen[key.id] = true
			if out = append(out, signer{key, sig, i}); len(out) == limit {
				return out
			}
			break
		}
	}
	return out
}

// decodeBase64 reads base64 with padding, in the standard or the URL-safe alphabet, never a mixture; both are what DSSE allows. Nothing else
// decodes to the same bytes: no line breaks, no spare bits.
func decodeBase64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("line break in base64")
	}
	if strings.ContainsAny(s, "-_") {
		return base64.URLEncoding.Strict().DecodeString(s)
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}
