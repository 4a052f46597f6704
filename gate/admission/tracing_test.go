// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/sealock-dev/sealock/gate/admission/trace"
)

// A review, and what was looked up for it, are spans of the trace that the API server began.
func TestTraces(t *testing.T) {
	var mu sync.Mutex
	var got string
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		got += string(raw)
	}))
	defer collector.Close()
	o, err := trace.FromEnvironment(func(name string) string {
		return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_TRACES_SAMPLER": "parentbased_always_off"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(all *Options) { all.Trace = o })
	for _, header := range []string{"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"} {
		for _, image := range []string{"good", "bad" + header} {
			level := map[bool]string{true: "prod", false: "none"}[image == "good"]
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/validate", bytes.NewReader(asks{object: pod(w.image(image, level).Ref())}.body(t)))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("traceparent", header)
			if status, raw := w.serve(req); status != http.StatusOK {
				t.Fatalf("%d: %s", status, raw)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.server.RunTrace(ctx) // what is there is sent
	mu.Lock()
	defer mu.Unlock()
	for text, n := range map[string]int{`"name":"admission review"`: 2, `"name":"image"`: 1, "0af7651916cd43dd8448eb211c80319c": 3, `"stringValue":"refused"`: 2, `"stringValue":"allowed"`: 1, "STAGE_MISSING": 1, "oci.manifest.digest": 1, "shop-prod": 2} {
		if c := strings.Count(got, text); c < n || n == 1 && strings.HasPrefix(text, `"name`) && c != n {
			t.Errorf("%d of %s, expected %d:\n%s", c, text, n, got)
		}
	}
}
