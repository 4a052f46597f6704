// SPDX-License-Identifier: Apache-2.0

// Package sqlite keeps an audit.Ledger in one SQLite file.
//
// Many processes may write at once: each append is one immediate transaction in write-ahead mode, on the disk when it returns. Documents are
// compressed. The file must lie on a local file system: the shared memory of write-ahead mode does not work over a network.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/glebarez/go-sqlite" // the driver named "sqlite"; a second one of that name would panic
	"github.com/klauspost/compress/zstd"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/audit"
)

const (
	busyTimeout = 30 * time.Second // how long a writer waits for those before it
	openTries   = 200              // SQLite does not wait while two processes make the same new file
	openPause   = 25 * time.Millisecond
)

// DB is an open ledger.
type DB struct {
	db   *sql.DB
	file string
	enc  *zstd.Encoder
	dec  *zstd.Decoder
}

// Open opens a ledger for writing and makes it if it is not there, readable for its owner alone.
func Open(ctx context.Context, file string) (*DB, error) {
	if err := prepare(file); err != nil {
		return nil, fmt.Errorf("opening ledger %s: %w", file, err)
	}
	l, err := open(file, "rwc", "synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	if err := l.migrate(ctx); err != nil {
		_ = l.db.Close()
		return nil, fmt.Errorf("opening ledger %s: %w", file, err)
	}
	return l, nil
}

// Read opens a ledger that is there, to look at it.
func Read(ctx context.Context, file string) (*DB, error) {
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("expected a file")
	}
	if err != nil {
		return nil, fmt.Errorf("opening ledger: %w\nhint: name the file with --ledger", err)
	}
	l, err := open(file, "rw", "query_only(ON)")
	if err != nil {
		return nil, err
	}
	if _, err := l.version(ctx); err != nil {
		_ = l.db.Close()
		return nil, fmt.Errorf("opening ledger %s: %w", file, err)
	}
	return l, nil
}

// prepare makes the file with the right of its owner alone before SQLite would make it readable for others.
func prepare(file string) error {
	info, err := os.Lstat(file)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		if info, err = os.Stat(file); err == nil && !info.Mode().IsRegular() {
			return errors.New("expected a file")
		}
		return err
	case err == nil && !info.Mode().IsRegular():
		return errors.New("expected a file")
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func open(file, mode string, pragmas ...string) (*DB, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}}
	for _, p := range append([]string{fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "trusted_schema(OFF)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}).String()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("opening ledger %s: %w", file, err)
	}
	db.SetMaxOpenConns(4) // documents are read while entries are
	l := &DB{db: db, file: file}
	if l.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)); err != nil {
		return nil, err
	}
	l.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(audit.MaxDocument))
	return l, err
}

// Close ends the use of the file.
func (l *DB) Close() error {
	l.dec.Close()
	return l.db.Close()
}

// migrate brings the file to this program's version of the schema. Several processes may do so at once.
func (l *DB) migrate(ctx context.Context) error {
	for try := 1; ; try++ {
		err := l.tryMigrate(ctx)
		if err == nil || try == openTries || !busy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(openPause):
		}
	}
}

func busy(err error) bool {
	var coded interface{ Code() int }
	const sqliteBusy, sqliteLocked = 5, 6
	return errors.As(err, &coded) && (coded.Code()&0xff == sqliteBusy || coded.Code()&0xff == sqliteLocked)
}

