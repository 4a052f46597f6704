// SPDX-License-Identifier: Apache-2.0

package lines

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/audit"
)

// at reads the line at a place.
func (l *File) at(s span) (line, error) {
	raw := make([]byte, s.size)
	if _, err := l.f.ReadAt(raw, s.at); err != nil {
		return line{}, fmt.Errorf("reading ledger %s: %w", l.path, err)
	}
	var x line
	if err := attest.DecodeJSON(raw, &x); err != nil {
		return line{}, fmt.Errorf("%w: ledger %s changed while it was read: %w", audit.ErrDamaged, l.path, err)
	}
	return x, nil
}

// Lines implements audit.Ledger. An entry's place in the file is its number.
func (l *File) Lines(ctx context.Context, q audit.Query) iter.Seq2[audit.Line, error] {
	return func(yield func(audit.Line, error) bool) {
		l.mu.Lock()
		entries := slices.Clone(l.entries)
		l.mu.Unlock()
		order := slices.All(entries)
		if q.Newest > 0 {
			order = slices.Backward(entries)
		}
		given := 0
		for i, s := range order {
			seq := int64(i + 1)
			if q.Seq != 0 && seq != q.Seq || seq <= q.After {
				continue
			}
			if err := ctx.Err(); err != nil {
				yield(audit.Line{}, err)
				return
			}
			x, err := l.at(s)
			if err != nil {
				yield(audit.Line{}, err)
				return
			}
			out := audit.Line{Seq: seq, Hash: x.Hash, Raw: x.Entry}
			if !asked(q, out) {
				continue
			}
			if given++; !yield(out, nil) || given == max(q.Newest, q.Oldest) {
				return
			}
		}
	}
}

// asked reports whether an entry is one that a query asks for. One that can't be read has no terms.
func asked(q audit.Query, x audit.Line) bool {
	if len(q.Terms) == 0 && q.Since.IsZero() {
		return true
	}
	e, err := audit.DecodeEntry(x.Raw)
	if err != nil || e.When().Before(q.Since) {
		return false
	}
	terms := e.Terms()
	return !slices.ContainsFunc(q.Terms, func(t audit.Term) bool { return !slices.Contains(terms, t) })
}

// Document implements audit.Ledger.
func (l *File) Document(_ context.Context, digest attest.Digest) ([]byte, error) {
	l.mu.Lock()
	s, there := l.documents[digest.String()]
	l.mu.Unlock()
	if !there {
		return nil, fmt.Errorf("%w: %s", audit.ErrNoDocument, digest)
	}
	x, err := l.at(s)
	return x.Bytes, err
}

// Check implements audit.Checker.
func (l *File) Check(context.Context) ([]audit.Fault, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.faults), nil
}

// Head implements audit.Checker. Nothing beside the entries notes it: what was cut off from the end shows by a hash that is known from elsewhere.
func (l *File) Head(context.Context) (audit.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head, nil
}

// Documents implements audit.Checker.
func (l *File) Documents(context.Context) iter.Seq2[audit.Document, error] {
	return func(yield func(audit.Document, error) bool) {
		l.mu.Lock()
		all := maps.Clone(l.documents)
		l.mu.Unlock()
		for _, name := range slices.Sorted(maps.Keys(all)) {
			d, err := attest.ParseDigest(name)
			var x line
			if err != nil {
				err = fmt.Errorf("%w: a document is named %.80q", audit.ErrDamaged, name)
			} else {
				x, err = l.at(all[name])
			}
			if !yield(audit.Document{Digest: d, Bytes: x.Bytes}, err) {
				return
			}
		}
	}
}
