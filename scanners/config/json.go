// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parseJSON reads one or more JSON values as YAML documents with positions. YAML's own parser takes most JSON, but it is slower and refuses
// escapes of characters beyond the basic plane.
func parseJSON(data []byte) ([]yamlDocument, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	r := jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1, column: 1}
	r.dec.UseNumber()
	var docs []yamlDocument
	for {
		n, err := r.next()
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, err
		}
		if !isNull(n) {
			docs = append(docs, yamlDocument{root: n})
		}
	}
}

// jsonReader makes nodes of tokens and counts lines and columns beside them.
type jsonReader struct {
	data         []byte
	dec          *json.Decoder
	at           int // how far line and column have come
	line, column int
	depth        int
}

// next reads a value. It is io.EOF where there is none.
func (r *jsonReader) next() (*yaml.Node, error) {
	r.forward(int(r.dec.InputOffset()))
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	return r.node(token)
}

// node makes the node that begins with the token.
func (r *jsonReader) node(token json.Token) (*yaml.Node, error) {
	n := &yaml.Node{Line: r.line, Column: r.column}
	switch t := token.(type) {
	case json.Delim:
		return n, r.content(n, t)
	case string:
		n.Kind, n.Tag, n.Value, n.Style = yaml.ScalarNode, "!!str", t, yaml.DoubleQuotedStyle
	case json.Number:
		n.Kind, n.Tag, n.Value = yaml.ScalarNode, "!!int", t.String()
		if _, err := t.Int64(); err != nil {
			n.Tag = "!!float"
		}
	case bool:
		n.Kind, n.Tag, n.Value = yaml.ScalarNode, "!!bool", fmt.Sprint(t)
	case nil:
		n.Kind, n.Tag, n.Value = yaml.ScalarNode, "!!null", "null"
	}
	return n, nil
}

// content reads the members of an object or a list, and its end.
func (r *jsonReader) content(n *yaml.Node, open json.Delim) error {
	n.Kind, n.Tag, n.Style = yaml.MappingNode, "!!map", yaml.FlowStyle
	if open == '[' {
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	}
	if r.depth++; r.depth > maxDepth {
		return fmt.Errorf("it is nested deeper than %d", maxDepth)
	}
	defer func() { r.depth-- }()
	for r.dec.More() {
		c, err := r.next()
		if err != nil {
			return unexpected(err)
		}
		n.Content = append(n.Content, c)
	}
	_, err := r.dec.Token()
	return unexpected(err)
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// forward moves to where the next token starts at or after the offset.
func (r *jsonReader) forward(offset int) {
	for r.at < len(r.data) {
		c := r.data[r.at]
		if r.at >= offset && c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != ',' && c != ':' {
			return
		}
		if c == '\n' {
			r.line, r.column = r.line+1, 0
		}
		_, size := utf8.DecodeRune(r.data[r.at:])
		r.at += size
		r.column++
	}
}
