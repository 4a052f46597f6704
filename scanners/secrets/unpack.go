// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Formats that are unpacked. Not xz: the decoder at hand takes as much memory as the file asks for.
const (
	formatZip   = "zip"
	formatTar   = "tar"
	formatGzip  = "gz"
	formatBzip2 = "bz2"
	formatZstd  = "zst"
)

// archiveFormat names the format by the first bytes, never by the file's name.
func archiveFormat(head []byte) string {
	begins := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case begins("PK\x03\x04"):
		return formatZip
	case begins("\x1f\x8b\x08"):
		return formatGzip
	case begins("BZh") && len(head) > 10 && string(head[4:10]) == "1AY&SY":
		return formatBzip2
	case begins("\x28\xb5\x2f\xfd"):
		return formatZstd
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return formatTar
	}
	return ""
}

// errBroken says that an archive can't be read any further. That is a matter of the file, not of the scan: it is listed as skipped.
var errBroken = errors.New("broken archive")

// unpack looks at the files in an archive. br reads it from its start; raw is the reader below br, in case that it reads at random.
func (s *scan) unpack(it item, format string, br io.Reader, raw io.Reader, size int64) error {
	if it.depth++; it.depth > maxDepth {
		return fmt.Errorf("%s: %w: archives are nested more than %d deep", clean(it.name), ErrLimit, maxDepth)
	}
	var err error
	switch format {
	case formatZip:
		err = s.unzip(it, br, raw, size)
	case formatTar:
		err = s.untar(it, br)
	default:
		err = s.decompress(it, format, br)
	}
	if errors.Is(err, errBroken) {
		s.skip(it.name)
		return nil
	}
	return err
}

// decompress looks at the one file in a compressed stream; it goes by the stream's own name, as in gitleaks.
func (s *scan) decompress(it item, format string, br io.Reader) error {
	var r io.Reader
	var err error
	switch format {
	case formatGzip:
		r, err = gzip.NewReader(br)
	case formatBzip2:
		r = bzip2.NewReader(br)
	case formatZstd:
		var z *zstd.Decoder
		if z, err = zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<28)); err == nil {
			defer z.Close()
			r = z
		}
	}
	if err != nil {
		return errBroken
	}
	return s.content(it, &inArchive{s: s, name: it.name, r: r}, -1)
}

// untar looks at the regular files of a tar stream. Nothing is written, so names are labels only.
func (s *scan) untar(it item, br io.Reader) error {
	tr := tar.NewReader(&inArchive{s: s, name: it.name, r: br, free: true})
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := s.member(it, h.Name, func() (io.Reader, error) { return tr, nil }); err != nil {
			return err
		}
	}
}

// unzip looks at the files of a zip file.
func (s *scan) unzip(it item, br io.Reader, raw io.Reader, size int64) error {
	at, size, done, err := s.random(it, br, raw, size)
	if err != nil {
		return err
	}
	defer done()
	zr, err := zip.NewReader(at, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return errBroken
	}
	for _, f := range zr.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if encrypted := f.Flags&1 != 0; encrypted {
			s.skip(it.name + "!" + f.Name)
			continue
		}
		if err := s.member(it, f.Name, func() (io.Reader, error) { return f.Open() }); err != nil {
			return err
		}
	}
	return nil
}

// member looks at one file of an archive. If it can't be read, it is listed as skipped and the next one has its turn.
func (s *scan) member(it item, name string, open func() (io.Reader, error)) error {
	if s.entries++; s.entries > maxEntries {
		return fmt.Errorf("%s: %w: more than %d files in archives", clean(it.name), ErrLimit, maxEntries)
	}
	in := item{name: it.name + "!" + name, inner: name, commit: it.commit, depth: it.depth}
	looked, err := s.admit(in)
	if err != nil || !looked {
		return err
	}
	r, err := open()
	if err != nil {
		s.skip(in.name)
		return nil
	}
	if c, ok := r.(io.Closer); ok {
		defer func() { _ = c.Close() }()
	}
	err = s.content(in, &inArchive{s: s, name: in.name, r: r}, -1)
	if errors.Is(err, errBroken) {
		s.skip(in.name)
		return nil
	}
	return err
}

// random gives the archive for reading at random: as it lies on disk, else as a temporary copy.
func (s *scan) random(it item, br io.Reader, raw io.Reader, size int64) (at io.ReaderAt, n int64, done func(), err error) {
	if c, ok := raw.(*counted); ok && it.depth == 1 {
		if ra, ok := c.r.(io.ReaderAt); ok {
			return countedAt{ra, c}, size, func() {}, nil
		}
	}
	tmp, err := os.CreateTemp(s.opt.TempDir, ".sealock-archive-*")
	if err != nil {
		return nil, 0, nil, fmt.Errorf("unpacking %s: %w", clean(it.name), err)
	}
	done = func() {
		_ = tmp.Close()
		_ = os.Remove(tmp.Name())
	}
	n, err = io.Copy(tmp, io.LimitReader(br, s.opt.MaxUnpacked+1))
	if err == nil && n > s.opt.MaxUnpacked {
		err = fmt.Errorf("%w: more than %d bytes in one archive", ErrLimit, s.opt.MaxUnpacked)
	}
	if err != nil {
		done()
		return nil, 0, nil, fmt.Errorf("unpacking %s: %w", clean(it.name), err)
	}
	return tmp, n, done, nil
}

// inArchive reads what comes out of an archive. It counts all such bytes of the scan, as really read, and tells errors of the
// archive's form from others.
type inArchive struct {
	s    *scan
	name string
	r    io.Reader
	free bool // the bytes are not unpacked ones
}

func (a *inArchive) Read(p []byte) (int, error) {
	if err := a.s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := a.r.Read(p)
	if !a.free {
		if a.s.unpacked += int64(n); a.s.unpacked > a.s.opt.MaxUnpacked && a.s.limit == nil {
			a.s.limit = fmt.Errorf("%s: %w: more than %d bytes came out of archives", clean(a.name), ErrLimit, a.s.opt.MaxUnpacked)
		}
		if a.s.limit != nil {
			return n, a.s.limit
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = broken(err)
	}
	return n, err
}

// broken marks what a decompressor said. A failing disk or a limit may be behind it; file looks for those at the end.
func broken(err error) error {
	return fmt.Errorf("%w: %w", errBroken, err)
}
