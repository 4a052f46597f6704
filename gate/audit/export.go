// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/sealock-dev/sealock/attest"
)

// ExportSchema names the form of an export: JSON lines. Documents come before the first entry that rests on them, and the last line tells the head, so
// that one pass verifies it.
const ExportSchema = "sealock/ledger-export/v1"

// maxLine bounds a line of an export: a document in base64.
const maxLine = MaxDocument*4/3 + 4096

// exported is one line. Exactly one of the parts is there.
type exported struct {
	Schema   string          `json:"schema,omitempty"` // the first line
	Document string          `json:"document,omitempty"`
	Bytes    []byte          `json:"bytes,omitempty"` // base64, of a document
	Hash     string          `json:"hash,omitempty"`
	Entry    json.RawMessage `json:"entry,omitempty"`
	Head     *Head           `json:"head,omitempty"` // the last line
}

// Export writes a whole ledger as JSON lines.
func Export(ctx context.Context, l Ledger, w io.Writer) (Head, error) {
	out := &exporter{ctx: ctx, ledger: l, w: bufio.NewWriter(w), done: map[string]bool{}}
	var head Head
	if err := out.line(exported{Schema: ExportSchema}); err != nil {
		return head, err
	}
	const batch = 500
	for {
		var lines []Line
		for line, err := range l.Lines(ctx, Query{After: head.Seq, Oldest: batch}) {
			if err != nil {
				return head, err
			}
			lines = append(lines, line)
		}
		for _, line := range lines {
			if err := out.entry(line); err != nil {
				return head, err
			}
			head = Head{line.Seq, line.Hash}
		}
		if len(lines) < batch {
			break
		}
	}
	if err := out.line(exported{Head: &head}); err != nil {
		return head, err
	}
	return head, out.w.Flush()
}

// exporter remembers which documents were written.
type exporter struct {
	ctx    context.Context
	ledger Ledger
	w      *bufio.Writer
	done   map[string]bool
}

func (x *exporter) line(e exported) error {
	raw, err := attest.EncodeJSON(e)
	if err != nil {
		return err
	}
	_, err = x.w.Write(append(raw, '\n'))
	return err
}

func (x *exporter) entry(line Line) error {
	e, err := DecodeEntry(line.Raw)
	if err != nil {
		return fmt.Errorf("entry %d: %w\nhint: 'sealock audit verify' tells what is wrong with the ledger", line.Seq, err)
	}
	names := e.references()
	if e.Case != "" && !x.done[e.Case] {
		c, files, err := readCase(e.Case, func(d string) ([]byte, error) { return read(x.ctx, x.ledger, d) })
		if err != nil {
			return fmt.Errorf("entry %d: %w", line.Seq, err)
		}
		names = slices.Concat(slices.Sorted(maps.Values(files)), c.documents(), names)
	}
	for _, digest := range names {
		if err := x.document(digest); err != nil {
			return fmt.Errorf("entry %d: %w", line.Seq, err)
		}
	}
	return x.line(exported{Hash: line.Hash, Entry: line.Raw})
}

// document writes a document, once.
func (x *exporter) document(digest string) error {
	if x.done[digest] {
		return nil
	}
	x.done[digest] = true
	raw, err := read(x.ctx, x.ledger, digest)
	if err != nil {
		return err
	}
	return x.line(exported{Document: digest, Bytes: raw})
}

// VerifyExport checks an export as Verify does a ledger.
func VerifyExport(r io.Reader, opt Options) (*Report, error) {
	rep := &Report{Faults: []Fault{}}
	c := &chain{report: rep, want: opt.Head, still: true}
	documents := map[string][]byte{} // those that name others
	has := map[string]bool{}
	x := inspector{report: rep, has: has, cases: map[string]bool{}, document: func(d string) ([]byte, error) {
		if raw := documents[d]; raw != nil {
			return raw, nil
		}
		return nil, fmt.Errorf("%w: %s", ErrNoDocument, d)
	}}
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	var noted *Head
	for n := 1; in.Scan(); n++ {
		var line exported
		if err := attest.DecodeJSON(in.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("line %d: %w\nhint: expected what 'sealock audit export' wrote", n, err)
		}
		switch {
		case n == 1 && line.Schema != ExportSchema:
			return nil, fmt.Errorf("line 1 is of schema %.40q, expected %q", line.Schema, ExportSchema)
		case n == 1:
		case noted != nil:
			rep.fault(0, "line %d comes after the end", n)
		case line.Document != "":
			rep.Documents++
			if sum := attest.SHA256(line.Bytes).String(); sum != line.Document {
				rep.fault(0, "document %s was edited: its content has digest %s", line.Document, sum)
				continue
			}
			has[line.Document] = true
			if isList(line.Bytes) {
				documents[line.Document] = append([]byte{}, line.Bytes...)
			}
		case line.Head != nil:
			noted = line.Head
		default:
			if e, ok := c.follow(Line{Seq: c.head.Seq + 1, Hash: line.Hash, Raw: line.Entry}); ok {
				x.inspect(e)
			}
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("reading the export: %w", err)
	}
	if rep.Entries == 0 && noted == nil {
		return nil, errors.New("there is nothing in it\nhint: expected what 'sealock audit export' wrote")
	}
	if noted == nil {
		rep.Head = c.head.Hash
		rep.fault(0, "its last line is missing: it was cut off")
	}
	if noted != nil {
		c.end(*noted)
	}
	return rep, nil
}

// isList reports whether a document looks like one that names others: those are kept while an export is verified.
func isList(b []byte) bool {
	_, err := hex.DecodeString(string(b[:min(len(b), 64)]))
	return bytes.HasPrefix(b, []byte(`{"schema":"`+CaseSchema+`"`)) || err == nil
}
