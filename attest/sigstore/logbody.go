// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/root"

	"github.com/sealock-dev/sealock/attest"
)

// logBody is what a log entry says, in any of the forms that logs of both versions write about signatures:
// hashedrekord 0.0.1, dsse 0.0.1 and intoto 0.0.2 (https://github.com/sigstore/rekor/tree/main/pkg/types), and hashedrekord and dsse 0.0.2
// (https://github.com/sigstore/rekor-tiles/tree/main/api/proto/rekor/v2).
type logBody struct {
	v2         bool
	signatures []loggedSignature
	payload    bool // the digest is of the envelope's payload, else of what was signed
	algorithm  string
	digest     []byte
}

type loggedSignature struct {
	sig      []byte
	verifier []byte // DER of a certificate or a public key
}

// wireBody has the fields of all forms.
type wireBody struct {
	Kind    string `json:"kind"`
	Version string `json:"apiVersion"`
	Spec    struct {
		PayloadHash *wireHash `json:"payloadHash"` // dsse 0.0.1
		Signatures  []struct {
			Signature []byte `json:"signature"`
			Verifier  []byte `json:"verifier"` // PEM
		} `json:"signatures"`
		Data struct { // hashedrekord 0.0.1
			Hash *wireHash `json:"hash"`
		} `json:"data"`
		Signature struct {
			Content   []byte `json:"content"`
			PublicKey struct {
				Content []byte `json:"content"` // PEM
			} `json:"publicKey"`
		} `json:"signature"`
		Content struct { // intoto 0.0.2
			PayloadHash *wireHash `json:"payloadHash"`
			Envelope    struct {
				Signatures []struct {
					Sig       []byte `json:"sig"`       // base64 once more
					PublicKey []byte `json:"publicKey"` // PEM
				} `json:"signatures"`
			} `json:"envelope"`
		} `json:"content"`
		HashedRekordV002 *struct {
			Data      wireOutput      `json:"data"`
			Signature wireSignatureV2 `json:"signature"`
		} `json:"hashedRekordV002"`
		DsseV002 *struct {
			PayloadHash wireOutput        `json:"payloadHash"`
			Signatures  []wireSignatureV2 `json:"signatures"`
		} `json:"dsseV002"`
	} `json:"spec"`
}

type wireHash struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}

type wireOutput struct {
	Algorithm string `json:"algorithm"`
	Digest    []byte `json:"digest"`
}

type wireSignatureV2 struct {
	Content  []byte `json:"content"`
	Verifier struct {
		Certificate struct {
			RawBytes []byte `json:"rawBytes"`
		} `json:"x509Certificate"`
		PublicKey struct {
			RawBytes []byte `json:"rawBytes"`
		} `json:"publicKey"`
	} `json:"verifier"`
}

func (s wireSignatureV2) logged() loggedSignature {
	if c := s.Verifier.Certificate.RawBytes; len(c) > 0 {
		return loggedSignature{s.Content, c}
	}
	return loggedSignature{s.Content, s.Verifier.PublicKey.RawBytes}
}

// readBody reads the body of an entry, which must be of the kind that the entry says.
func readBody(e *protorekor.TransparencyLogEntry) (*logBody, error) {
	var w wireBody
	if err := attest.DecodeJSON(e.GetCanonicalizedBody(), &w); err != nil {
		return nil, fmt.Errorf("body of the entry: %w", err)
	}
	kind := w.Kind + " " + w.Version
	if claimed := e.GetKindVersion().GetKind() + " " + e.GetKindVersion().GetVersion(); claimed != kind {
		return nil, fmt.Errorf("the entry says it is of kind %q, its body says %q", claimed, kind)
	}
	b := &logBody{}
	var err error
	switch {
	case kind == "dsse 0.0.1":
		b.payload = true
		err = b.setHash(w.Spec.PayloadHash)
		for _, s := range w.Spec.Signatures {
			b.signatures = append(b.signatures, loggedSignature{s.Signature, fromPEM(s.Verifier)})
		}
	case kind == "hashedrekord 0.0.1":
		err = b.setHash(w.Spec.Data.Hash)
		b.signatures = []loggedSignature{{w.Spec.Signature.Content, fromPEM(w.Spec.Signature.PublicKey.Content)}}
	case kind == "intoto 0.0.2":
		b.payload = true
		err = b.setHash(w.Spec.Content.PayloadHash)
		for _, s := range w.Spec.Content.Envelope.Signatures {
			sig, err := base64.StdEncoding.DecodeString(string(s.Sig))
			if err != nil {
				return nil, fmt.Errorf("signature in the body of the entry: %w", err)
			}
			b.signatures = append(b.signatures, loggedSignature{sig, fromPEM(s.PublicKey)})
		}
	case kind == "hashedrekord 0.0.2" && w.Spec.HashedRekordV002 != nil:
		b.v2 = true
		b.algorithm, b.digest = w.Spec.HashedRekordV002.Data.Algorithm, w.Spec.HashedRekordV002.Data.Digest
		b.signatures = []loggedSignature{w.Spec.HashedRekordV002.Signature.logged()}
	case isDSSEv2(e) && w.Spec.DsseV002 != nil:
		b.v2, b.payload = true, true
		b.algorithm, b.digest = w.Spec.DsseV002.PayloadHash.Algorithm, w.Spec.DsseV002.PayloadHash.Digest
		for _, s := range w.Spec.DsseV002.Signatures {
			b.signatures = append(b.signatures, s.logged())
		}
	default:
		return nil, fmt.Errorf("an entry of kind %q is not about signatures as sealock knows them", kind)
	}
	return b, err
}

