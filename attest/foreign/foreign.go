// SPDX-License-Identifier: Apache-2.0

// Package foreign finds Sigstore bundles and DSSE envelopes in the files that other tools write: one bundle, JSON lines of bundles ('gh attestation
// download') or of envelopes (*.intoto.jsonl, 'cosign download attestation'), lists ('gh attestation verify --format json', GitHub's API),
// an envelope on its own (witness, slsa-github-generator), and the file of 'cosign attest-blob --bundle'.
//
// Use Read, and hand each Item.Raw to a verifier. Nothing is verified here and nothing is left out silently: what is there and can't be evidence
// is an Item with Err, and a line of no known form has Unknown set, since in-toto's bundles may hold lines that a reader does not know
// (https://github.com/in-toto/attestation/blob/main/spec/v1/bundle.md). Bytes are given as they stand in the file.
package foreign

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"github.com/sealock-dev/sealock/attest"
)

// Bounds on one file.
const (
	MaxFile  = 256 << 20 // bytes
	MaxLines = 100_000
	MaxItems = 10_000 // bundles and envelopes
	maxLists = 3      // lists and answers in each other
)

// The forms that are known.
const (
	FormatBundle    = "Sigstore bundle"
	FormatEnvelope  = "DSSE envelope"
	FormatCosign    = "cosign attest-blob bundle"
	FormatGitHub    = "GitHub attestation"
	FormatStatement = "unsigned statement"
)

// Item is one thing found in a file.
type Item struct {
	Place   string // file:line, and the place in a list
	Format  string // one of the above, empty if it is none
	Raw     []byte // a bundle or an envelope; nil if Err is set
	Err     error  // a Reject: it is there and can't be evidence
	Unknown bool   // Err is set, and it may well be something else that nobody asked for
}

// Read finds what a file holds. An error means that the file could not be read or is past a bound.
func Read(r io.Reader, name string) ([]Item, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > MaxFile {
		return nil, &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("%s has more than %d bytes", name, MaxFile)}
	}
	f := &file{name: name}
	whole := attest.CheckJSON(data)
	if whole == nil {
		err = f.document(data, fmt.Sprintf("%s:%d", name, firstLine(data)), 0)
		return f.items, err
	}
	if err := f.lines(data); err != nil {
		return nil, err
	}
	if !f.sound && len(f.items) > 1 { // one document over several lines, and broken: its lines say nothing
		return []Item{{Place: fmt.Sprintf("%s:%d", name, firstLine(data)), Err: malformed("not sound JSON, and no lines of JSON", whole)}}, nil
	}
	return f.items, nil
}

// firstLine is the number of the first line that is not blank.
func firstLine(data []byte) int {
	before := len(data) - len(bytes.TrimLeft(data, " \t\r\n"))
	return 1 + bytes.Count(data[:before], []byte("\n"))
}

// file is the state of reading one.
type file struct {
	name  string
	items []Item
	sound bool // some line is JSON
}

func (f *file) lines(data []byte) error {
	for n := 1; len(data) > 0; n++ {
		if n > MaxLines {
			return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("%s has more than %d lines", f.name, MaxLines)}
		}
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		place := fmt.Sprintf("%s:%d", f.name, n)
		err := attest.CheckJSON(line)
		switch {
		case err == nil:
			f.sound = true
			err = f.document(line, place, 0)
		case line[0] == '{': // it was to be one of ours, and is broken
			err = f.add(Item{Place: place, Err: malformed("line is not sound JSON", err)})
		default:
			err = f.add(unknown(place, "line is no JSON"))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *file) add(i Item) error {
	if len(f.items) == MaxItems {
		return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("%s holds more than %d bundles, envelopes and unknown lines", f.name, MaxItems)}
	}
	f.items = append(f.items, i)
	return nil
}

