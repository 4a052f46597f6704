// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sealock-dev/sealock/attest"
)

// text is a JSON string whose content is a document: most of an evidence list is such strings, so they are copied once and no more.
type text []byte

// MarshalJSON writes the text as a JSON string.
func (t text) MarshalJSON() ([]byte, error) { return attest.EncodeJSON(string(t)) }

// UnmarshalJSONFrom reads a JSON string, or null, which is empty.
func (t *text) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	raw, err := d.ReadValue() // sound, its UTF-8 included
	if err != nil {
		return err
	}
	switch raw.Kind() {
	case 'n':
		*t = nil
		return nil
	case '"':
		*t, err = unquote(raw)
		return err
	}
	return errors.New("expected text")
}

// escapes are what stands behind a backslash for a byte, but for \u.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unquote gives the content of a sound JSON string. Nearly all of it is copied in long pieces, which is what makes it quick.
func unquote(raw jsontext.Value) ([]byte, error) {
	if out, ok := unescape(raw[1 : len(raw)-1]); ok {
		return out, nil
	}
	return jsontext.AppendUnquote(nil, raw)
}

// unescape replaces the escapes in what stands between quotes. ok is false where there is a \u, a quote, or a backslash with nothing behind it.
func unescape(rest []byte) (out []byte, ok bool) {
	out = make([]byte, 0, len(rest))
	for {
		i := bytes.IndexByte(rest, '\\')
		if i < 0 {
			return append(out, rest...), bytes.IndexByte(rest, '"') < 0
		}
		if i+1 == len(rest) || bytes.IndexByte(rest[:i], '"') >= 0 {
			return nil, false
		}
		c, plain := escapes[rest[i+1]]
		if !plain {
			return nil, false
		}
		out = append(append(out, rest[:i]...), c)
		rest = rest[i+2:]
	}
}

// bundleOf is the bundle of a line that holds nothing else, in the form in which sealock writes such lines; nil for any other. Of the text between it
// only looks where it ends: if it is no sound JSON, its digest is that of no bundle.
func bundleOf(line []byte) []byte {
	text, begins := bytes.CutPrefix(line, []byte(`{"bundle":"`))
	text, ends := bytes.CutSuffix(text, []byte("\"}\n"))
	if !begins || !ends || len(text) == 0 {
		return nil
	}
	bundle, ok := unescape(text)
	if !ok {
		return nil
	}
	return bundle
}
