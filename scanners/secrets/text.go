// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	// chunkSize is how much text is looked at at once; overlap is how much of it the next chunk repeats, so that a secret of up
	// to that length is whole in one of them.
	chunkSize = 128 << 10
	overlap   = 16 << 10
	// sniffSize is how much of a file tells what it is.
	sniffSize = 8 << 10
)

// text cuts what r reads into fragments. At most limit bytes may come; added are the lines that count, nil for all.
func (s *scan) text(at fragment, r io.Reader, limit int64) error {
	if s.buf == nil {
		s.buf = make([]byte, chunkSize)
	}
	buf := s.buf[:0]
	var total int64
	for {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if total += int64(n); total > limit {
			return fmt.Errorf("%s: %w: more than %d bytes of text in one file", clean(at.path), ErrLimit, limit)
		}
		// Compared, not unwrapped: a broken archive wraps such errors too.
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		at.text, at.own = string(buf), len(buf)
		if err == nil {
			at.own = cut(buf)
		}
		if err := s.send(at); err != nil || last {
			return err
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", clean(at.path), err)
		}
		at.line, at.column = advance(at.line, at.column, buf[:at.own])
		buf = append(buf[:0], buf[at.own:]...)
	}
}

// cut is where the chunk after this one begins: at the start of a line if there is one, else between two characters.
func cut(buf []byte) int {
	at := len(buf) - overlap
	if nl := bytes.LastIndexByte(buf[:at], '\n'); nl >= at/2 {
		return nl + 1
	}
	for i := at; i > at-utf8.UTFMax; i-- {
		if utf8.RuneStart(buf[i]) {
			return i
		}
	}
	return at
}

// advance is the line and column after the text.
func advance(line, column int, text []byte) (int, int) {
	if nl := bytes.LastIndexByte(text, '\n'); nl >= 0 {
		return line + bytes.Count(text, []byte{'\n'}), 1 + utf8.RuneCount(text[nl+1:])
	}
	return line, column + utf8.RuneCount(text)
}

// utf8Text gives text as UTF-8 without a byte order mark. head is what r begins with.
func utf8Text(head []byte, r io.Reader) io.Reader {
	decode := func(order unicode.Endianness) io.Reader {
		return transform.NewReader(r, unicode.UTF16(order, unicode.UseBOM).NewDecoder())
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return transform.NewReader(r, unicode.UTF8BOM.NewDecoder())
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return decode(unicode.LittleEndian)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return decode(unicode.BigEndian)
	}
	// Without a mark: ASCII as UTF-16 has a zero in every second byte. Ten characters tell it from a stray one.
	even, odd := 0, 0
	for i, b := range head {
		if b != 0 {
			continue
		}
		if i%2 == 0 {
			even++
		} else {
			odd++
		}
	}
	half := len(head) / 2
	switch {
	case half >= 10 && even == 0 && odd >= half*4/5:
		return decode(unicode.LittleEndian)
	case half >= 10 && odd == 0 && even >= half*4/5:
		return decode(unicode.BigEndian)
	}
	return r
}
