// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// blob gives content, and a descriptor of it that is off by some bytes.
func blob(n, off int) ([]byte, Descriptor) {
	raw := bytes.Repeat([]byte("b"), n)
	return raw, Descriptor{Digest: attest.SHA256(raw), Size: int64(n + off)}
}

func TestT02_BlobSizes(t *testing.T) {
	chunked := func(raw []byte) func(http.ResponseWriter, *http.Request, http.Handler) {
		return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			for len(raw) > 0 {
				n := min(len(raw), 700)
				_, _ = w.Write(raw[:n])
				w.(http.Flusher).Flush()
				raw = raw[n:]
			}
		}
	}
	for _, off := range []int{0, -1, 1} {
		for name, serve := range map[string]func([]byte) func(http.ResponseWriter, *http.Request, http.Handler){
			"chunked": chunked,
			"whole":   func(raw []byte) func(http.ResponseWriter, *http.Request, http.Handler) { return sends(200, "", raw) },
		} {
			raw, d := blob(2000, off)
			var got bytes.Buffer
			err := start(t, serve(raw)).repo(t, Options{}).Blob(t.Context(), d, &got)
			if off == 0 && (err != nil || !bytes.Equal(got.Bytes(), raw)) || off != 0 && CodeOf(err) != DigestMismatch {
				t.Errorf("%s, a descriptor that is off by %d: %v", name, off, err)
			}
			if int64(got.Len()) > d.Size {
				t.Errorf("%s: %d bytes were written, the descriptor says %d", name, got.Len(), d.Size)
			}
		}
	}
	raw, d := blob(100, 0)
	r := start(t, sends(200, "", raw)).repo(t, Options{})
	if _, err := r.ReadBlob(t.Context(), d, 100); err != nil {
		t.Errorf("at the caller's limit: %v", err)
	}
	_, err := r.ReadBlob(t.Context(), d, 99)
	wantCode(t, err, Limit, "limit 99")
	raw[7] = 'x'
	_, err = r.ReadBlob(t.Context(), d, 100)
	wantCode(t, err, DigestMismatch, d.Digest.String(), attest.SHA256(raw).String())
	wantCode(t, r.Blob(t.Context(), Descriptor{Digest: attest.Digest{Algorithm: "sha512", Hex: strings.Repeat("0", 128)}}, io.Discard), Unsupported)
}

func TestT02_EndlessBody(t *testing.T) {
	var sent atomic.Int64
	s := start(t, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		for ; ; sent.Add(1 << 16) {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	r := s.repo(t, Options{})
	wantCode(t, r.Blob(t.Context(), Descriptor{Digest: some, Size: 10}, io.Discard), DigestMismatch, "more than the 10 bytes")
	_, err := r.Manifest(t.Context(), "v1")
	wantCode(t, err, Limit)
	_, _, err = r.Referrers(t.Context(), some)
	wantCode(t, err, Limit)
	s.Close()
	if n := sent.Load(); n > 64<<20 {
		t.Errorf("%d bytes were read", n)
	}
}

// broken serves content in pieces, and breaks the connection off after each.
func broken(raw []byte, piece int, ranges bool) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		from := 0
		if ranges {
			_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
		}
		if from > 0 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(raw)-1, len(raw)))
			w.Header().Set("Content-Length", fmt.Sprint(len(raw)-from))
			w.WriteHeader(206)
		} else {
			w.Header().Set("Content-Length", fmt.Sprint(len(raw)))
		}
		_, _ = w.Write(raw[from:min(len(raw), from+piece)])
		w.(http.Flusher).Flush()
		if from+piece < len(raw) {
			panic(http.ErrAbortHandler)
		}
	}
}

