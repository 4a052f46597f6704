// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/shop/internal/web"
)

func TestRead(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		ok   bool
	}{
		"one value":     {`{"name":"a"}`, true},
		"unknown field": {`{"name":"a","admin":true}`, false},
		"two values":    {`{"name":"a"}{"name":"b"}`, false},
		"empty":         {``, false},
		"too large":     {`{"name":"` + strings.Repeat("a", web.MaxBody) + `"}`, false},
	} {
		var v struct{ Name string }
		if err := web.Read(strings.NewReader(tc.body), &v); (err == nil) != tc.ok {
			t.Errorf("%s: error %v, want ok %t", name, err, tc.ok)
		}
	}
}

func TestHealthSaysWhetherItIsReady(t *testing.T) {
	var notReady error
	mux := http.NewServeMux()
	web.Health(mux, func(context.Context) error { return notReady })
	status := func(path string) int {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return w.Code
	}
	if got := status("/readyz"); got != http.StatusOK {
		t.Errorf("ready: %d", got)
	}
	notReady = errors.New("no keys yet")
	if got := status("/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("not ready: %d", got)
	}
	if got := status("/healthz"); got != http.StatusOK {
		t.Errorf("alive: %d", got)
	}
}

func TestServeStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := web.Serve(ctx, "127.0.0.1:0", http.NotFoundHandler()); err != nil {
		t.Fatal(err)
	}
	if err := web.Serve(t.Context(), "256.0.0.1:0", http.NotFoundHandler()); err == nil {
		t.Fatal("an address that does not exist was listened on")
	}
}