func (l *DB) tryMigrate(ctx context.Context) error {
	v, err := l.version(ctx)
	if v == len(migrations) || (err != nil && !errors.Is(err, errEmpty)) {
		return err
	}
	if v == 0 { // the file keeps it; SQLite does not change it within a transaction
		if _, err := l.db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
			return err
		}
	}
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	var done int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&done); err != nil {
		return err
	}
	for ; done < len(migrations); done++ {
		if _, err := tx.ExecContext(ctx, migrations[done]); err != nil {
			return fmt.Errorf("bringing it to version %d: %w", done+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", done, applicationID)); err != nil {
		return err
	}
	return tx.Commit()
}

// errEmpty says that the file has no content yet.
var errEmpty = errors.New("the file is empty")

// version reads the version of the schema. A file of something else, or of a newer sealock, is an error.
func (l *DB) version(ctx context.Context) (int, error) {
	var v, id, tables int
	err := l.db.QueryRowContext(ctx, "SELECT (SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_master)").Scan(&v, &id, &tables)
	switch {
	case err != nil && strings.Contains(err.Error(), "not a database"):
		return 0, errors.New("it is no ledger\nhint: name another file with --ledger")
	case err != nil:
		return 0, err
	case v == 0 && id == 0 && tables == 0:
		return 0, errEmpty
	case id != applicationID:
		return 0, errors.New("it is a database of something else\nhint: name another file with --ledger")
	case v > len(migrations):
		return 0, fmt.Errorf("it has version %d, and this sealock knows up to %d\nhint: use a newer one", v, len(migrations))
	}
	return v, nil
}

// Append adds one entry with its documents.
func (l *DB) Append(ctx context.Context, documents []audit.Document, next func(audit.Head) (audit.Entry, audit.Line, error)) (audit.Head, error) {
	head, err := l.append(ctx, documents, next)
	if err != nil {
		return audit.Head{}, fmt.Errorf("writing ledger %s: %w", l.file, err)
	}
	return head, nil
}

func (l *DB) append(ctx context.Context, documents []audit.Document, next func(audit.Head) (audit.Entry, audit.Line, error)) (audit.Head, error) {
	fresh, err := l.compress(ctx, documents) // before the lock is taken
	if err != nil {
		return audit.Head{}, err
	}
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return audit.Head{}, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	for _, d := range fresh {
		if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO documents VALUES (?, ?, ?)", d.digest, d.size, d.content); err != nil {
			return audit.Head{}, err
		}
	}
	head, err := headOf(ctx, tx)
	if err != nil {
		return audit.Head{}, err
	}
	e, line, err := next(head)
	if err != nil {
		return audit.Head{}, err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO entries VALUES (?, ?, ?, ?)", line.Seq, line.Hash, e.When().UnixMilli(), line.Raw); err != nil {
		return audit.Head{}, err
	}
	for _, t := range e.Terms() {
		if _, err := tx.ExecContext(ctx, "INSERT INTO terms VALUES (?, ?, ?)", t.Kind, t.Value, line.Seq); err != nil {
			return audit.Head{}, err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE head SET seq = ?, hash = ?", line.Seq, line.Hash); err != nil {
		return audit.Head{}, err
	}
	return audit.Head{Seq: line.Seq, Hash: line.Hash}, tx.Commit()
}

// packed is a document as it is stored.
type packed struct {
	digest  string
	size    int
	content []byte
}

// compress gives the documents that are not there yet.
func (l *DB) compress(ctx context.Context, documents []audit.Document) ([]packed, error) {
	there, err := l.db.PrepareContext(ctx, "SELECT 1 FROM documents WHERE digest = ?")
	if err != nil {
		return nil, err
	}
	defer func() { _ = there.Close() }()
	var out []packed
	seen := map[attest.Digest]bool{}
	for _, d := range documents {
		if seen[d.Digest] {
			continue
		}
		seen[d.Digest] = true
		var one int
		err := there.QueryRowContext(ctx, d.Digest.String()).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			out = append(out, packed{d.Digest.String(), len(d.Bytes), l.enc.EncodeAll(d.Bytes, nil)})
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// queryer is a database or a transaction on it.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func headOf(ctx context.Context, q queryer) (audit.Head, error) {
	var h audit.Head
	if err := q.QueryRowContext(ctx, "SELECT seq, hash FROM head WHERE id = 1").Scan(&h.Seq, &h.Hash); err != nil {
		return h, fmt.Errorf("reading its head: %w", err)
	}
	return h, nil
}
