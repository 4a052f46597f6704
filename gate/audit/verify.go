// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/sealock-dev/sealock/attest"
)

// maxFaults bounds the faults that are told apart; the first names where it begins.
const maxFaults = 100

// Fault is one thing that is not as it was written.
type Fault struct {
	Seq  int64  `json:"seq,omitempty"` // of the entry; 0 where it is about none
	What string `json:"what"`
}

// Report is what came of verifying a ledger.
type Report struct {
	Entries   int64   `json:"entries"`
	Documents int64   `json:"documents"`
	Head      string  `json:"head"` // hash of the last entry
	Faults    []Fault `json:"faults"`
}

// Sound reports whether nothing is wrong.
func (r *Report) Sound() bool { return len(r.Faults) == 0 }

func (r *Report) fault(seq int64, format string, args ...any) {
	if len(r.Faults) < maxFaults {
		r.Faults = append(r.Faults, Fault{seq, fmt.Sprintf(format, args...)})
	}
}

// Options of a verification.
type Options struct {
	Head string // hash of an entry known from elsewhere, which must be there
}

// chain follows entries from the first to the last.
type chain struct {
	report *Report
	head   Head
	want   string // hash known from elsewhere
	met    bool   // it is there
	noted  Head   // that the ledger had before it was read
	first  bool   // it is there
	still  bool   // nothing can be added while it is read
}

// follow takes the next line. It gives the entry, if it can be read.
func (c *chain) follow(line Line) (Entry, bool) {
	r := c.report
	r.Entries++
	e, err := DecodeEntry(line.Raw)
	sum := attest.SHA256(line.Raw).String()
	switch {
	case sum != line.Hash:
		r.fault(line.Seq, "it was edited: its content has hash %s, and was written as %s", sum, line.Hash)
	case err != nil:
		r.fault(line.Seq, "%v", err)
	case e.Seq != line.Seq:
		r.fault(line.Seq, "it was moved: it was written as entry %d", e.Seq)
	case line.Seq != c.head.Seq+1:
		r.fault(line.Seq, "entries before it are missing: expected entry %d", c.head.Seq+1)
	case e.Previous != c.head.Hash:
		r.fault(line.Seq, "the entry before it is not the one that was there when it was written: expected %s, found %s", orNone(e.Previous), orNone(c.head.Hash))
	}
	c.met = c.met || sum == c.want
	c.head = Head{line.Seq, sum}
	c.first = c.first || c.head == c.noted
	return e, err == nil
}

func orNone(hash string) string {
	if hash == "" {
		return "none"
	}
	return hash
}

// end holds the last entry against what is known of it. Entries may have been added while the ledger was read: its head may be anything from the one
// before to the one after that.
func (c *chain) end(after Head) {
	c.report.Head = c.head.Hash
	fits := c.head == after || !c.still && c.head.Seq < after.Seq
	if c.noted != (Head{}) && !c.first || !fits {
		c.report.fault(after.Seq, "the ledger says that it ends with entry %d, %s, and ends with entry %d, %s: entries were removed from its end, or added", after.Seq, orNone(after.Hash), c.head.Seq, orNone(c.head.Hash))
	}
	if c.want != "" && !c.met {
		c.report.fault(0, "no entry has the hash %s that is known of: entries were removed from the end, or the ledger is another one", c.want)
	}
}

// Verify checks a whole ledger: each entry, its place, each document that it names, and whatever the ledger keeps beside. Trouble with reading it is an
// error; what is wrong with it is in the report.
func Verify(ctx context.Context, l Ledger, opt Options) (*Report, error) {
	keeper, ok := l.(Checker)
	if !ok {
		return nil, errors.New("this ledger can't be verified as a whole: export it, and verify that")
	}
	r := &Report{Faults: []Fault{}}
	c := &chain{report: r, want: opt.Head}
	var err error
	if c.noted, err = keeper.Head(ctx); err != nil {
		return nil, err
	}
	var pending []Entry
	for line, err := range l.Lines(ctx, Query{}) {
		if err != nil {
			return nil, err
		}
		if e, ok := c.follow(line); ok {
			pending = append(pending, Entry{Seq: e.Seq, Kind: e.Kind, Document: e.Document, Request: e.Request, Case: e.Case, Promotion: e.Promotion, Glass: e.Glass})
		}
	}
	after, err := keeper.Head(ctx)
	if err != nil {
		return nil, err
	}
	c.end(after)
	documents, err := whole(ctx, keeper, r) // after the entries: all that they rest on was there before them
	if err != nil {
		return nil, err
	}
	x := inspector{report: r, has: documents, cases: map[string]bool{}, document: func(digest string) ([]byte, error) { return read(ctx, l, digest) }}
	for _, e := range pending {
		x.inspect(e)
	}
	faults, err := keeper.Check(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range faults {
		r.fault(f.Seq, "%s", f.What)
	}
	return r, nil
}

// whole gives the documents whose content has their digest, and reports the others.
func whole(ctx context.Context, l Checker, r *Report) (map[string]bool, error) {
	out := map[string]bool{}
	for d, err := range l.Documents(ctx) {
		switch {
		case errors.Is(err, ErrDamaged):
			r.fault(0, "%v", err)
		case err != nil:
			return nil, err
		case attest.SHA256(d.Bytes) != d.Digest:
			r.fault(0, "document %s was edited: its content has digest %s", d.Digest, attest.SHA256(d.Bytes))
		default:
			out[d.Digest.String()] = true
		}
		r.Documents++
	}
	return out, nil
}

// inspector looks whether all documents are there that entries rest on.
type inspector struct {
	report   *Report
	has      map[string]bool // documents that are there and whole
	cases    map[string]bool // those that were looked at
	document func(digest string) ([]byte, error)
}

func (x *inspector) inspect(e Entry) {
	for _, digest := range e.references() {
		x.need(e.Seq, digest)
	}
	if e.Kind != KindDecision || x.cases[e.Case] || !x.has[e.Case] {
		return
	}
	x.cases[e.Case] = true
	c, files, err := readCase(e.Case, x.document)
	if err != nil {
		x.report.fault(e.Seq, "%v", err)
		return
	}
	for _, digest := range files {
		x.need(e.Seq, digest)
	}
	for _, digest := range c.documents() {
		x.need(e.Seq, digest)
	}
}

func (x *inspector) need(seq int64, digest string) {
	if !x.has[digest] {
		x.report.fault(seq, "document %s, on which it rests, is not there as it was written", digest)
	}
}

// read gives a document whose content has its digest.
func read(ctx context.Context, l Ledger, digest string) ([]byte, error) {
	d, err := attest.ParseDigest(digest)
	if err != nil {
		return nil, fmt.Errorf("%w: a document is named %.80q", ErrDamaged, digest)
	}
	raw, err := l.Document(ctx, d)
	if err != nil {
		return nil, err
	}
	if sum := attest.SHA256(raw); sum != d {
		return nil, fmt.Errorf("%w: document %s was edited: its content has digest %s", ErrDamaged, d, sum)
	}
	return raw, nil
}
