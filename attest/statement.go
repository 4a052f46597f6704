// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Statement types, and the DSSE payload type that carries them.
const (
	StatementV1   = "https://in-toto.io/Statement/v1"
	StatementV01  = "https://in-toto.io/Statement/v0.1"
	PayloadInToto = "application/vnd.in-toto+json"
)

// ResourceDescriptor is in-toto's ResourceDescriptor v1 without content.
type ResourceDescriptor struct {
	Name             string         `json:"name,omitempty"`
	URI              string         `json:"uri,omitempty"`
	Digest           DigestSet      `json:"digest,omitempty"`
	DownloadLocation string         `json:"downloadLocation,omitempty"`
	MediaType        string         `json:"mediaType,omitempty"`
	Annotations      map[string]any `json:"annotations,omitempty"`
}

// Subject is an artifact by digest. The name is for people; only the digest decides.
type Subject struct {
	Name   string    `json:"name"`
	Digest DigestSet `json:"digest"`
}

// String is the name with its primary digest, shortened.
func (s Subject) String() string { return s.Name + "@" + s.Digest.Primary().Short() }

// Statement is an in-toto Statement: a predicate about subjects.
type Statement struct {
	Type          string
	Subject       []Subject
	PredicateType string
	Predicate     json.RawMessage // of a decoded statement: a part of what it was decoded from, which must not be changed
}

type wireStatement struct {
	Type          string                `json:"_type"`
	Subject       []*ResourceDescriptor `json:"subject"`
	PredicateType string                `json:"predicateType"`
	Predicate     place                 `json:"predicate"`
}

// place is where a value stands in a document, so that a large one need not be copied. Zero: nowhere.
type place struct{ begin, end int64 }

// UnmarshalJSONFrom reads over the value.
func (p *place) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	v, err := d.ReadValue()
	p.end = d.InputOffset()
	p.begin = p.end - int64(len(v))
	return err
}

// EncodeStatement writes a Statement v1 about the subjects. The same input gives the same bytes.
func EncodeStatement(predicateType string, predicate any, subjects ...Subject) ([]byte, error) {
	p, err := EncodeJSON(predicate)
	if err != nil {
		return nil, fmt.Errorf("encoding predicate %s: %w", predicateType, err)
	}
	w := struct {
		Type          string                `json:"_type"`
		Subject       []*ResourceDescriptor `json:"subject"`
		PredicateType string                `json:"predicateType"`
		Predicate     json.RawMessage       `json:"predicate"`
	}{Type: StatementV1, PredicateType: predicateType, Predicate: p}
	for _, s := range subjects {
		w.Subject = append(w.Subject, &ResourceDescriptor{Name: s.Name, Digest: s.Digest})
	}
	payload, err := EncodeJSON(w)
	if err != nil {
		return nil, err
	}
	if _, err := DecodeStatement(payload); err != nil {
		return nil, fmt.Errorf("refusing to write a statement that would not be read: %w", err)
	}
	return payload, nil
}

// UnprovenPayload takes the statement's bytes out of a Sigstore bundle, for who looks for something or verified it before: it verifies nothing.
func UnprovenPayload(bundle []byte) ([]byte, error) {
	var b struct {
		Envelope struct {
			Payload []byte `json:"payload"`
		} `json:"dsseEnvelope"`
	}
	if err := DecodeJSON(bundle, &b); err != nil {
		return nil, err
	}
	return b.Envelope.Payload, nil
}

// DecodeStatement reads a Statement v1 or v0.1. Unknown fields are ignored; everything else that is not as the specification
// has it is a Reject.
func DecodeStatement(payload []byte) (Statement, error) {
	if len(payload) > MaxPayload {
		return Statement{}, &Reject{Code: CodeLimit, Detail: fmt.Sprintf("statement has %d bytes, limit %d", len(payload), MaxPayload)}
	}
	var w wireStatement
	if err := DecodeJSON(payload, &w); err != nil {
		return Statement{}, malformed("statement is not sound JSON", err)
	}
	if w.Type != StatementV1 && w.Type != StatementV01 {
		return Statement{}, malformed(fmt.Sprintf("statement type is %.100q, expected %q", w.Type, StatementV1), nil)
	}
	if w.PredicateType == "" || strings.TrimSpace(w.PredicateType) != w.PredicateType {
		return Statement{}, malformed(fmt.Sprintf("predicateType %.100q is empty or padded", w.PredicateType), nil)
	}
	predicate := payload[w.Predicate.begin:w.Predicate.end:w.Predicate.end]
	if len(predicate) == 0 || string(predicate) == "null" {
		return Statement{}, malformed("statement has no predicate", nil)
	}
	if len(w.Subject) == 0 {
		return Statement{}, &Reject{Code: CodeNoSubject, Detail: "statement has no subject"}
	}
	if len(w.Subject) > MaxSubjects {
		return Statement{}, &Reject{Code: CodeLimit, Detail: fmt.Sprintf("statement has %d subjects, limit %d", len(w.Subject), MaxSubjects)}
	}
	st := Statement{Type: w.Type, PredicateType: w.PredicateType, Predicate: predicate}
	for i, s := range w.Subject {
		if s == nil {
			return Statement{}, malformed(fmt.Sprintf("subject %d is null", i), nil)
		}
		if len(s.Digest) == 0 {
			return Statement{}, &Reject{Code: CodeSubjectNoDigest, Detail: fmt.Sprintf("subject %d (%.100q) has no digest", i, s.Name)}
		}
		if err := s.Digest.Validate(); err != nil {
			return Statement{}, malformed(fmt.Sprintf("subject %d (%.100q)", i, s.Name), err)
		}
		st.Subject = append(st.Subject, Subject{Name: s.Name, Digest: s.Digest})
	}
	return st, nil
}

// About reports whether any subject of the statement is the wanted artifact.
func (s Statement) About(want DigestSet) bool {
	for _, sub := range s.Subject {
		if sub.Digest.Matches(want) {
			return true
		}
	}
	return false
}

// SHA256 is the digest of some bytes.
func SHA256(b []byte) Digest {
	h := sha256.Sum256(b)
	return Digest{"sha256", hex.EncodeToString(h[:])}
}

func malformed(detail string, cause error) error {
	var r *Reject
	if errors.As(cause, &r) {
		return r
	}
	return &Reject{Code: CodeMalformedStatement, Detail: detail, Cause: cause}
}
