// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

var acceptManifest = http.Header{"Accept": {strings.Join([]string{TypeIndex, TypeManifest, TypeDockerList, TypeDockerManifest}, ", ")}}

// ask sends a call until it is answered with success, and reads the whole answer, which is bounded.
func (r *Repository) ask(ctx context.Context, q call, limit int64, what string) (raw []byte, header http.Header, err error) {
	err = r.repeat(ctx, func() error {
		a, err := r.deliver(ctx, q)
		if err != nil {
			return about(err, q.op, nil)
		}
		defer a.body.end()
		if a.status != http.StatusOK {
			return about(r.failure(ctx, a), q.op, a.url)
		}
		header = a.header
		length, _ := strconv.ParseInt(a.header.Get("Content-Length"), 10, 64) // 0: not said
		raw, err = readAll(a.body, length, limit, what)
		return about(err, q.op, a.url)
	})
	return raw, header, err
}

// failure is an answer's failure, with the credential that was in use. Where that can't be had any more the answer still says it all.
func (r *Repository) failure(ctx context.Context, a *answer) error {
	cred, err := r.credential(ctx)
	if err != nil {
		cred = Credential{}
	}
	return a.failure(cred)
}

// Manifest reads a manifest by tag or by digest. Its digest is computed from what came, and must be the one that was asked for.
func (r *Repository) Manifest(ctx context.Context, ref string) (Manifest, error) {
	want, err := checkRef(ref)
	if err != nil {
		return Manifest{}, about(err, "reading a manifest of "+r.name, nil)
	}
	if !want.IsZero() {
		for _, m := range r.mirrors {
			if got, err := m.manifest(ctx, ref, want); err == nil {
				return got, nil
			}
		}
	}
	return r.manifest(ctx, ref, want)
}

func (r *Repository) manifest(ctx context.Context, ref string, want attest.Digest) (Manifest, error) {
	q := call{op: "reading manifest " + ref + " of " + r.name, method: http.MethodGet, path: "/v2/" + r.path + "/manifests/" + ref, header: acceptManifest, actions: actPull}
	raw, header, err := r.ask(ctx, q, MaxManifest, "the manifest")
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Digest: attest.SHA256(raw), Raw: raw}
	m.MediaType, err = manifestType(header, raw)
	if err == nil && !want.IsZero() && m.Digest != want {
		err = fail(DigestMismatch, "expected %s, found content of %s", want, m.Digest).hint("the registry, or somebody in between, changed it; don't trust it")
	}
	if err != nil {
		return Manifest{}, about(err, q.op, nil)
	}
	return m, nil
}

// manifestType is what the registry calls a manifest, after a look at whether it can be one.
func manifestType(h http.Header, raw []byte) (string, error) {
	kind := mediaType(h)
	body := bytes.TrimSpace(raw)
	switch {
	case strings.HasPrefix(kind, "application/vnd.docker.distribution.manifest.v1+"):
		return "", fail(Unsupported, "the manifest is of Docker's schema 1").hint("build or push the image again with a current tool: schema 1 was withdrawn in 2019 and names no content safely")
	case len(body) == 0:
		return "", fail(Malformed, "the answer is empty, expected a manifest")
	case kind == "text/html" || body[0] != '{' || body[len(body)-1] != '}':
		return "", fail(Malformed, "the answer is no manifest (content type %.60q)", kind).hint("this is no registry's answer: check the name, and the proxy in between")
	case kind == "application/json", kind == "application/octet-stream", kind == "text/plain":
		return "", nil // what servers say that don't know
	}
	return kind, nil
}

// Head asks what a tag names, without reading it where the registry answers that. The digest is then the registry's word: hold what
// is read later against it.
func (r *Repository) Head(ctx context.Context, ref string) (Descriptor, error) {
	op := "looking up " + ref + " of " + r.name
	want, err := checkRef(ref)
	if err != nil {
		return Descriptor{}, about(err, op, nil)
	}
	q := call{op: op, method: http.MethodHead, path: "/v2/" + r.path + "/manifests/" + ref, header: acceptManifest, actions: actPull}
	var d Descriptor
	err = r.repeat(ctx, func() error {
		a, err := r.deliver(ctx, q)
		if err != nil {
			return about(err, op, nil)
		}
		defer a.body.end()
		switch a.status {
		case http.StatusOK:
			d = headDescriptor(a.header)
			return nil
		case http.StatusMethodNotAllowed, http.StatusNotImplemented:
			return nil
		}
		return about(r.failure(ctx, a), op, a.url)
	})
	if err != nil {
		return Descriptor{}, err
	}
	if d.Digest.IsZero() {
		m, err := r.Manifest(ctx, ref)
		return m.Descriptor(), err
	}
	if !want.IsZero() && d.Digest != want {
		return Descriptor{}, about(fail(DigestMismatch, "expected %s, found %s", want, d.Digest), op, nil)
	}
	return d, nil
}

// headDescriptor is what the headers say, or nothing if they do not say all of it.
func headDescriptor(h http.Header) Descriptor {
	d, err := attest.ParseDigest(h.Get("Docker-Content-Digest"))
	var size int64
	if _, scan := fmt.Sscanf(h.Get("Content-Length"), "%d", &size); err != nil || scan != nil || d.Algorithm != "sha256" || size <= 0 {
		return Descriptor{}
	}
	return Descriptor{MediaType: mediaType(h), Digest: d, Size: size}
}

