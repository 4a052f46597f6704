// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Copied says how a blob came to be where it was wanted.
type Copied int

// The ways, cheapest first.
const (
	Present  Copied = iota // it was there
	Mounted                // the registry took it from another of its repositories
	Uploaded               // its bytes were sent
)

// Blobs gives content by descriptor. It must hold what it writes against the descriptor, as Repository does.
type Blobs interface {
	Blob(ctx context.Context, d Descriptor, w io.Writer) error
}

// HasBlob asks whether the repository has a blob, and whether it is as long as the descriptor says. The answer is the registry's word.
func (r *Repository) HasBlob(ctx context.Context, d Descriptor) (bool, error) {
	op := "looking up blob " + d.Digest.String() + " of " + r.name
	if _, err := hasher(d.Digest); err != nil {
		return false, about(err, op, nil)
	}
	var has bool
	err := r.repeat(ctx, func() (err error) {
		has, err = r.statBlob(ctx, op, d, actPull)
		return err
	})
	return has, err
}

// statBlob is one such question. A length or digest that differs is an error: nothing else can be stored under that digest.
func (r *Repository) statBlob(ctx context.Context, op string, d Descriptor, actions string) (bool, error) {
	a, err := r.deliver(ctx, call{op: op, method: http.MethodHead, path: "/v2/" + r.path + "/blobs/" + d.Digest.String(), actions: actions})
	if err != nil {
		return false, about(err, op, nil)
	}
	defer a.body.end()
	switch a.status {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return false, nil
	default:
		return false, about(r.failure(ctx, a), op, a.url)
	}
	if n, err := strconv.ParseInt(a.header.Get("Content-Length"), 10, 64); err == nil && n != d.Size {
		return false, about(fail(DigestMismatch, "the registry says %d bytes, the descriptor says %d", n, d.Size), op, a.url)
	}
	if got := a.header.Get("Docker-Content-Digest"); got != "" && got != d.Digest.String() {
		return false, about(fail(DigestMismatch, "expected %s, the registry says %s", d.Digest, printable(got, 100)), op, a.url)
	}
	return true, nil
}

// CopyBlob makes the repository hold a blob that lies elsewhere. Nothing is sent if it is there; it is mounted where it lies in another repository of
// the same registry, which then moves no byte; else it is read and sent at the same time, never held in memory. Both ends hash it.
func (r *Repository) CopyBlob(ctx context.Context, d Descriptor, from Blobs) (Copied, error) {
	op := "copying blob " + d.Digest.String() + " to " + r.name
	if _, err := hasher(d.Digest); err != nil {
		return Present, about(err, op, nil)
	}
	if d.Size < 0 {
		return Present, about(fail(Malformed, "the descriptor says %d bytes", d.Size), op, nil)
	}
	release, err := r.within(ctx, from)
	if err != nil {
		return Present, about(err, op, nil)
	}
	defer release()
	how := Present
	err = r.repeat(ctx, func() error {
		has, err := r.statBlob(ctx, op, d, actPush)
		if err != nil || has {
			return err
		}
		to, mounted, err := r.mount(ctx, op, d, from)
		if err != nil {
			return err
		}
		if mounted {
			how = Mounted
			return nil
		}
		how = Uploaded
		return r.stream(ctx, op, d, to, from)
	})
	return how, err
}

// within waits for the turn of a copy that stays within one host.
func (r *Repository) within(ctx context.Context, from Blobs) (release func(), err error) {
	other, ok := from.(*Repository)
	if !ok || other.host != r.host {
		return func() {}, nil
	}
	select {
	case r.host.copies <- struct{}{}:
		return func() { <-r.host.copies }, nil
	case <-ctx.Done():
		return nil, sortError(ctx.Err())
	}
}

// mount asks the registry to take the blob from where it lies, if that is one of its own repositories. If it does not, nothing is lost: an upload has
// begun, at the address that is given (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#mounting-a-blob-from-another-repository).
func (r *Repository) mount(ctx context.Context, op string, d Descriptor, from Blobs) (to *url.URL, mounted bool, err error) {
	other, ok := from.(*Repository)
	if ok && other.host == r.host && other.path != r.path {
		query := "?" + url.Values{"mount": {d.Digest.String()}, "from": {other.path}}.Encode()
		to, mounted, err = r.begin(ctx, op, query, actPush+" "+other.scope(actPull))
		if code := CodeOf(err); err == nil || code != Unauthorized && code != Denied && code != NotFound && code != Unsupported {
			return to, mounted, err
		} // it may not be read from there by who pushes here
	}
	return r.begin(ctx, op, "", actPush)
}

