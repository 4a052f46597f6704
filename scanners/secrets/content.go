// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/h2non/filetype"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners"
)

// item is one file to look into, in the tree, in a commit, or in an archive.
type item struct {
	name   string // in the tree: outer.zip!inner for a file in an archive
	inner  string // the name in the archive, or name
	commit string
	depth  int // archives around it
}

// file looks at one file of the walk.
func (s *scan) file(e scanners.FileEntry) error {
	s.visited++
	it := item{name: e.Path, inner: e.Path}
	looked, err := s.admit(it)
	if err != nil || !looked {
		return err
	}
	s.scope.Files++
	s.scope.Bytes += e.Size
	r, err := e.Open()
	if err != nil {
		return fmt.Errorf("opening %s: %w", clean(e.Path), err)
	}
	whole := &counted{r: r}
	err = s.content(it, whole, e.Size)
	if closed := r.Close(); err == nil && closed != nil {
		err = fmt.Errorf("closing %s: %w", clean(e.Path), closed)
	}
	if err == nil && (whole.ended && whole.n != e.Size || whole.n > e.Size) {
		err = fmt.Errorf("%s: read %d bytes, expected %d: the file changed during the scan; scan again", clean(e.Path), whole.n, e.Size)
	}
	return cmp.Or(s.failed(whole), err)
}

// failed is the error below an archive that its decompressor may have taken for one of form.
func (s *scan) failed(whole *counted) error {
	if whole.err != nil {
		return fmt.Errorf("reading: %w", whole.err)
	}
	return s.limit
}

// admit says whether a file is looked at, and notes it if it is not or if it tells scanners to ignore something.
func (s *scan) admit(it item) (bool, error) {
	if kind := ignoreFile(it.inner); kind != "" {
		if err := s.addSuppressed([]predicate.Suppressed{{Path: clean(it.name), Kind: kind}}); err != nil {
			return false, err
		}
	}
	if s.rules.skips(it.name) || it.inner != it.name && s.rules.skips(it.inner) {
		s.skip(it.name)
		return false, nil
	}
	for _, rule := range s.rules.skippedRules(it.name) {
		s.skip(it.name + " [" + rule + "]")
	}
	return true, nil
}

// content looks into one file: an archive's files, or text.
func (s *scan) content(it item, r io.Reader, size int64) error {
	br := bufio.NewReaderSize(r, sniffSize)
	head, err := br.Peek(sniffSize) // an error comes again where reading gets to it
	if len(head) == 0 && err != nil && err != io.EOF {
		return fmt.Errorf("reading %s: %w", clean(it.name), err)
	}
	at := fragment{path: it.name, commit: it.commit, line: 1, column: 1}
	if len(head) == 0 {
		return nil
	}
	if format := archiveFormat(head); format != "" {
		if err := s.send(at); err != nil { // rules about names
			return err
		}
		return s.unpack(it, format, br, r, size)
	}
	if isBinary(head) {
		s.skip(it.name)
		return s.send(at)
	}
	return s.text(at, utf8Text(head, br), s.opt.MaxFile)
}

// isBinary reports whether gitleaks would take the file for a program or another binary by its first bytes, and it is one: text that only begins
// like one is text.
func isBinary(head []byte) bool {
	kind, err := filetype.Match(head)
	return err == nil && kind.MIME.Type == "application" && bytes.IndexByte(head, 0) >= 0
}

// counted counts what is read and keeps the first error, which decompressors may hide.
type counted struct {
	r     io.Reader
	n     int64
	ended bool
	err   error
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.note(err)
	return n, err
}

func (c *counted) note(err error) {
	if errors.Is(err, io.EOF) {
		c.ended = true
	} else if c.err == nil {
		c.err = err
	}
}

// countedAt is a counted reader at random. The end of the file says nothing there.
type countedAt struct {
	at io.ReaderAt
	c  *counted
}

func (c countedAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.at.ReadAt(p, off)
	if err != io.EOF {
		c.c.note(err)
	}
	return n, err
}
