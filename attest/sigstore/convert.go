// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"encoding/base64"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protodsse "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/sealock-dev/sealock/attest"
)

// bundleV03 is the media type of the bundles that are written.
const bundleV03 = "application/vnd.dev.sigstore.bundle.v0.3+json"

// Bundles verifies a bundle or a bare envelope and gives it in the form that is stored, which cosign 3 reads: Sigstore bundles v0.3 in canonical
// JSON, one for each trusted key and each certificate that signed. The payload and the signatures are the same bytes; of what else a tool put beside a
// signature in an envelope, its certificate and time stamps are taken along, and a hint names the key that verified. The same input gives the same
// bundles.
//
// A bundle of version 0.3 is given as it is, and so is an older one whose log entries 0.3 would not take.
func (a *Authenticator) Bundles(raw []byte) ([][]byte, error) {
	if !isEnvelope(raw) {
		b, err := parse(raw)
		if err != nil {
			return nil, err
		}
		if _, err := a.bundle(b); err != nil {
			return nil, err
		}
		return upgrade(raw, b)
	}
	e, err := parseEnvelope(raw)
	if err != nil {
		return nil, err
	}
	found := a.signers(e, len(e.Signatures))
	holders, err := a.holders(e, len(e.Signatures))
	if err != nil && len(found) == 0 {
		return nil, err
	}
	out := make([][]byte, 0, len(found)+len(holders))
	for _, h := range holders {
		b, err := EncodeBundle(h.bundle.whole)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	for _, s := range found {
		b, err := EncodeBundle(&protobundle.Bundle{
			MediaType: bundleV03,
			VerificationMaterial: &protobundle.VerificationMaterial{Content: &protobundle.VerificationMaterial_PublicKey{
				PublicKey: &protocommon.PublicKeyIdentifier{Hint: s.key.hint}}},
			Content: &protobundle.Bundle_DsseEnvelope{DsseEnvelope: &protodsse.Envelope{PayloadType: e.PayloadType, Payload: e.payload,
				Signatures: []*protodsse.Signature{{Sig: s.sig, Keyid: e.Signatures[s.at].KeyID}}}},
		})
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// upgrade gives an older bundle the media type of 0.3, where that makes a sound one.
func upgrade(raw []byte, old *parsed) ([][]byte, error) {
	if version, err := old.Version(); err == nil && version == "v0.3" {
		return [][]byte{raw}, nil
	}
	b, ok := proto.Clone(old.whole).(*protobundle.Bundle)
	if !ok {
		return [][]byte{raw}, nil
	}
	b.MediaType = bundleV03
	if chain := b.GetVerificationMaterial().GetX509CertificateChain().GetCertificates(); len(chain) > 0 { // what is above the first was never looked at
		b.VerificationMaterial.Content = &protobundle.VerificationMaterial_Certificate{Certificate: chain[0]}
	}
	if _, err := newParsed(b); err != nil { // its log entries have a promise and no proof of inclusion
		return [][]byte{raw}, nil //nolint:nilerr // kept as it is
	}
	out, err := EncodeBundle(b)
	return [][]byte{out}, err
}

// EncodeBundle writes a bundle in canonical form (RFC 8785).
func EncodeBundle(b *protobundle.Bundle) ([]byte, error) {
	raw, err := protojson.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encoding bundle: %w", err)
	}
	v := jsontext.Value(raw)
	if err := v.Canonicalize(); err != nil {
		return nil, fmt.Errorf("encoding bundle: %w", err)
	}
	return v, nil
}

// Envelope takes the bare DSSE envelope out of a bundle, for tools that read nothing else (slsa-verifier, *.intoto.jsonl). It verifies nothing. An
// envelope is given as it is, on one line.
func Envelope(raw []byte) ([]byte, error) {
	if isEnvelope(raw) {
		if _, err := parseEnvelope(raw); err != nil {
			return nil, err
		}
		line := jsontext.Value(append([]byte(nil), raw...))
		if err := line.Compact(); err != nil {
			return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "not a DSSE envelope", Cause: err}
		}
		return line, nil
	}
	b, err := parse(raw)
	if err != nil {
		return nil, err
	}
	env := b.GetDsseEnvelope()
	if env == nil {
		return nil, reject(attest.CodePayloadType, "bundle holds a bare signature, expected a DSSE envelope with a statement")
	}
	type signature struct {
		KeyID string `json:"keyid"`
		Sig   []byte `json:"sig"`
	}
	out := struct {
		PayloadType string      `json:"payloadType"`
		Payload     string      `json:"payload"`
		Signatures  []signature `json:"signatures"`
	}{env.GetPayloadType(), base64.StdEncoding.EncodeToString(env.GetPayload()), []signature{}}
	for _, s := range env.GetSignatures() {
		out.Signatures = append(out.Signatures, signature{s.GetKeyid(), s.GetSig()})
	}
	return attest.EncodeJSON(out)
}