// shape has the names by which the forms are told apart.
type shape struct {
	MediaType   json.RawMessage `json:"mediaType"`
	Material    json.RawMessage `json:"verificationMaterial"`
	DSSE        json.RawMessage `json:"dsseEnvelope"`
	Message     json.RawMessage `json:"messageSignature"`
	Payload     json.RawMessage `json:"payload"`
	PayloadType json.RawMessage `json:"payloadType"`
	Signatures  json.RawMessage `json:"signatures"`

	Attestations json.RawMessage `json:"attestations"` // GitHub's API
	Attestation  json.RawMessage `json:"attestation"`  // gh attestation verify
	Bundle       json.RawMessage `json:"bundle"`
	BundleURL    json.RawMessage `json:"bundle_url"`

	Base64Signature json.RawMessage `json:"base64Signature"` // cosign attest-blob --bundle
	Type            json.RawMessage `json:"_type"`
}

// document tells what one JSON document is. Its soundness was checked.
func (f *file) document(doc []byte, place string, depth int) error {
	doc = bytes.TrimSpace(doc)
	if depth > maxLists {
		return f.add(Item{Place: place, Err: &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("lists are nested deeper than %d", maxLists)}})
	}
	if doc[0] == '[' {
		return f.list(doc, place, depth)
	}
	var s shape
	if doc[0] != '{' || attest.DecodeJSON(doc, &s) != nil {
		return f.add(unknown(place, "JSON of no known form"))
	}
	switch {
	case s.Payload != nil && s.Signatures != nil:
		return f.add(Item{Place: place, Format: FormatEnvelope, Raw: doc})
	case s.DSSE != nil, s.Message != nil, s.Material != nil && s.MediaType != nil:
		return f.add(Item{Place: place, Format: FormatBundle, Raw: doc})
	case s.Attestations != nil && s.Attestations[0] == '[':
		return f.list(s.Attestations, place, depth)
	case s.Attestation != nil && s.Attestation[0] == '{':
		return f.document(s.Attestation, place, depth+1)
	case s.Bundle != nil && s.Bundle[0] == '{':
		return f.document(s.Bundle, place, depth+1)
	case s.Bundle != nil || s.BundleURL != nil:
		return f.add(Item{Place: place, Format: FormatGitHub, Err: &attest.Reject{Code: attest.CodeUnsupported, Detail: "the bundle itself is not here, only where it lies: fetch it with 'gh attestation download'"}})
	case s.Base64Signature != nil:
		return f.cosign(s.Base64Signature, place)
	case s.Type != nil:
		return f.add(Item{Place: place, Format: FormatStatement, Err: &attest.Reject{Code: attest.CodeSignatureCount, Detail: "a statement that nobody signed (as BuildKit writes them): it is no evidence"}})
	}
	return f.add(unknown(place, "JSON of no known form"))
}

// list reads the elements of a list, each of which has a form of its own.
func (f *file) list(doc []byte, place string, depth int) error {
	var elements []json.RawMessage
	if err := attest.DecodeJSON(doc, &elements); err != nil {
		return f.add(Item{Place: place, Err: malformed("list", err)})
	}
	for i, e := range elements {
		if err := f.document(e, fmt.Sprintf("%s[%d]", place, i), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// cosign reads what 'cosign attest-blob --bundle' calls a signature: base64 of an envelope. Of 'cosign sign-blob' it is a signature.
func (f *file) cosign(text json.RawMessage, place string) error {
	bare := Item{Place: place, Format: FormatCosign, Err: &attest.Reject{Code: attest.CodePayloadType, Detail: "a signature of a file, expected an attestation"}}
	var s string
	if attest.DecodeJSON(text, &s) != nil {
		return f.add(bare)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || attest.CheckJSON(raw) != nil {
		return f.add(bare)
	}
	var inner shape
	if attest.DecodeJSON(raw, &inner) != nil || inner.Payload == nil || inner.Signatures == nil {
		return f.add(bare)
	}
	return f.add(Item{Place: place, Format: FormatCosign, Raw: raw})
}

func unknown(place, detail string) Item {
	return Item{Place: place, Unknown: true, Err: &attest.Reject{Code: attest.CodeMalformedBundle, Detail: detail}}
}

// malformed keeps the code of a bound that was hit.
func malformed(detail string, cause error) error {
	code := attest.RejectCode(cause)
	if code == "" {
		code = attest.CodeMalformedBundle
	}
	return &attest.Reject{Code: code, Detail: detail, Cause: cause}
}
