// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bytes"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// echo is a webhook that reads a review and allows it.
func echo(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var in Review
	if err == nil {
		err = attest.DecodeJSON(raw, &in)
	}
	if err != nil || in.Request == nil {
		http.Error(w, "no review", http.StatusBadRequest)
		return
	}
	out, err := attest.EncodeJSON(Review{APIVersion: reviewVersion, Kind: reviewKind, Response: &Response{UID: in.Request.UID, Allowed: true}})
	if err != nil {
		http.Error(w, "no answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(out)
}

// BenchmarkServed compares a verdict that is kept with a webhook that only echoes: eight connections, TLS.
func BenchmarkServed(b *testing.B) {
	w := newWorld(b, func(o *Options) { o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil)) })
	p := pod(w.image("good", "prod").Ref())
	p["metadata"] = obj{"name": "web-6d4cf56db6-x2x4n", "namespace": "shop-prod", "labels": obj{"app": "web", "pod-template-hash": "6d4cf56db6"}, "managedFields": []any{obj{"manager": "kube-controller-manager", "fieldsV1": obj{"f:metadata": obj{"f:labels": obj{".": obj{}, "f:app": obj{}}}, "f:spec": obj{"f:containers": obj{"k:{\"name\":\"web\"}": obj{".": obj{}, "f:image": obj{}, "f:name": obj{}, "f:resources": obj{}}}}}}}}
	body := asks{object: p}.body(b)
	w.post(body)
	for _, c := range []struct {
		name    string
		handler http.Handler
	}{{"echo", http.HandlerFunc(echo)}, {"kept", w.server}, {"echo-again", http.HandlerFunc(echo)}, {"kept-again", w.server}} {
		b.Run(c.name, func(b *testing.B) {
			srv := httptest.NewTLSServer(c.handler)
			defer srv.Close()
			var mu sync.Mutex
			var all []time.Duration
			b.SetParallelism(max(1, 8/runtime.GOMAXPROCS(0)))
			b.RunParallel(func(pb *testing.PB) {
				client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}}} // its own connection to a server of this test
				var took []time.Duration
				for pb.Next() {
					start := time.Now()
					res, err := client.Post(srv.URL+"/validate?timeout=10s", "application/json", bytes.NewReader(body))
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
					took = append(took, time.Since(start))
				}
				mu.Lock()
				all = append(all, took...)
				mu.Unlock()
			})
			slices.Sort(all)
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
		})
	}
}
