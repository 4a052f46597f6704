// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// DecodeJSON reads one JSON document into v. Names match exactly, duplicate names and invalid UTF-8 are errors, nothing may
// follow the document, and depth, tokens and numbers are bounded. Names that v does not know are ignored, as in-toto asks.
func DecodeJSON(data []byte, v any) error {
	if !withinBounds(data) {
		if err := checkTokens(data); err != nil {
			return err
		}
	}
	err := json.Unmarshal(data, v) // refuses duplicate names and invalid UTF-8, also in what v does not know
	if err != nil {
		if unsound := checkTokens(data); unsound != nil { // what is wrong with the document comes before what does not fit v
			return unsound
		}
	}
	return err
}

// DecodeAny reads one JSON document as maps, slices and strings; numbers keep their digits (json.Number).
func DecodeAny(data []byte) (any, error) {
	if err := CheckJSON(data); err != nil {
		return nil, err
	}
	d := stdjson.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return v, nil
}

// CheckJSON reports whether data is exactly one JSON document of I-JSON (RFC 7493) within the bounds of this package.
func CheckJSON(data []byte) error {
	if withinBounds(data) && jsontext.Value(data).IsValid() {
		return nil
	}
	return checkTokens(data)
}

// safeDigits is a length up to which a number without an exponent is in the range of float64, whose largest has 309 digits.
const safeDigits = 300

// withinBounds reports whether data, if it is sound JSON, is within all bounds of this package. False means that checkTokens has to look: it is
// exact and ten times slower.
func withinBounds(data []byte) bool {
	tokens, depth := 0, 0
	for i := 0; i < len(data); {
		start := i
		switch c := data[i]; {
		case c == '"':
			if i = afterString(data, i+1); i < 0 || i-start-2 > MaxString { // a string is never longer than its spelling
				return false
			}
			tokens++
		case c == '{' || c == '[':
			i++
			tokens++
			if depth++; depth > MaxDepth {
				return false
			}
		case c == '}' || c == ']':
			i++
			tokens++
			depth--
		case c == '-' || c >= '0' && c <= '9':
			for i++; i < len(data) && (data[i] >= '0' && data[i] <= '9' || data[i] == '.'); i++ {
			}
			if i-start > safeDigits || i < len(data) && (data[i] == 'e' || data[i] == 'E') {
				return false
			}
			tokens++
		case c >= 'a' && c <= 'z': // true, false, null
			for i++; i < len(data) && data[i] >= 'a' && data[i] <= 'z'; i++ {
			}
			tokens++
		default:
			i++
		}
	}
	return tokens <= MaxTokens
}

// afterString is where the string ends whose content begins at i, behind its closing quote, or -1.
func afterString(data []byte, i int) int {
	for begin := i; ; {
		n := bytes.IndexByte(data[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		escapes := 0
		for i-escapes > begin && data[i-escapes-1] == '\\' {
			escapes++
		}
		i++
		if escapes%2 == 0 {
			return i
		}
	}
}

// checkTokens is CheckJSON token by token: it says what is wrong.
func checkTokens(data []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(data)) // refuses duplicate names and invalid UTF-8
	tokens, done := 0, false
	for {
		before := d.InputOffset()
		tok, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			if tokens == 0 {
				return errors.New("expected a JSON document, found nothing")
			}
			return nil
		}
		if err != nil {
			return err
		}
		tokens++
		if done {
			return fmt.Errorf("expected one JSON document, found another at byte %d", d.InputOffset())
		}
		done = d.StackDepth() == 0
		switch {
		case tokens > MaxTokens:
			return &Reject{Code: CodeLimit, Detail: fmt.Sprintf("JSON has more than %d tokens", MaxTokens)}
		case d.StackDepth() > MaxDepth:
			return &Reject{Code: CodeLimit, Detail: fmt.Sprintf("JSON is nested deeper than %d", MaxDepth)}
		}
		switch tok.Kind() {
		case '0':
			if _, err := strconv.ParseFloat(tok.String(), 64); err != nil {
				return fmt.Errorf("number %.40s is out of range", tok.String())
			}
		case '"':
			// A string is never longer than its spelling, so most need not be copied to be measured.
			if d.InputOffset()-before > MaxString && len(tok.String()) > MaxString {
				return &Reject{Code: CodeLimit, Detail: fmt.Sprintf("JSON string longer than %d bytes", MaxString)}
			}
		}
	}
}

// EncodeJSON writes v in a stable form: struct order, map keys sorted, no HTML escapes, no final newline. Equal values give
// equal bytes, in every build.
func EncodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := stdjson.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
