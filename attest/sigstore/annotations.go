// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/digitorus/timestamp"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protodsse "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"

	"github.com/sealock-dev/sealock/attest"
)

// The annotations in which cosign 1 and 2 leave what belongs to an envelope beside it, in a layer of the tag .att
// (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md). The chain is not looked at: authorities come from the trust root.
const (
	annCertificate = "dev.sigstore.cosign/certificate"
	annLogEntry    = "dev.sigstore.cosign/bundle"
	annTimestamp   = "dev.sigstore.cosign/rfc3161timestamp"
)

// bundleV01 is the media type of the bundles that take a log entry with a promise and no proof.
const bundleV01 = "application/vnd.dev.sigstore.bundle+json;version=0.1"

// FromAnnotations makes a Sigstore bundle of an envelope and the annotations of its layer: of version 0.1, since cosign kept no inclusion proof. It
// verifies nothing. An envelope with neither certificate nor log entry, or with several signatures, is given as it is; so is that of a key whose log
// entry can't be read, since a key needs none.
//
// A time stamp is taken along if it is over the signature. Cosign's own are over the whole envelope, which no bundle can say.
func FromAnnotations(envelope []byte, annotations map[string]string) ([]byte, error) {
	if (annotations[annCertificate] == "" && annotations[annLogEntry] == "") || !isEnvelope(envelope) {
		return envelope, nil
	}
	e, err := parseEnvelope(envelope)
	if err != nil || len(e.Signatures) != 1 {
		return envelope, nil //nolint:nilerr // whoever verifies it says what is wrong
	}
	sig, err := decodeBase64(e.Signatures[0].Sig)
	if err != nil {
		return envelope, nil //nolint:nilerr // see above
	}
	material, err := annotatedMaterial(annotations, sig)
	if err == nil {
		b := &protobundle.Bundle{MediaType: bundleV01, VerificationMaterial: material, Content: &protobundle.Bundle_DsseEnvelope{DsseEnvelope: &protodsse.Envelope{
			PayloadType: e.PayloadType, Payload: e.payload, Signatures: []*protodsse.Signature{{Sig: sig, Keyid: e.Signatures[0].KeyID}}}}}
		if _, err = bundle.NewBundle(b); err == nil {
			return EncodeBundle(b)
		}
	}
	if annotations[annCertificate] == "" {
		return envelope, nil
	}
	return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "annotations of the envelope", Cause: err}
}

// annotatedMaterial is what annotations say of a signature.
func annotatedMaterial(annotations map[string]string, sig []byte) (*protobundle.VerificationMaterial, error) {
	m := &protobundle.VerificationMaterial{Content: &protobundle.VerificationMaterial_PublicKey{PublicKey: &protocommon.PublicKeyIdentifier{}}}
	if certificate := annotations[annCertificate]; certificate != "" {
		block, _ := pem.Decode([]byte(certificate))
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("%s holds no PEM certificate", annCertificate)
		}
		m.Content = &protobundle.VerificationMaterial_X509CertificateChain{X509CertificateChain: &protocommon.X509CertificateChain{
			Certificates: []*protocommon.X509Certificate{{RawBytes: block.Bytes}}}}
	}
	if entry := annotations[annLogEntry]; entry != "" {
		tle, err := annotatedEntry(entry)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", annLogEntry, err)
		}
		m.TlogEntries = []*protorekor.TransparencyLogEntry{tle}
	}
	if t := annotatedTimestamp(annotations[annTimestamp], sig); t != nil {
		m.TimestampVerificationData = &protobundle.TimestampVerificationData{Rfc3161Timestamps: []*protocommon.RFC3161SignedTimestamp{{SignedTimestamp: t}}}
	}
	return m, nil
}

// annotatedEntry reads a log entry as Rekor v1 answered it, with the log's promise.
func annotatedEntry(annotation string) (*protorekor.TransparencyLogEntry, error) {
	var entry struct {
		Promise []byte `json:"SignedEntryTimestamp"`
		Payload struct {
			Body       []byte `json:"body"`
			Integrated int64  `json:"integratedTime"`
			Index      int64  `json:"logIndex"`
			LogID      string `json:"logID"`
		} `json:"Payload"`
	}
	if err := attest.DecodeJSON([]byte(annotation), &entry); err != nil {
		return nil, err
	}
	id, err := hex.DecodeString(entry.Payload.LogID)
	if err != nil {
		return nil, fmt.Errorf("id of the log: %w", err)
	}
	var kind struct {
		Kind    string `json:"kind"`
		Version string `json:"apiVersion"`
	}
	if err := attest.DecodeJSON(entry.Payload.Body, &kind); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	if len(id) == 0 || len(entry.Promise) == 0 || kind.Kind == "" || kind.Version == "" {
		return nil, errors.New("expected a log's id, its promise, and a body with kind and version")
	}
	return &protorekor.TransparencyLogEntry{LogIndex: entry.Payload.Index, LogId: &protocommon.LogId{KeyId: id}, IntegratedTime: entry.Payload.Integrated, CanonicalizedBody: entry.Payload.Body,
		KindVersion: &protorekor.KindVersion{Kind: kind.Kind, Version: kind.Version}, InclusionPromise: &protorekor.InclusionPromise{SignedEntryTimestamp: entry.Promise}}, nil
}

// annotatedTimestamp gives a time stamp that is over the signature.
func annotatedTimestamp(annotation string, sig []byte) []byte {
	var stamp struct {
		Response []byte `json:"SignedRFC3161Timestamp"`
	}
	if annotation == "" || attest.DecodeJSON([]byte(annotation), &stamp) != nil {
		return nil
	}
	ts, err := timestamp.ParseResponse(stamp.Response)
	if err != nil || ts.HashAlgorithm != crypto.SHA256 && ts.HashAlgorithm != crypto.SHA384 && ts.HashAlgorithm != crypto.SHA512 {
		return nil
	}
	h := ts.HashAlgorithm.New()
	h.Write(sig)
	if !bytes.Equal(h.Sum(nil), ts.HashedMessage) {
		return nil
	}
	return stamp.Response
}
