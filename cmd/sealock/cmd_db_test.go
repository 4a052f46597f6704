// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

const archive = "../../testdata/vulndb/vulnerability-db.tar.zst"

func TestDB(t *testing.T) {
	home, empty := []string{"HOME=" + t.TempDir()}, t.TempDir()
	file, err := filepath.Abs(archive)
	if err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := callSealock(t, home, "db", "status", "-C", empty); code != exitUndecided || !strings.Contains(stderr, "sealock db update") {
		t.Errorf("status without data: exit %d, %s", code, stderr)
	}
	if _, stderr, code := callSealock(t, home, "db", "import", filepath.Join(empty, "nothing"), "-C", empty); code != exitUsage {
		t.Errorf("import of nothing: exit %d, %s", code, stderr)
	}
	writeText(t, filepath.Join(empty, "text"), "this is no vulnerability data at all")
	if _, stderr, code := callSealock(t, home, "db", "import", "text", "-C", empty); code != exitUsage {
		t.Errorf("import of a text: exit %d, %s", code, stderr)
	}
	out, stderr, code := callSealock(t, home, "db", "import", file, "-C", empty)
	if code != exitAllowed || !strings.Contains(out, "digest   sha256:") {
		t.Fatalf("import: exit %d, %s", code, stderr)
	}
	if out, _, code = callSealock(t, home, "db", "status", "-C", empty, "-o", "json"); code != exitAllowed {
		t.Errorf("status: exit %d", code)
	}
	var st dataStatus
	if err := json.Unmarshal([]byte(out), &st); err != nil || st.Digest == "" || len(st.Providers) == 0 {
		t.Errorf("status: %v, %s", err, out)
	}
	if out, _, _ = callSealock(t, home, "db", "path", "-C", empty); strings.TrimSpace(out) != st.Path {
		t.Errorf("path: %s, status says %s", out, st.Path)
	}
	if _, stderr, code := callSealock(t, home, "db", "import", file, "--db", file, "-C", empty); code != exitUsage || !strings.Contains(stderr, "never replaced") {
		t.Errorf("import over an archive: exit %d, %s", code, stderr)
	}
	if _, _, code := callSealock(t, home, "db", "status", "-o", "sarif", "-C", empty); code != exitUsage {
		t.Errorf("status as sarif: exit %d", code)
	}
}

func TestDBUpdate(t *testing.T) {
	data, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	home, empty := []string{"HOME=" + t.TempDir()}, t.TempDir()
	asked := 0
	built := "2026-11-21T00:00:00Z"
	sum := attest.SHA256(data).String()
	mux := http.NewServeMux()
	mux.HandleFunc("/latest.json", func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_ = json.NewEncoder(w).Encode(map[string]string{"status": "active", "schemaVersion": "v6.1.4", "built": built, "path": "vulnerability-db.tar.zst", "checksum": sum})
	})
	mux.HandleFunc("/vulnerability-db.tar.zst", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
	server := httptest.NewServer(mux)
	defer server.Close()
	url := server.URL + "/latest.json"
	if _, stderr, code := callSealock(t, home, "db", "update", "--offline", "--url", url, "-C", empty); code != exitUsage || asked != 0 {
		t.Errorf("offline: exit %d, asked %d times, %s", code, asked, stderr)
	}
	if _, stderr, code := callSealock(t, home, "db", "update", "--url", url, "-C", empty); code != exitUndecided || !strings.Contains(stderr, "built") {
		t.Errorf("a listing that lies about the date: exit %d, %s", code, stderr)
	}
	if _, _, code := callSealock(t, home, "db", "status", "-C", empty); code != exitUndecided {
		t.Errorf("a failed update left data: exit %d", code)
	}
	built = builtOf(t, empty)
	out, stderr, code := callSealock(t, append(home, "SEALOCK_DB_URL="+url), "db", "update", "-C", empty)
	if code != exitAllowed || !strings.Contains(out, "digest   sha256:") {
		t.Errorf("update: exit %d, %s%s", code, out, stderr)
	}
	if _, stderr, code = callSealock(t, home, "db", "update", "--url", url, "-C", empty); code != exitAllowed || !strings.Contains(stderr, "up to date") {
		t.Errorf("second update: exit %d, %s", code, stderr)
	}
	server.Close()
	if _, stderr, code = callSealock(t, home, "db", "update", "--url", url, "--timeout", "2s", "-C", empty); code != exitUndecided {
		t.Errorf("no server: exit %d, %s", code, stderr)
	}
}

// builtOf is when the sample's data was built.
func builtOf(t *testing.T, folder string) string {
	t.Helper()
	file, err := filepath.Abs(archive)
	if err != nil {
		t.Fatal(err)
	}
	out, stderr, code := callSealock(t, nil, "db", "import", file, "-C", folder, "-o", "json")
	var st dataStatus
	if err := json.Unmarshal([]byte(out), &st); err != nil || code != exitAllowed {
		t.Fatalf("exit %d, %v, %s", code, err, stderr)
	}
	return st.Built
}
