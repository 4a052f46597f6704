// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/sealock-dev/sealock/attest"
)

// logVersions are those of Rekor's API.
var logVersions = []uint32{1, 2}

// log is a transparency log of either version.
type log struct {
	Service
	*caller
}

// errKnown says that the log has the entry and can't give it again.
var errKnown = errors.New("the log has this very signature already")

// isEntryName reports whether a text names an entry of Rekor v1: the tree's id in 16 digits, which may be left out, and the leaf's hash in 64.
func isEntryName(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && (len(s) == 64 || len(s) == 80)
}

// add puts the signature of a bundle into the log.
func (l log) add(ctx context.Context, b *protobundle.Bundle, cert *x509.Certificate) (*protorekor.TransparencyLogEntry, error) {
	add := l.addV2
	if l.Version == 1 {
		add = l.addV1
	}
	entry, err := add(ctx, b, cert)
	var down *DownError
	var refused *RefusedError
	if err == nil || errors.As(err, &down) || errors.As(err, &refused) || errors.Is(err, errKnown) || ctx.Err() != nil {
		return entry, err
	}
	return nil, fmt.Errorf("the %s %s: %w", l.service, redacted(l.URL), err)
}

// addV2 speaks to Rekor v2 (rekor-tiles): every signature is a hashedrekord, that of an envelope over its pre-authentication encoding.
func (l log) addV2(ctx context.Context, b *protobundle.Bundle, cert *x509.Certificate) (*protorekor.TransparencyLogEntry, error) {
	sig, digest := b.GetMessageSignature().GetSignature(), b.GetMessageSignature().GetMessageDigest().GetDigest()
	if env := b.GetDsseEnvelope(); env != nil {
		sum := sha256.Sum256(dsse.PAE(env.GetPayloadType(), env.GetPayload()))
		sig, digest = env.GetSignatures()[0].GetSig(), sum[:]
	}
	type verifier struct {
		Certificate struct {
			Raw []byte `json:"rawBytes"`
		} `json:"x509Certificate"`
		Details string `json:"keyDetails"`
	}
	var req struct {
		Record struct {
			Digest    []byte `json:"digest"`
			Signature struct {
				Content  []byte   `json:"content"`
				Verifier verifier `json:"verifier"`
			} `json:"signature"`
		} `json:"hashedRekordRequestV002"`
	}
	req.Record.Digest, req.Record.Signature.Content = digest, sig
	req.Record.Signature.Verifier.Certificate.Raw = cert.Raw
	req.Record.Signature.Verifier.Details = protocommon.PublicKeyDetails_PKIX_ECDSA_P256_SHA_256.String()
	a, err := l.post(ctx, "/api/v2/log/entries", req)
	if err != nil {
		return nil, err
	}
	if a.status == http.StatusConflict {
		return nil, errKnown
	}
	var entry protorekor.TransparencyLogEntry
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(a.body, &entry); err != nil {
		return nil, fmt.Errorf("reading its entry: %w", err)
	}
	return &entry, nil
}

// post sends an entry. A conflict is an answer; what else is no success is an error.
func (l log) post(ctx context.Context, at string, entry any) (*answer, error) {
	body, err := json.Marshal(entry)
	if err != nil {
		return nil, fmt.Errorf("encoding an entry: %w", err)
	}
	a, err := l.do(ctx, http.MethodPost, strings.TrimSuffix(l.URL, "/")+at, jsonHeader(), body)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK && a.status != http.StatusCreated && a.status != http.StatusConflict {
		return nil, &RefusedError{Service: l.service, URL: redacted(l.URL), Status: a.status, Detail: said(a.body)}
	}
	return a, nil
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
}

