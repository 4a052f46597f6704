// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// currentFile names the data in use; the data itself lies in a folder of its own beside it. Replacing this file is what makes an
// import happen wholly or not at all.
const currentFile = "current.json"

const folderPrefix = "data-"

const maxCurrent = 1 << 20

// Status describes the imported data without opening it.
type Status struct {
	Folder    string                   `json:"folder"`        // below the data directory
	Digest    string                   `json:"digest"`        // sha256:… of the database file
	Archive   string                   `json:"archiveDigest"` // sha256:… of what was imported
	Source    string                   `json:"source"`        // where that came from: a URL without login data, or empty
	Schema    string                   `json:"schema"`
	Built     string                   `json:"built"`      // RFC 3339
	Updated   string                   `json:"lastUpdate"` // RFC 3339, as in predicate.VulnDB
	Providers []predicate.DataProvider `json:"providers"`
}

// ReadStatus tells what data dir holds. It is quick: the data is not read, so it is not checked either. ErrNoData if there is none.
func ReadStatus(dir string) (Status, error) {
	if dir == "" {
		return Status{}, fmt.Errorf("%w: no folder is configured; set --db or SEALOCK_DB", ErrNoData)
	}
	b, err := readLimited(filepath.Join(dir, currentFile), maxCurrent)
	if errors.Is(err, fs.ErrNotExist) || isNotDir(dir) {
		return Status{}, fmt.Errorf("%w in %s; run sealock db update, or sealock db import FILE, or name the right folder with --db or SEALOCK_DB", ErrNoData, dir)
	}
	if err != nil {
		return Status{}, fmt.Errorf("reading the state of vulnerability data: %w", err)
	}
	var st Status
	if err := attest.DecodeJSON(b, &st); err != nil {
		return Status{}, fmt.Errorf("%w: %s: %w", ErrInvalid, filepath.Join(dir, currentFile), err)
	}
	if !strings.HasPrefix(st.Folder, folderPrefix) || strings.ContainsAny(st.Folder, `/\`) {
		return Status{}, fmt.Errorf("%w: %s names the folder %q, expected %s…", ErrInvalid, filepath.Join(dir, currentFile), st.Folder, folderPrefix)
	}
	if _, err := attest.ParseDigest(st.Digest); err != nil {
		return Status{}, fmt.Errorf("%w: %s: %w", ErrInvalid, filepath.Join(dir, currentFile), err)
	}
	return st, nil
}

func isNotDir(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && !info.IsDir()
}

func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return b, err
}

// fileDigest is the sha256 of a file.
func fileDigest(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, &ctxReader{ctx, f}); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// ctxReader stops reading when the context ends.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *ctxReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