func TestT02_TruncatedBodyIsTakenUpWhereItBroke(t *testing.T) {
	raw := make([]byte, 100_000)
	for i := range raw {
		raw[i] = byte(i * i >> 3)
	}
	d := Descriptor{Digest: attest.SHA256(raw), Size: int64(len(raw))}
	s := start(t, broken(raw, 30_000, true))
	var got bytes.Buffer
	must(t, s.repo(t, Options{}).Blob(t.Context(), d, &got))
	if !bytes.Equal(got.Bytes(), raw) || len(s.requests()) != 4 {
		t.Errorf("%d bytes in %d requests", got.Len(), len(s.requests()))
	}
	err := start(t, broken(raw, 30_000, true)).repo(t, Options{Retries: 2}).Blob(t.Context(), d, io.Discard)
	wantCode(t, err, Unavailable, "broke off", "tried 3 times")
	err = start(t, broken(raw, 30_000, false)).repo(t, Options{}).Blob(t.Context(), d, io.Discard)
	wantCode(t, err, Unavailable, "broke off")
	lies := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		if r.Header.Get("Range") != "" {
			w.Header().Set("Content-Range", "bytes 0-1/2")
			w.WriteHeader(206)
			return
		}
		broken(raw, 30_000, true)(w, r, nil)
	})
	wantCode(t, lies.repo(t, Options{}).Blob(t.Context(), d, io.Discard), Malformed, "from 30000 on")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestBlobWriterFails(t *testing.T) {
	raw, d := blob(100, 0)
	s := start(t, sends(200, "", raw))
	err := s.repo(t, Options{}).Blob(t.Context(), d, full{})
	if err == nil || CodeOf(err) != "" || !strings.Contains(err.Error(), "disk full") || len(s.requests()) != 1 {
		t.Errorf("%v, after %d requests", err, len(s.requests()))
	}
}

func TestBlobInline(t *testing.T) {
	raw, d := blob(10, 0)
	d.Data = raw
	s := start(t, nil)
	if got, err := s.repo(t, Options{}).ReadBlob(t.Context(), d, 10); err != nil || !bytes.Equal(got, raw) || len(s.requests()) != 0 {
		t.Errorf("%q, %v, %q", got, err, s.requests())
	}
	d.Data = []byte("bbbbbbbbbx")
	if _, err := s.repo(t, Options{}).ReadBlob(t.Context(), d, 10); !IsNotFound(err) {
		t.Errorf("data that is not what the digest says was taken: %v", err)
	}
}

func TestT13_Stall(t *testing.T) {
	for _, when := range []string{"headers", "body"} {
		done := make(chan struct{})
		s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			if when == "body" {
				_, _ = io.WriteString(w, "{")
				w.(http.Flusher).Flush()
			}
			select {
			case <-r.Context().Done():
			case <-done:
			}
		})
		r := s.repo(t, Options{})
		r.client.stall = 50 * time.Millisecond
		_, err := r.Manifest(t.Context(), "v1")
		wantCode(t, err, Timeout, "nothing came for 50ms")
		wantCode(t, r.Blob(t.Context(), Descriptor{Digest: some, Size: 10}, io.Discard), Timeout)
		if n := len(s.requests()); n != 2 {
			t.Errorf("%s: %d requests", when, n)
		}
		close(done)
	}
}

func TestT13_Dripping(t *testing.T) {
	done := make(chan struct{})
	s := start(t, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		for {
			select {
			case <-time.After(5 * time.Millisecond):
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
			case <-done:
				return
			}
		}
	})
	defer close(done)
	r := s.repo(t, Options{})
	r.client.small = 100 * time.Millisecond
	_, err := r.Manifest(t.Context(), "v1")
	wantCode(t, err, Timeout, "not done within 100ms")
}

func TestLargeUploadIsHashedAndStored(t *testing.T) {
	raw := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	r := start(t, nil).repo(t, Options{})
	d, err := r.PutBlob(t.Context(), raw, "x/y")
	must(t, err)
	h := sha256.New()
	must(t, r.Blob(t.Context(), d, h))
	if hex.EncodeToString(h.Sum(nil)) != d.Digest.Hex {
		t.Error("the blob came back as something else")
	}
}
