// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// zipSuffixes are the archives that syft unpacks while it looks for packages, archives inside them included.
var zipSuffixes = map[string]bool{
	".jar": true, ".war": true, ".ear": true, ".par": true, ".sar": true, ".nar": true, ".jpi": true, ".hpi": true, ".kar": true,
	".lpkg": true, ".rar": true, ".zip": true,
}

// budget counts what one archive unpacks to, by the bytes really read.
type budget struct {
	packed, bytes, entries, inner int64
}

func newBudget(packed int64) *budget { return &budget{packed: packed} }

func (b *budget) entry(name string) error {
	if b.entries++; b.entries > MaxArchiveFiles {
		return &LimitError{What: "entries of one archive", Path: name, Limit: MaxArchiveFiles}
	}
	return nil
}

func (b *budget) take(n int64, name string) error {
	b.bytes += n
	if b.bytes > MaxUnpackBytes || b.bytes < 0 {
		return &LimitError{What: "bytes unpacked from one archive", Path: name, Limit: MaxUnpackBytes}
	}
	if b.bytes > MaxRatioFree && b.bytes/MaxRatio > b.packed {
		return &LimitError{What: "times its packed size unpacked from one archive", Path: name, Limit: MaxRatio}
	}
	return nil
}

func (b *budget) reader(r io.Reader, name string) io.Reader { return &budgetReader{r, b, name} }

type budgetReader struct {
	r    io.Reader
	b    *budget
	name string
}

func (r *budgetReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if over := r.b.take(int64(n), r.name); over != nil {
		return 0, over
	}
	return n, err
}

// checkBombs looks at every zip-like archive before syft unpacks any of it.
func (t *Tree) checkBombs(ctx context.Context) error {
	for _, f := range t.files {
		if !zipSuffixes[strings.ToLower(path.Ext(f.path))] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := checkArchive(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func checkArchive(ctx context.Context, f entry) error {
	rc, err := f.open()
	if err != nil {
		return fmt.Errorf("reading %q: %w", f.path, err)
	}
	defer rc.Close()
	at, size, done, err := randomAccess(rc, f)
	if err != nil {
		return fmt.Errorf("reading %q: %w", f.path, err)
	}
	defer done()
	return checkZip(ctx, at, size, f.path, newBudget(size), 1)
}

// randomAccess gives rc as a ReaderAt: itself if it is a file, else a temporary copy.
func randomAccess(rc io.Reader, f entry) (io.ReaderAt, int64, func(), error) {
	if at, ok := rc.(io.ReaderAt); ok {
		return at, f.size, func() {}, nil
	}
	tmp, err := os.CreateTemp("", "sealock-zip-")
	if err != nil {
		return nil, 0, nil, err
	}
	done := func() { _, _ = tmp.Close(), os.Remove(tmp.Name()) }
	n, err := io.Copy(tmp, rc)
	if err != nil {
		done()
		return nil, 0, nil, err
	}
	return tmp, n, done, nil
}

// checkZip bounds an archive by its directory and follows the archives inside. The sizes of the directory may be trusted as upper
// bounds: the zip readers refuse an entry that unpacks to more than it claims. What is no zip at all is left to the cataloger.
func checkZip(ctx context.Context, at io.ReaderAt, size int64, name string, b *budget, depth int) error {
	if depth > MaxArchiveDepth {
		return &LimitError{What: "archives inside archives", Path: name, Limit: MaxArchiveDepth}
	}
	z, err := zip.NewReader(at, size)
	if err != nil {
		return nil //nolint:nilerr // no zip, so no bomb: what it is instead is for the cataloger to say
	}
	var packed uint64
	for _, e := range z.File {
		if err := b.entry(name); err != nil {
			return err
		}
		if packed += e.CompressedSize64; packed > uint64(size) {
			return fmt.Errorf("archive %q: its entries overlap (they claim more packed bytes than the file has), which only a bomb does", name)
		}
		if e.UncompressedSize64 > MaxUnpackBytes {
			return &LimitError{What: "bytes unpacked from one archive", Path: name, Limit: MaxUnpackBytes}
		}
		if err := b.take(int64(e.UncompressedSize64), name); err != nil {
			return err
		}
		if !zipSuffixes[strings.ToLower(path.Ext(e.Name))] || e.FileInfo().IsDir() {
			continue
		}
		if err := checkInner(ctx, e, name+"!"+e.Name, b, depth); err != nil {
			return err
		}
	}
	return nil
}

func checkInner(ctx context.Context, e *zip.File, name string, b *budget, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.inner++; b.inner > MaxArchives {
		return &LimitError{What: "archives inside one archive", Path: name, Limit: MaxArchives}
	}
	if e.UncompressedSize64 > MaxInnerArchive {
		return &LimitError{What: "bytes of an archive inside an archive", Path: name, Limit: MaxInnerArchive}
	}
	rc, err := e.Open()
	if err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	data, err := io.ReadAll(io.LimitReader(rc, int64(e.UncompressedSize64)+1))
	if err = errors.Join(err, rc.Close()); err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	return checkZip(ctx, bytes.NewReader(data), int64(len(data)), name, b, depth+1)
}