// isDSSEv2 tells the one kind of entry that sigstore-go does not read any more: logs of version 2 took it until late in 2025.
func isDSSEv2(e *protorekor.TransparencyLogEntry) bool {
	return e.GetKindVersion().GetKind() == "dsse" && e.GetKindVersion().GetVersion() == "0.0.2"
}

func (b *logBody) setHash(h *wireHash) error {
	if h == nil {
		return errors.New("the body of the entry names no digest")
	}
	var err error
	b.algorithm = h.Algorithm
	if b.digest, err = hex.DecodeString(h.Value); err != nil {
		return fmt.Errorf("digest in the body of the entry: %w", err)
	}
	return nil
}

// fromPEM gives what is in the first block, nil if there is none.
func fromPEM(file []byte) []byte {
	block, _ := pem.Decode(file)
	if block == nil {
		return nil
	}
	return block.Bytes
}

// about checks that the entry is about this signature, by this certificate or key, over this content (CVE-2022-36056).
func (b *logBody) about(p *parsed, index int64, material root.TrustedMaterial) error {
	content, err := p.SignatureContent()
	if err != nil {
		return err
	}
	by, err := verifierDER(p, material)
	if err != nil {
		return err
	}
	signed, same := false, false
	for _, s := range b.signatures {
		if len(s.sig) > 0 && bytes.Equal(s.sig, content.Signature()) {
			signed = true
			same = same || (len(by) > 0 && bytes.Equal(s.verifier, by))
		}
	}
	switch {
	case !signed:
		return reject(CodeLogMismatch, "log entry %d is about another signature", index)
	case !same:
		return reject(CodeLogMismatch, "log entry %d is about another certificate or key", index)
	}
	want, err := b.expected(p)
	if err != nil {
		return err
	}
	if len(want) == 0 || !bytes.Equal(want, b.digest) {
		return reject(CodeLogMismatch, "log entry %d is about other content: it has %s:%x, expected %x", index, b.algorithm, b.digest, want)
	}
	return nil
}

// expected is the digest that an entry about the content of the bundle has.
func (b *logBody) expected(p *parsed) ([]byte, error) {
	alg := map[string]string{"sha256": "SHA2_256", "sha384": "SHA2_384", "sha512": "SHA2_512"}[b.algorithm]
	if alg == "" {
		alg = b.algorithm
	}
	if m := p.GetMessageSignature(); m != nil {
		if b.payload || m.GetMessageDigest().GetAlgorithm().String() != alg {
			return nil, nil
		}
		return m.GetMessageDigest().GetDigest(), nil
	}
	content := p.GetDsseEnvelope().GetPayload()
	if !b.payload {
		content = dsse.PAE(p.GetDsseEnvelope().GetPayloadType(), content)
	}
	switch alg {
	case "SHA2_256":
		h := sha256.Sum256(content)
		return h[:], nil
	case "SHA2_384":
		h := sha512.Sum384(content)
		return h[:], nil
	case "SHA2_512":
		h := sha512.Sum512(content)
		return h[:], nil
	}
	return nil, fmt.Errorf("digest algorithm %.40q in the body of the entry is not known", b.algorithm)
}

// verifierDER is the certificate of the bundle, or the key that verified.
func verifierDER(p *parsed, material root.TrustedMaterial) ([]byte, error) {
	by, err := p.VerificationContent()
	if err != nil {
		return nil, err
	}
	if leaf := by.Certificate(); leaf != nil {
		return leaf.Raw, nil
	}
	v, err := material.PublicKeyVerifier("")
	if err != nil {
		return nil, err
	}
	pub, err := v.PublicKey()
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKIXPublicKey(pub)
}
