// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// Line is an entry as it lies in a ledger: its bytes, and the hash under which they were written.
type Line struct {
	Seq  int64
	Hash string
	Raw  []byte
}

// Document is content under the digest of its bytes.
type Document struct {
	Digest attest.Digest
	Bytes  []byte
}

// Head is the last entry of a ledger. The zero Head is that of an empty one.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Query chooses entries. The zero Query is all of them.
type Query struct {
	Terms  []Term // that all of them have
	Since  time.Time
	Seq    int64 // only this one
	After  int64 // only later ones
	Newest int   // at most so many, the last ones first; zero: all, in order
	Oldest int   // at most so many, the first ones first
}

// ErrDamaged says that something in a ledger can't be what was written.
var ErrDamaged = errors.New("damaged")

// ErrNoDocument says that a ledger has no document of a digest.
var ErrNoDocument = errors.New("the ledger has no such document")

// Ledger keeps entries in order and documents by digest. Implementations are safe for concurrent use by several processes.
type Ledger interface {
	// Append adds the line that next makes of the head of the ledger, with the documents that it rests on, wholly or not at all. Once it
	// returns, the entry outlives a crash. Documents that are there already are not written again.
	Append(ctx context.Context, documents []Document, next func(Head) (Entry, Line, error)) (Head, error)
	// Lines gives the entries that a query asks for, as they are stored.
	Lines(ctx context.Context, q Query) iter.Seq2[Line, error]
	// Document gives the bytes stored under a digest, unchecked, or ErrNoDocument.
	Document(ctx context.Context, digest attest.Digest) ([]byte, error)
}

// Checker is a Ledger that can tell whether what it keeps beside the entries and documents, as its indexes, fits them.
type Checker interface {
	// Check names what does not fit. An error means that it could not be looked at.
	Check(ctx context.Context) ([]Fault, error)
	// Head is the last entry as the ledger noted it.
	Head(ctx context.Context) (Head, error)
	// Documents gives every document, unchecked. One that can't be unpacked comes with an error that is ErrDamaged; the others follow.
	Documents(ctx context.Context) iter.Seq2[Document, error]
}
