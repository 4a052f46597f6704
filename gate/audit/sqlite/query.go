// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/audit"
)

// enough is how many entries with a term are counted to choose the term that leads a search.
const enough = 2000

// Lines gives the entries that a query asks for.
func (l *DB) Lines(ctx context.Context, q audit.Query) iter.Seq2[audit.Line, error] {
	return func(yield func(audit.Line, error) bool) {
		terms, err := l.rarestFirst(ctx, q.Terms)
		if err != nil {
			yield(audit.Line{}, fmt.Errorf("reading ledger %s: %w", l.file, err))
			return
		}
		q.Terms = terms
		text, args := statement(q)
		rows, err := l.db.QueryContext(ctx, text, args...)
		if err != nil {
			yield(audit.Line{}, fmt.Errorf("reading ledger %s: %w", l.file, err))
			return
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var line audit.Line
			if err := rows.Scan(&line.Seq, &line.Hash, &line.Raw); err != nil {
				yield(line, fmt.Errorf("reading ledger %s: %w", l.file, err))
				return
			}
			if !yield(line, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(audit.Line{}, fmt.Errorf("reading ledger %s: %w", l.file, err))
		}
	}
}

// rarestFirst puts the term in front that the fewest entries have.
func (l *DB) rarestFirst(ctx context.Context, terms []audit.Term) ([]audit.Term, error) {
	if len(terms) < 2 {
		return terms, nil
	}
	count := map[audit.Term]int{}
	for _, t := range terms {
		var n int
		err := l.db.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM terms WHERE kind = ? AND value = ? LIMIT ?)", t.Kind, t.Value, enough).Scan(&n)
		if err != nil {
			return nil, err
		}
		count[t] = n
	}
	out := slices.Clone(terms)
	slices.SortStableFunc(out, func(a, b audit.Term) int { return cmp.Compare(count[a], count[b]) })
	return out, nil
}

// statement writes a query. The leading term is read in order of seq, so that the newest are found without sorting.
func statement(q audit.Query) (string, []any) {
	terms := q.Terms
	var b strings.Builder
	var args []any
	var where []string
	order := "e.seq"
	switch {
	case len(terms) == 0 && !q.Since.IsZero() && q.Newest == 0:
		b.WriteString("SELECT e.seq, e.hash, e.entry FROM entries e INDEXED BY entries_recorded")
	case len(terms) == 0:
		b.WriteString("SELECT e.seq, e.hash, e.entry FROM entries e")
	default:
		b.WriteString("SELECT e.seq, e.hash, e.entry FROM terms t CROSS JOIN entries e ON e.seq = t.seq")
		where, args, order = append(where, "t.kind = ? AND t.value = ?"), append(args, terms[0].Kind, terms[0].Value), "t.seq"
		for _, t := range terms[1:] {
			where, args = append(where, "EXISTS (SELECT 1 FROM terms x WHERE x.kind = ? AND x.value = ? AND x.seq = t.seq)"), append(args, t.Kind, t.Value)
		}
	}
	if !q.Since.IsZero() {
		where, args = append(where, "e.recorded >= ?"), append(args, q.Since.UnixMilli())
	}
	if q.Seq != 0 {
		where, args = append(where, "e.seq = ?"), append(args, q.Seq)
	}
	if q.After != 0 {
		where, args = append(where, "e.seq > ?"), append(args, q.After)
	}
	if len(where) > 0 {
		b.WriteString(" WHERE " + strings.Join(where, " AND "))
	}
	switch {
	case q.Newest > 0:
		fmt.Fprintf(&b, " ORDER BY %s DESC LIMIT %d", order, q.Newest)
	case q.Oldest > 0:
		fmt.Fprintf(&b, " ORDER BY %s LIMIT %d", order, q.Oldest)
	default:
		b.WriteString(" ORDER BY " + order)
	}
	return b.String(), args
}

// Document unpacks what is stored under a digest.
func (l *DB) Document(ctx context.Context, digest attest.Digest) ([]byte, error) {
	var size int64
	var content []byte
	err := l.db.QueryRowContext(ctx, "SELECT size, content FROM documents WHERE digest = ?", digest.String()).Scan(&size, &content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %s", audit.ErrNoDocument, digest)
	}
	if err != nil {
		return nil, fmt.Errorf("reading document %s of ledger %s: %w", digest.Short(), l.file, err)
	}
	return l.unpack(digest.String(), size, content)
}

func (l *DB) unpack(digest string, size int64, content []byte) ([]byte, error) {
	if size < 0 || size > audit.MaxDocument {
		return nil, fmt.Errorf("%w: document %.19s is said to have %d bytes, limit %d", audit.ErrDamaged, digest, size, audit.MaxDocument)
	}
	raw, err := l.dec.DecodeAll(content, make([]byte, 0, min(size, math.MaxInt32)))
	if err != nil {
		return nil, fmt.Errorf("%w: unpacking document %.19s: %w", audit.ErrDamaged, digest, err)
	}
	if int64(len(raw)) != size {
		return nil, fmt.Errorf("%w: document %.19s has %d bytes, expected %d", audit.ErrDamaged, digest, len(raw), size)
	}
	return raw, nil
}

// Head is the last entry, as it was noted when it was written.
func (l *DB) Head(ctx context.Context) (audit.Head, error) { return headOf(ctx, l.db) }

// Documents gives every document with its content.
func (l *DB) Documents(ctx context.Context) iter.Seq2[audit.Document, error] {
	return func(yield func(audit.Document, error) bool) {
		rows, err := l.db.QueryContext(ctx, "SELECT digest, size, content FROM documents ORDER BY digest")
		if err != nil {
			yield(audit.Document{}, fmt.Errorf("reading ledger %s: %w", l.file, err))
			return
		}
		defer func() { _ = rows.Close() }() // rows.Err is what tells
		for rows.Next() {
			var name string
			var size int64
			var content []byte
			if err := rows.Scan(&name, &size, &content); err != nil {
				yield(audit.Document{}, fmt.Errorf("reading ledger %s: %w", l.file, err))
				return
			}
			digest, err := attest.ParseDigest(name)
			if err != nil {
				err = fmt.Errorf("%w: a document is named %.80q", audit.ErrDamaged, name)
			}
			var raw []byte
			if err == nil {
				raw, err = l.unpack(name, size, content)
			}
			if !yield(audit.Document{Digest: digest, Bytes: raw}, err) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(audit.Document{}, fmt.Errorf("reading ledger %s: %w", l.file, err))
		}
	}
}