// addV1 speaks to Rekor v1: an envelope is a dsse entry 0.0.1, a bare signature a hashedrekord 0.0.1. An entry that it has already is fetched.
func (l log) addV1(ctx context.Context, b *protobundle.Bundle, cert *x509.Certificate) (*protorekor.TransparencyLogEntry, error) {
	const at = "/api/v1/log/entries"
	proposed, err := proposal(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	if err != nil {
		return nil, err
	}
	a, err := l.post(ctx, at, proposed)
	if err != nil {
		return nil, err
	}
	if a.status == http.StatusConflict {
		where, err := url.Parse(a.header.Get("Location"))
		if err != nil || !isEntryName(path.Base(where.Path)) {
			return nil, errKnown // it does not say where
		}
		target := strings.TrimSuffix(l.URL, "/") + at + "/" + path.Base(where.Path)
		if a, err = l.do(ctx, http.MethodGet, target, jsonHeader(), nil); err != nil {
			return nil, err
		}
		if a.status != http.StatusOK {
			return nil, &RefusedError{Service: l.service, URL: redacted(target), Status: a.status, Detail: said(a.body)}
		}
	}
	return entryV1(a.body)
}

type spec struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Spec       any    `json:"spec"`
}

func proposal(b *protobundle.Bundle, cert []byte) (spec, error) {
	type m = map[string]any
	env := b.GetDsseEnvelope()
	if env == nil {
		s := b.GetMessageSignature()
		return spec{"0.0.1", "hashedrekord", m{
			"data":      m{"hash": m{"algorithm": "sha256", "value": hex.EncodeToString(s.GetMessageDigest().GetDigest())}},
			"signature": m{"content": s.GetSignature(), "publicKey": m{"content": cert}}}}, nil
	}
	type signature struct {
		Sig []byte `json:"sig"`
	}
	text, err := json.Marshal(struct {
		PayloadType string      `json:"payloadType"`
		Payload     []byte      `json:"payload"`
		Signatures  []signature `json:"signatures"`
	}{env.GetPayloadType(), env.GetPayload(), []signature{{env.GetSignatures()[0].GetSig()}}})
	return spec{"0.0.1", "dsse", m{"proposedContent": m{"envelope": string(text), "verifiers": [][]byte{cert}}}}, err
}

// hexBytes is hex in JSON.
type hexBytes []byte

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// entryV1 brings an answer of Rekor v1 into the form of a bundle.
func entryV1(body []byte) (*protorekor.TransparencyLogEntry, error) {
	var all map[string]struct {
		Body           []byte   `json:"body"`
		IntegratedTime int64    `json:"integratedTime"`
		LogID          hexBytes `json:"logID"`
		LogIndex       int64    `json:"logIndex"`
		Verification   struct {
			Promise []byte `json:"signedEntryTimestamp"`
			Proof   *struct {
				Checkpoint string     `json:"checkpoint"`
				Hashes     []hexBytes `json:"hashes"`
				LogIndex   int64      `json:"logIndex"`
				RootHash   hexBytes   `json:"rootHash"`
				TreeSize   int64      `json:"treeSize"`
			} `json:"inclusionProof"`
		} `json:"verification"`
	}
	if err := attest.DecodeJSON(body, &all); err != nil {
		return nil, fmt.Errorf("reading its entry: %w", err)
	}
	if len(all) != 1 {
		return nil, fmt.Errorf("it answered with %d entries, expected one", len(all))
	}
	for _, e := range all {
		var kind spec
		if err := json.Unmarshal(e.Body, &kind); err != nil {
			return nil, fmt.Errorf("reading the body of its entry: %w", err)
		}
		out := &protorekor.TransparencyLogEntry{LogIndex: e.LogIndex, LogId: &protocommon.LogId{KeyId: e.LogID}, IntegratedTime: e.IntegratedTime, CanonicalizedBody: e.Body,
			KindVersion: &protorekor.KindVersion{Kind: kind.Kind, Version: kind.APIVersion}, InclusionPromise: &protorekor.InclusionPromise{SignedEntryTimestamp: e.Verification.Promise}}
		p := e.Verification.Proof
		if p == nil {
			return nil, errors.New("its entry has no proof of inclusion")
		}
		out.InclusionProof = &protorekor.InclusionProof{LogIndex: p.LogIndex, RootHash: p.RootHash, TreeSize: p.TreeSize, Checkpoint: &protorekor.Checkpoint{Envelope: p.Checkpoint}}
		for _, h := range p.Hashes {
			out.InclusionProof.Hashes = append(out.InclusionProof.Hashes, h)
		}
		return out, nil
	}
	return nil, errors.New("it answered with no entry")
}
