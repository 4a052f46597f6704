// SPDX-License-Identifier: Apache-2.0

// Package web has what the three services share: bounded JSON in, JSON out, and a server with time limits that stops cleanly.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// MaxBody is the largest request or response body that is read, in bytes.
const MaxBody = 64 << 10

// stopWithin is how long requests under way may take once the service is told to stop.
const stopWithin = 10 * time.Second

// Read decodes exactly one JSON value of at most MaxBody bytes; unknown fields are errors.
func Read(r io.Reader, into any) error {
	limited := &io.LimitedReader{R: r, N: MaxBody + 1}
	d := json.NewDecoder(limited)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		if limited.N == 0 {
			return fmt.Errorf("body is larger than %d bytes", MaxBody)
		}
		return fmt.Errorf("reading JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("reading JSON: something follows the first value")
	}
	return nil
}

// Write answers with a status and a JSON value.
func Write(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, `{"error":"internal error"}`, http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The status line is out: a client that went away is its own affair.
	_, _ = w.Write(append(b, '\n'))
}

// Refuse answers with a status and a reason that is safe to show.
func Refuse(w http.ResponseWriter, status int, reason string) {
	Write(w, status, map[string]string{"error": reason})
}

// Health adds the probes /healthz (the process is alive) and /readyz (it can serve) to a mux.
func Health(mux *http.ServeMux, ready func(context.Context) error) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		Write(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready(r.Context()); err != nil {
			Refuse(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		Write(w, http.StatusOK, map[string]string{"status": "ready"})
	})
}

// Serve listens until the context ends, then lets requests under way finish.
func Serve(ctx context.Context, address string, h http.Handler) error {
	s := &http.Server{
		Addr:              address,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- s.ListenAndServe() }()
	select {
	case err := <-failed:
		return fmt.Errorf("listening on %s: %w", address, err)
	case <-ctx.Done():
	}
	// The parent is over by now, so the grace period needs a context that is not.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := s.Shutdown(grace); err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}

// Always is the readiness of a service that needs nobody else.
func Always(context.Context) error { return nil }
