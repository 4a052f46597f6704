// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdCluster serves the objects in a folder as an API server would, to whoever shows the token: cluster VARIABLE FOLDER. The object at /api/v1/… is the file of that name there. The
// folder gets the files ca.crt and token, and the variable the address.
func cmdCluster(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cluster VARIABLE FOLDER")
	}
	dir := ts.MkAbs(args[1])
	writeCertificate(ts, dir)
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
	ts.Check(err)
	ts.Check(os.Rename(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "ca.crt")))
	ts.Check(os.WriteFile(filepath.Join(dir, "token"), []byte("of the service account\n"), 0o600))
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(filepath.Clean(r.URL.Path)))) // a script writes it
		switch {
		case r.Header.Get("Authorization") != "Bearer of the service account":
			http.Error(w, `{"kind":"Status","code":401}`, http.StatusUnauthorized)
		case err != nil:
			http.Error(w, `{"kind":"Status","code":404}`, http.StatusNotFound)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(raw)
		}
	}))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	srv.StartTLS()
	ts.Defer(srv.Close)
	ts.Setenv(args[0], srv.URL)
}
