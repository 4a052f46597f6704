// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/audit"
)

// Check holds against each other what is stored more than once: the schema and what this program makes, the file's own structure, and what entries
// are found by and the entries.
func (l *DB) Check(ctx context.Context) ([]audit.Fault, error) {
	var out []audit.Fault
	for _, look := range []func(context.Context) ([]audit.Fault, error){l.checkSchema, l.checkFile, l.checkTerms} {
		faults, err := look(ctx)
		if err != nil {
			return nil, fmt.Errorf("checking ledger %s: %w", l.file, err)
		}
		out = append(out, faults...)
	}
	return out, nil
}

// checkSchema finds triggers, views and altered tables, which could make the file say something else than was written.
func (l *DB) checkSchema(ctx context.Context) ([]audit.Fault, error) {
	memory, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { _ = memory.Close() }()
	memory.SetMaxOpenConns(1)
	for _, m := range migrations {
		if _, err := memory.ExecContext(ctx, m); err != nil {
			return nil, err
		}
	}
	want, err := schema(ctx, memory)
	if err != nil {
		return nil, err
	}
	got, err := schema(ctx, l.db)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(want, got) {
		return []audit.Fault{{What: "the tables of the file are not those of a ledger: something was added, removed or altered"}}, nil
	}
	return nil, nil
}

func schema(ctx context.Context, db *sql.DB) ([]string, error) {
	return texts(ctx, db, "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY type, name")
}

func texts(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// checkFile asks SQLite whether tables and their indexes fit each other.
func (l *DB) checkFile(ctx context.Context) ([]audit.Fault, error) {
	said, err := texts(ctx, l.db, "PRAGMA integrity_check(10)")
	if err != nil {
		return []audit.Fault{{What: "SQLite can't read the file: " + err.Error()}}, nil //nolint:nilerr // that is what was to be found out
	}
	var out []audit.Fault
	for _, s := range said {
		if s != "ok" {
			out = append(out, audit.Fault{What: "the file is damaged: " + s})
		}
	}
	return out, nil
}

// checkTerms makes what entries are found by anew. Entries and terms are both read in order of entry, so that one pass is enough. Whether an entry
// is what was written is not looked at here.
func (l *DB) checkTerms(ctx context.Context) ([]audit.Fault, error) {
	tx, err := l.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // both as they are at one moment
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // there is nothing to take back
	entries, err := tx.QueryContext(ctx, "SELECT seq, recorded, entry FROM entries ORDER BY seq")
	if err != nil {
		return nil, err
	}
	defer func() { _ = entries.Close() }()
	rows, err := tx.QueryContext(ctx, "SELECT seq, kind, value FROM terms ORDER BY seq")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	terms := &termRows{rows: rows}
	if err := terms.next(); err != nil {
		return nil, err
	}
	var out []audit.Fault
	for entries.Next() {
		var seq, recorded int64
		var raw sql.RawBytes
		if err := entries.Scan(&seq, &recorded, &raw); err != nil {
			return nil, err
		}
		stray, err := terms.before(seq)
		if err != nil {
			return nil, err
		}
		got, err := terms.of(seq)
		if err != nil {
			return nil, err
		}
		var e audit.Entry
		if attest.DecodeJSON(raw, &e) != nil || stray || !same(got, e.Terms()) || e.When().UnixMilli() != recorded {
			out = append(out, audit.Fault{Seq: seq, What: "what it is found by, or its time, is not what it says"})
		}
	}
	if err := entries.Err(); err != nil {
		return nil, err
	}
	if !terms.done {
		out = append(out, audit.Fault{Seq: terms.seq, What: "it is listed in an index and not there"})
	}
	return out, nil
}

// same reports whether two lists hold the same terms, each once.
func same(got, want []audit.Term) bool {
	if len(got) != len(want) {
		return false
	}
	for _, t := range want {
		if !slices.Contains(got, t) {
			return false
		}
	}
	return true
}

// termRows reads terms in order of entry, one ahead.
type termRows struct {
	rows *sql.Rows
	seq  int64
	term audit.Term
	done bool
}

func (t *termRows) next() error {
	if !t.rows.Next() {
		t.done = true
		return t.rows.Err()
	}
	return t.rows.Scan(&t.seq, &t.term.Kind, &t.term.Value)
}

// before skips the terms of entries that come before one, and reports whether there were any.
func (t *termRows) before(seq int64) (bool, error) {
	found := false
	for !t.done && t.seq < seq {
		found = true
		if err := t.next(); err != nil {
			return found, err
		}
	}
	return found, nil
}

// of gives the terms of an entry.
func (t *termRows) of(seq int64) ([]audit.Term, error) {
	var out []audit.Term
	for !t.done && t.seq == seq {
		out = append(out, t.term)
		if err := t.next(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