// Blob writes a blob to w, at most d.Size bytes, and holds it against digest and size. When it fails, w may have got bytes.
func (r *Repository) Blob(ctx context.Context, d Descriptor, w io.Writer) error {
	op := "reading blob " + d.Digest.String() + " of " + r.name
	h, err := hasher(d.Digest)
	if err != nil {
		return about(err, op, nil)
	}
	if d.Size < 0 {
		return about(fail(Malformed, "the descriptor says %d bytes", d.Size), op, nil)
	}
	t := &transfer{want: d, w: w, hash: h}
	if raw, ok := d.Inline(); ok {
		_, err := t.write(raw)
		return err
	}
	for _, m := range r.mirrors {
		err := m.transfer(ctx, op, t)
		if err == nil || CodeOf(err) == "" || t.n > 0 && CodeOf(err) == DigestMismatch { // done, or w is full, or spoilt
			return err
		}
	}
	return r.transfer(ctx, op, t)
}

// ReadBlob reads a blob that has at most limit bytes.
func (r *Repository) ReadBlob(ctx context.Context, d Descriptor, limit int64) ([]byte, error) {
	if d.Size > limit {
		return nil, about(fail(Limit, "it has %d bytes, limit %d", d.Size, limit), "reading blob "+d.Digest.String()+" of "+r.name, nil)
	}
	if raw, ok := d.Inline(); ok {
		return raw, nil
	}
	var buf bytes.Buffer
	for _, m := range r.mirrors { // each on its own, so that one which lies spoils nothing
		buf.Reset()
		if err := m.Blob(ctx, d, &buf); err == nil {
			return buf.Bytes(), nil
		}
	}
	buf.Reset()
	own := *r
	own.mirrors = nil
	if err := own.Blob(ctx, d, &buf); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// pieceSize is how much of a blob is in memory at a time, in bytes.
const pieceSize = 256 << 10

// transfer is a blob on its way. A connection that breaks off is taken up where it broke.
type transfer struct {
	want Descriptor
	w    io.Writer
	hash hash.Hash
	n    int64
}

// writeError is an error of the caller's own writer: no other try helps.
type writeError struct{ err error }

func (e writeError) Error() string { return e.err.Error() }
func (e writeError) Unwrap() error { return e.err }

func (t *transfer) write(p []byte) (int, error) {
	t.hash.Write(p)
	n, err := t.w.Write(p)
	t.n += int64(n)
	if err != nil {
		return n, writeError{err}
	}
	return n, nil
}

func (r *Repository) transfer(ctx context.Context, op string, t *transfer) error {
	q := call{op: op, method: http.MethodGet, path: "/v2/" + r.path + "/blobs/" + t.want.Digest.String(), actions: actPull,
		budget: r.client.small + time.Duration(t.want.Size/MinRate)*time.Second}
	return r.repeat(ctx, func() error {
		q.header = nil
		if t.n > 0 {
			q.header = http.Header{"Range": {fmt.Sprintf("bytes=%d-", t.n)}}
		}
		a, err := r.deliver(ctx, q)
		if err != nil {
			return about(err, op, nil)
		}
		defer a.body.end()
		from := int64(0)
		switch {
		case a.status == http.StatusPartialContent && t.n > 0:
			if from = t.n; !strings.HasPrefix(a.header.Get("Content-Range"), fmt.Sprintf("bytes %d-", t.n)) {
				return about(fail(Malformed, "asked for the bytes from %d on, found %.60q", t.n, a.header.Get("Content-Range")), op, a.url)
			}
		case a.status != http.StatusOK:
			return about(r.failure(ctx, a), op, a.url)
		}
		err = t.take(a, from)
		var own writeError
		if errors.As(err, &own) {
			return fmt.Errorf("%s: %w", op, own.err)
		}
		return about(err, op, a.url)
	})
}

// take reads an answer's body, which starts at byte from of the blob.
func (t *transfer) take(a *answer, from int64) error {
	var length int64
	if _, err := fmt.Sscanf(a.header.Get("Content-Length"), "%d", &length); err == nil && length != t.want.Size-from {
		return fail(DigestMismatch, "the registry sends %d bytes, the descriptor says %d", length+from, t.want.Size)
	}
	if _, err := io.CopyN(io.Discard, a.body, t.n-from); err != nil { // what came before
		return short(err, t)
	}
	if _, err := io.CopyBuffer(writerFunc(t.write), io.LimitReader(a.body, t.want.Size-t.n), make([]byte, max(1, min(pieceSize, t.want.Size-t.n)))); err != nil {
		return err
	}
	if t.n < t.want.Size {
		return short(io.EOF, t)
	}
	var one [1]byte
	if n, err := io.ReadFull(a.body, one[:]); n > 0 {
		return fail(DigestMismatch, "the registry sends more than the %d bytes that the descriptor says", t.want.Size)
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	if got := sum(t.hash); got != t.want.Digest {
		return fail(DigestMismatch, "expected %s, found content of %s", t.want.Digest, got).hint("the registry, or somebody in between, changed it; don't trust it")
	}
	return nil
}

// short is a body that ends before the blob does.
func short(err error, t *transfer) error {
	if errors.Is(err, io.EOF) {
		return fail(DigestMismatch, "the registry sends %d bytes, the descriptor says %d", t.n, t.want.Size)
	}
	return err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
