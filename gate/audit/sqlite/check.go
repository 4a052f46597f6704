// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

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
	defer memory.Close()
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
	defer rows.Close()
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
		return []audit.Fault{{What: "SQLite can't read the file: " + err.Error()}}, nil
	}
	var out []audit.Fault
	for _, s := range said {
		if s != "ok" {
			out = append(out, audit.Fault{What: "the file is damaged: " + s})
		}
	}
	return out, nil
}

// checkTerms makes what entries are found by anew. Both lists come in order of entry, so that one pass over each is enough.
func (l *DB) checkTerms(ctx context.Context) ([]audit.Fault, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT e.seq, e.recorded, e.entry, t.kind, t.value FROM entries e LEFT JOIN terms t ON t.seq = e.seq ORDER BY e.seq`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []audit.Fault
	var at struct {
		seq   int64
		left  map[audit.Term]bool
		wrong bool
	}
	flush := func() {
		if at.wrong || len(at.left) > 0 {
			out = append(out, audit.Fault{Seq: at.seq, What: "what it is found by, or its time, is not what it says"})
		}
	}
	for rows.Next() {
		var seq, recorded int64
		var raw []byte
		var kind, value sql.NullString
		if err := rows.Scan(&seq, &recorded, &raw, &kind, &value); err != nil {
			return nil, err
		}
		if seq != at.seq || at.left == nil {
			flush()
			at.seq, at.wrong, at.left = seq, false, map[audit.Term]bool{}
			if e, err := audit.DecodeEntry(raw); err != nil {
				at.wrong = true
			} else {
				at.wrong = e.When().UnixMilli() != recorded
				for _, t := range e.Terms() {
					at.left[t] = true
				}
			}
		}
		if kind.Valid {
			t := audit.Term{Kind: kind.String, Value: value.String}
			at.wrong = at.wrong || !at.left[t]
			delete(at.left, t)
		}
	}
	flush()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	var stray int
	if err := l.db.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT DISTINCT seq FROM terms) t WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.seq = t.seq)").Scan(&stray); err != nil {
		return nil, err
	}
	if stray > 0 {
		out = append(out, audit.Fault{What: fmt.Sprintf("%d entries that are not there are listed in the indexes", stray)})
	}
	return out, nil
}