// begin opens an upload. It is done at once where a mount was asked for and granted.
func (r *Repository) begin(ctx context.Context, op, query, actions string) (to *url.URL, done bool, err error) {
	a, err := r.deliver(ctx, call{op: op, method: http.MethodPost, path: "/v2/" + r.path + "/blobs/uploads/" + query, body: []byte{}, actions: actions})
	if err != nil {
		return nil, false, about(err, op, nil)
	}
	switch {
	case a.status == http.StatusCreated && query != "":
		a.close()
		return nil, true, nil
	case a.status != http.StatusAccepted:
		return nil, false, about(r.failure(ctx, a), op, a.url)
	}
	to, err = resolveURL(a.url, a.header.Get("Location"))
	a.close()
	return to, false, about(err, op, a.url)
}

// stream sends a blob while it is read.
func (r *Repository) stream(ctx context.Context, op string, d Descriptor, to *url.URL, from Blobs) error {
	source := &source{d: d, from: from}
	q := call{op: op, method: http.MethodPut, to: withDigest(to, d), actions: actPush, header: http.Header{"Content-Type": {"application/octet-stream"}},
		source: source, budget: 2 * (r.client.small + time.Duration(d.Size/MinRate)*time.Second)}
	if d.Size == 0 {
		q.source, q.body = nil, []byte{}
	}
	a, err := r.deliver(ctx, q)
	if failed := source.failure(); failed != nil {
		if err == nil {
			a.close()
		}
		return failed // what the other end made of that says nothing
	}
	if err != nil {
		return about(err, op, nil)
	}
	return r.stored(ctx, a, op, d.Digest)
}

func withDigest(to *url.URL, d Descriptor) *url.URL {
	v := to.Query()
	v.Set("digest", d.Digest.String())
	out := *to
	out.RawQuery = v.Encode()
	return &out
}

// source is a request's body that is read from elsewhere while it is sent.
type source struct {
	d    Descriptor
	from Blobs

	mu  sync.Mutex
	err error
}

// open starts to read, and returns when the first bytes are there: a registry that copies to itself may answer no reads while it takes a blob.
func (s *source) open(ctx context.Context, w *watch) io.ReadCloser {
	h := &handed{pieces: make(chan []byte), taken: make(chan struct{}), closed: make(chan struct{}), watch: w}
	go func() { // ends when the reader is closed
		err := s.from.Blob(ctx, s.d, h)
		if err != nil && !errors.Is(err, io.ErrClosedPipe) && ctx.Err() == nil {
			s.mu.Lock()
			s.err = err
			s.mu.Unlock()
		}
		if h.err = err; err == nil {
			h.err = io.EOF
		}
		close(h.pieces)
	}()
	h.piece = <-h.pieces
	return h
}

func (s *source) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// handed is a body whose pieces one goroutine writes and another reads. A piece is handed over as it is: io.Pipe would wake both for each part that is read
// of it, which is half the work of copying a blob.
type handed struct {
	pieces chan []byte   // closed when there are no more
	taken  chan struct{} // a piece was read
	closed chan struct{} // nobody reads any more
	once   sync.Once
	piece  []byte
	err    error // set before pieces is closed
	watch  *watch
}

func (h *handed) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	select {
	case h.pieces <- p:
	case <-h.closed:
		return 0, io.ErrClosedPipe
	}
	select {
	case <-h.taken:
		return len(p), nil
	case <-h.closed:
		return 0, io.ErrClosedPipe
	}
}

func (h *handed) Read(b []byte) (int, error) {
	h.watch.touch()
	if len(h.piece) == 0 {
		piece, more := <-h.pieces
		if !more {
			return 0, h.err
		}
		h.piece = piece
	}
	n := copy(b, h.piece)
	if h.piece = h.piece[n:]; len(h.piece) == 0 {
		select {
		case h.taken <- struct{}{}:
		case <-h.closed:
		}
	}
	return n, nil
}

// Close may be called at any time, more than once, and while it is read.
func (h *handed) Close() error {
	h.once.Do(func() { close(h.closed) })
	return nil
}

// Direct is the repository itself, without mirrors: for reading back what was written there.
func (r *Repository) Direct() *Repository {
	own := *r
	own.mirrors = nil
	return &own
}
