// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// BenchmarkCopyBlob copies a layer from one server to another. Its CPU time includes both servers, which do as little as they can.
func BenchmarkCopyBlob(b *testing.B) {
	raw := make([]byte, 32<<20)
	if _, err := rand.Read(raw); err != nil {
		b.Fatal(err)
	}
	d := Descriptor{Digest: attest.SHA256(raw), Size: int64(len(raw))}
	from := start(b, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(raw))
	})
	to := start(b, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		switch r.Method {
		case http.MethodHead:
			w.WriteHeader(http.StatusNotFound)
		case http.MethodPost:
			w.Header().Set("Location", strings.Replace(r.URL.Path, "uploads/", "uploads/1", 1))
			w.WriteHeader(http.StatusAccepted)
		default:
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusCreated)
		}
	})
	src, dst := from.repo(b, Options{}), to.repo(b, Options{})
	b.SetBytes(d.Size)
	b.ReportAllocs()
	before := used(b)
	for b.Loop() {
		if how, err := dst.CopyBlob(b.Context(), d, src); err != nil || how != Uploaded {
			b.Fatal(how, err)
		}
	}
	b.ReportMetric(float64(used(b)-before)/float64(b.N)/1e6, "cpu-ms/op")
}

// used is the CPU time of this process, in nanoseconds.
func used(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
