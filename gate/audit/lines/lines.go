// SPDX-License-Identifier: Apache-2.0

package lines

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/audit"
)

// Schema names the form of the file.
const Schema = "sealock/ledger-lines/v1"

const (
	maxLine  = audit.MaxDocument*4/3 + 4096 // bytes of one line
	lockWait = 10 * time.Millisecond        // between two tries to lock the file
)

// line is one line of the file. Exactly one of the parts is there.
type line struct {
	Schema   string          `json:"schema,omitempty"`
	Document string          `json:"document,omitempty"`
	Bytes    []byte          `json:"bytes,omitempty"`
	Hash     string          `json:"hash,omitempty"`
	Entry    json.RawMessage `json:"entry,omitempty"`
}

// span is where a line lies in the file.
type span struct{ at, size int64 }

// File is a ledger. It is safe for concurrent use, by several processes too.
type File struct {
	path  string
	write bool

	mu        sync.Mutex
	f         *os.File
	end       int64 // of what was read
	read      int   // lines of that
	head      audit.Head
	entries   []span
	documents map[string]span
	faults    []audit.Fault
}

// Is reports whether a file is a ledger of this form.
func Is(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	want := []byte(`{"schema":"` + Schema + `"}` + "\n")
	got := make([]byte, len(want))
	_, err = io.ReadFull(f, got)
	return err == nil && bytes.Equal(got, want)
}

// Open opens a ledger for writing and makes it if it is not there, readable for its owner alone.
func Open(ctx context.Context, path string) (*File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("opening ledger: %w", err)
	}
	return open(ctx, path, os.O_CREATE|os.O_RDWR|os.O_APPEND, true)
}

// Read opens a ledger that is there, to look at it.
func Read(ctx context.Context, path string) (*File, error) {
	return open(ctx, path, os.O_RDONLY, false)
}

func open(ctx context.Context, path string, flag int, write bool) (*File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("opening ledger %s: expected a file", path)
	}
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening ledger: %w\nhint: name the file with --ledger", err)
	}
	l := &File{path: path, write: write, f: f, documents: map[string]span{}}
	if err := l.locked(ctx, l.catchUp); err != nil {
		_ = f.Close()
		return nil, err
	}
	return l, nil
}

// Close ends the use of the file.
func (l *File) Close() error { return l.f.Close() }

// locked does something while nobody else writes to the file.
func (l *File) locked(ctx context.Context, do func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		held, err := lock(l.f, l.write)
		if err != nil {
			return fmt.Errorf("locking ledger %s: %w", l.path, err)
		}
		if held {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for others who write to ledger %s: %w", l.path, ctx.Err())
		case <-time.After(lockWait):
		}
	}
	defer unlock(l.f)
	if err := do(); err != nil {
		return fmt.Errorf("ledger %s: %w", l.path, err)
	}
	return nil
}

// catchUp reads what others added, and writes the first line of a new file.
func (l *File) catchUp() error {
	info, err := l.f.Stat()
	if err != nil {
		return err
	}
	now, err := os.Stat(l.path)
	switch {
	case err != nil || !os.SameFile(info, now):
		return errors.New("the file was replaced while it was open")
	case info.Size() < l.end:
		return fmt.Errorf("%w: the file is shorter than it was: lines were removed from its end", audit.ErrDamaged)
	case info.Size() == 0 && l.write:
		return l.add(line{Schema: Schema})
	}
	in := bufio.NewReaderSize(io.NewSectionReader(l.f, l.end, info.Size()-l.end), 1<<16)
	for {
		raw, err := readLine(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := l.take(raw); err != nil {
			return err
		}
	}
	if l.write && l.end < info.Size() { // half a line, of a writer that was killed
		return l.f.Truncate(l.end)
	}
	return nil
}

// readLine reads one whole line. What is not ended is io.EOF.
func readLine(in *bufio.Reader) ([]byte, error) {
	var out []byte
	for {
		part, err := in.ReadSlice('\n')
		if out = append(out, part...); len(out) > maxLine {
			return nil, fmt.Errorf("%w: a line has more than %d bytes", audit.ErrDamaged, maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return out, err
		}
	}
}

// take notes where a line lies.
func (l *File) take(raw []byte) error {
	l.read++
	at := span{l.end, int64(len(raw))}
	l.end += at.size
	var x line
	err := attest.DecodeJSON(raw, &x)
	switch {
	case l.read == 1 && (err != nil || x.Schema != Schema):
		return fmt.Errorf("the first line is of schema %.40q, expected %q\nhint: name another file, or use the full program, which keeps ledgers in a database", x.Schema, Schema)
	case l.read == 1:
	case err == nil && x.Document != "":
		if _, there := l.documents[x.Document]; !there {
			l.documents[x.Document] = at
		}
	case err == nil && x.Hash != "":
		l.entries = append(l.entries, at)
		l.head = audit.Head{Seq: int64(len(l.entries)), Hash: x.Hash}
	default:
		l.faults = append(l.faults, audit.Fault{What: fmt.Sprintf("line %d is neither a document nor an entry", l.read)})
	}
	return nil
}

// add writes lines at the end of the file, and returns when they are on the disk.
func (l *File) add(all ...line) error {
	var b bytes.Buffer
	ends := make([]int, 0, len(all))
	for _, x := range all {
		raw, err := attest.EncodeJSON(x)
		if err != nil {
			return err
		}
		b.Write(append(raw, '\n'))
		ends = append(ends, b.Len())
	}
	_, err := l.f.Write(b.Bytes())
	if err == nil {
		err = l.f.Sync()
	}
	if err != nil {
		return errors.Join(err, l.f.Truncate(l.end))
	}
	from := 0
	for _, to := range ends {
		if err := l.take(b.Bytes()[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// Append implements audit.Ledger.
func (l *File) Append(ctx context.Context, documents []audit.Document, next func(audit.Head) (audit.Entry, audit.Line, error)) (audit.Head, error) {
	if !l.write {
		return audit.Head{}, fmt.Errorf("ledger %s was opened to be read", l.path)
	}
	err := l.locked(ctx, func() error {
		if err := l.catchUp(); err != nil {
			return err
		}
		_, entry, err := next(l.head)
		if err != nil {
			return err
		}
		var all []line
		added := map[string]bool{}
		for _, d := range documents {
			name := d.Digest.String()
			if _, there := l.documents[name]; !there && !added[name] {
				added[name] = true
				all = append(all, line{Document: name, Bytes: d.Bytes})
			}
		}
		return l.add(append(all, line{Hash: entry.Hash, Entry: entry.Raw})...)
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head, err
}
