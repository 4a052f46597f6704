// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	v6 "github.com/anchore/grype/grype/db/v6"
	_ "github.com/glebarez/go-sqlite" // the driver named "sqlite", which grype links as well
	"github.com/mholt/archives"

	"github.com/sealock-dev/sealock/attest"
)

// MaxDatabase bounds the bytes of an unpacked database.
const MaxDatabase = 32 << 30

var sqliteMagic = []byte("SQLite format 3\x00")

// Import takes vulnerability data (an archive as grype's builder makes it, or the database file in it) and makes it the data of dir.
// It is checked first; if anything fails, what was in use stays in use.
func Import(ctx context.Context, archive, dir string) error {
	return importData(ctx, archive, dir, "", func(Status) error { return nil })
}

// importData also records where the archive came from, and lets accept refuse what is in it.
func importData(ctx context.Context, archive, dir, source string, accept func(Status) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("importing vulnerability data from %s: %w", archive, err)
		}
	}()
	archiveDigest, err := fileDigest(ctx, archive)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(dir, "tmp-import-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // a leftover harms nobody
	file := filepath.Join(tmp, v6.VulnerabilityDBFileName)
	if err := unpack(ctx, archive, file); err != nil {
		return err
	}
	st, err := prepare(ctx, tmp)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	st.Archive, st.Source = archiveDigest, source
	if err := accept(st); err != nil {
		return err
	}
	return activate(ctx, dir, tmp, st)
}

// unpack writes the one database in the archive to file.
func unpack(ctx context.Context, archive, file string) error {
	in, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer in.Close()
	head := make([]byte, len(sqliteMagic))
	if _, err := io.ReadFull(in, head); err != nil {
		return fmt.Errorf("%w: it is too short to be vulnerability data", ErrInvalid)
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if bytes.Equal(head, sqliteMagic) {
		return writeDatabase(ctx, in, file)
	}
	format, stream, err := archives.Identify(ctx, path.Base(archive), in)
	if err != nil {
		return fmt.Errorf("%w: it is neither an archive nor a database", ErrInvalid)
	}
	extractor, ok := format.(archives.Extractor)
	if !ok {
		return fmt.Errorf("%w: it is no archive of files (expected .tar.zst, .tar.xz or .tar.gz)", ErrInvalid)
	}
	found := 0
	err = extractor.Extract(ctx, stream, func(ctx context.Context, e archives.FileInfo) error {
		if path.Clean(e.NameInArchive) != v6.VulnerabilityDBFileName {
			return nil
		}
		if found++; found > 1 || !e.Mode().IsRegular() {
			return fmt.Errorf("%s is in it twice or is no file", v6.VulnerabilityDBFileName)
		}
		r, err := e.Open()
		if err != nil {
			return err
		}
		defer func() { _ = r.Close() }() // only read from
		return writeDatabase(ctx, r, file)
	})
	if err != nil {
		return fmt.Errorf("%w: unpacking: %w", ErrInvalid, err)
	}
	if found == 0 {
		return fmt.Errorf("%w: no %s is in it", ErrInvalid, v6.VulnerabilityDBFileName)
	}
	return nil
}

func writeDatabase(ctx context.Context, r io.Reader, file string) error {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(&ctxReader{ctx, r}, MaxDatabase+1))
	if err == nil && n > MaxDatabase {
		err = fmt.Errorf("the database has more than %d bytes", int64(MaxDatabase))
	}
	return errors.Join(err, out.Close())
}

// prepare checks the database in a folder, adds its indexes (grype's archives leave them out) and describes it.
func prepare(ctx context.Context, folder string) (Status, error) {
	file := filepath.Join(folder, v6.VulnerabilityDBFileName)
	if err := checkSQLite(ctx, file); err != nil {
		return Status{}, err
	}
	if _, err := describeFolder(folder); err != nil { // before anything is written: another schema is not migrated
		return Status{}, err
	}
	if err := v6.Hydrater()(folder); err != nil {
		return Status{}, fmt.Errorf("adding indexes: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return Status{}, err
	}
	st, err := describeFolder(folder)
	if err != nil {
		return Status{}, err
	}
	st.Digest, err = fileDigest(ctx, file)
	return st, err
}

func describeFolder(folder string) (Status, error) {
	r, err := openReader(folder)
	if err != nil {
		return Status{}, fmt.Errorf("opening it as schema %d: %w; get data of that schema", v6.ModelVersion, err)
	}
	info, err := describe(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return Status{}, err
	}
	return Status{Schema: info.Version, Built: info.Built, Updated: info.LastUpdate, Providers: info.Providers}, nil
}

// checkSQLite asks SQLite whether the file is whole.
func checkSQLite(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	var answer string
	err = db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer)
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("checking the database: %w", err)
	}
	if answer != "ok" {
		return fmt.Errorf("checking the database: %s", answer)
	}
	return nil
}

// activate moves the new data beside the old, switches to it by replacing one file, then removes the old.
func activate(ctx context.Context, dir, tmp string, st Status) error {
	old, oldErr := ReadStatus(dir)
	st.Folder = folderPrefix + st.Digest[len("sha256:"):][:16]
	target := filepath.Join(dir, st.Folder)
	if digest, err := fileDigest(ctx, filepath.Join(target, v6.VulnerabilityDBFileName)); err != nil || digest != st.Digest {
		if err := os.RemoveAll(target); err != nil {
			return err
		}
		if err := os.Rename(tmp, target); err != nil {
			return err
		}
	}
	if err := writeCurrent(dir, st); err != nil {
		return err
	}
	if oldErr == nil && old.Folder != st.Folder {
		return os.RemoveAll(filepath.Join(dir, old.Folder))
	}
	return nil
}

func writeCurrent(dir string, st Status) error {
	b, err := attest.EncodeJSON(st)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "tmp-current-")
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, currentFile))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
